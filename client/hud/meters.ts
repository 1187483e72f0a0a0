/** The commons in numbers: alive or not, at a glance. */

import type { SocialOutcome } from '../../shared/metrics.ts';
import { ClassId } from '../../shared/palette.ts';
import type { WorldMirror } from '../../shared/protocol/index.ts';
import { el, setText } from '../dom.ts';
import { format } from '../numbers.ts';

export class Meters {
  readonly element = el('dl', { class: 'meters' });
  readonly #values = new Map<string, HTMLElement>();
  readonly #sites: number;

  /** @param sites where apples can grow. */
  constructor(sites: number, hasWaste: boolean) {
    this.#sites = sites;
    for (const name of [
      'apples',
      ...(hasWaste ? ['waste'] : []),
      'collective',
      'equality',
      'sustainability',
    ]) {
      const value = el('dd', { class: 'number', 'data-testid': `meter-${name}` }, '–');
      this.#values.set(name, value);
      this.element.append(el('div', { class: name }, el('dt', {}, name), value));
    }
  }

  update(mirror: WorldMirror, outcome: SocialOutcome): void {
    const apples = mirror.count(ClassId.apple);
    this.#put('apples', `${apples}/${this.#sites}`);
    this.#put('waste', String(mirror.count(ClassId.waste)));
    this.#put('collective', format(outcome.collectiveReturn));
    this.#put('equality', outcome.nothingEaten ? '–' : outcome.equality.toFixed(2));
    this.#put('sustainability', outcome.nothingEaten ? '–' : outcome.sustainability.toFixed(0));
    const share = this.#sites > 0 ? Math.round((200 * apples) / this.#sites) : 100;
    const colour = `color-mix(in oklab, var(--accent) ${Math.min(100, share)}%, var(--collapse))`;
    const value = this.#values.get('apples')!;
    if (value.style.color !== colour) value.style.color = colour;
  }

  #put(name: string, text: string): void {
    const value = this.#values.get(name);
    if (value) setText(value, text);
  }
}
