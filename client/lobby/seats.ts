/** Who plays in a new room: a tile a seat, and one for all of them at once. */

import { isTrained } from '../../shared/protocol/index.ts';
import { originOf, type PolicyCatalogue, shortName } from '../agents/catalogue.ts';
import type { FillingDialog } from '../agents/filling-dialog.ts';
import { misfit, needsReveal, type Place } from '../agents/fit.ts';
import { el, setText } from '../dom.ts';
import { badge } from '../players.ts';

/** Seats that are listed one by one; a larger room repeats the list. */
export const LISTED_SEATS = 24;
/** What plays a seat that nothing was said of. */
const USUAL = 'greedy';

export class SeatTiles {
  readonly element: HTMLElement;
  readonly #catalogue: PolicyCatalogue;
  readonly #dialog: FillingDialog;
  readonly #place: () => Place;
  readonly #changed: () => void;
  readonly #fillings: string[] = [];
  readonly #tiles = el('div', { class: 'seats' });
  readonly #every = el('span', { class: 'who' });
  readonly #note = el('p', { class: 'help', role: 'status', 'data-testid': 'reveal-note' });

  /**
   * @param place the room as it is typed so far.
   * @param changed told after each choice.
   */
  constructor(catalogue: PolicyCatalogue, dialog: FillingDialog, place: () => Place, changed: () => void) {
    this.#catalogue = catalogue;
    this.#dialog = dialog;
    this.#place = place;
    this.#changed = changed;
    const every = el(
      'button',
      {
        type: 'button',
        class: 'seat every',
        'data-testid': 'every-seat',
        on: { click: () => void this.#fillAll() },
      },
      el('span', { class: 'quiet' }, 'All seats'),
      this.#every,
      el('span', { class: 'quiet kind' }, 'change'),
    );
    this.element = el('div', {}, every, this.#tiles, this.#note);
  }

  /** What plays each listed seat. */
  get fillings(): readonly string[] {
    return this.#fillings;
  }

  /** Whether players must be told what everybody did, for somebody who plays here learned by it. */
  get reveals(): boolean {
    return this.#learnedByActions.length > 0;
  }

  /** What is wrong with who is seated, in the room as it is typed now; null for nothing. */
  get misfit(): string | null {
    const place = this.#place();
    for (const [seat, filling] of this.#fillings.entries()) {
      const policy = this.#catalogue.find(filling);
      const problem = policy === undefined ? null : misfit(policy, place);
      if (problem !== null)
        return `Seat ${seat + 1}, ${shortName(filling)}: ${problem} Choose another for it.`;
    }
    return null;
  }

  /** @param players of the room; more than are listed repeat the list. */
  resize(players: number): void {
    const seats = Math.min(players, LISTED_SEATS);
    if (seats === this.#fillings.length) return;
    while (this.#fillings.length < seats) this.#fillings.push(this.#fillings.at(-1) ?? USUAL);
    this.#fillings.length = seats;
    this.show();
  }

  /** Another environment was chosen: those who do not play it give way to the usual bot. */
  dropMisfits(environment: string): void {
    this.#fillings.forEach((filling, seat) => {
      const policy = this.#catalogue.find(filling);
      if (policy !== undefined && policy.environment !== environment) this.#fillings[seat] = USUAL;
    });
    this.show();
  }

  get #learnedByActions(): string[] {
    const { view } = this.#place();
    return [...new Set(this.#fillings)].filter((filling) => {
      const policy = this.#catalogue.find(filling);
      return policy !== undefined && needsReveal(policy, view);
    });
  }

  async #fillAll(): Promise<void> {
    const filling = await this.#ask('all seats', this.#fillings[0] ?? USUAL);
    if (filling === null) return;
    this.#fillings.fill(filling);
    this.show();
    this.#changed();
  }

  async #fill(seat: number): Promise<void> {
    const filling = await this.#ask(`seat ${seat + 1}`, this.#fillings[seat]!);
    if (filling === null || seat >= this.#fillings.length) return;
    this.#fillings[seat] = filling;
    this.show();
    this.#changed();
    (this.#tiles.children[seat] as HTMLElement | undefined)?.focus();
  }

  #ask(title: string, current: string): Promise<string | null> {
    return this.#dialog.ask({ title, current, place: this.#place() });
  }

  /** Writes anew who plays, and what follows from it. */
  show(): void {
    const kinds = new Set(this.#fillings);
    setText(this.#every, kinds.size === 1 ? fillingName(this.#fillings[0]!) : summary(this.#fillings));
    this.#tiles.replaceChildren(...this.#fillings.map((filling, seat) => this.#tile(filling, seat)));
    this.tell();
  }

  /** Writes anew what the room tells its agents: that depends on what players see, too. */
  tell(): void {
    const told = this.#learnedByActions.map(shortName);
    setText(
      this.#note,
      told.length === 0
        ? ''
        : `${told.join(' and ')} learned by hearing of the others, so this room tells its agents what everybody did in the last step (revealActions).`,
    );
  }

  #tile(filling: string, seat: number): HTMLElement {
    const name = fillingName(filling);
    const kind = kindOfFilling(filling);
    return el(
      'button',
      {
        type: 'button',
        class: 'seat',
        'data-testid': `seat-${seat}`,
        'data-filling': filling,
        title: isTrained(filling) ? filling : null,
        'aria-label': `Seat ${seat + 1}: ${name}, ${kind}. Change`,
        on: { click: () => void this.#fill(seat) },
      },
      badge(seat),
      el('span', { class: 'who' }, name),
      el('span', { class: 'quiet kind' }, kind),
    );
  }
}

/** What a filling is called. */
export function fillingName(filling: string): string {
  return filling === 'open' ? 'open' : shortName(filling);
}

/** What a filling is. */
export function kindOfFilling(filling: string): string {
  if (filling === 'open') return 'for a person';
  if (!isTrained(filling)) return 'bot';
  return originOf(filling) === 'own' ? 'trained, own' : 'trained';
}

/** `2 open, 3 greedy`. */
function summary(fillings: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const filling of fillings) counts.set(filling, (counts.get(filling) ?? 0) + 1);
  return Array.from(counts, ([filling, count]) => `${count} ${fillingName(filling)}`).join(', ');
}
