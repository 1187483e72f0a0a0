/** A name in a narrow column: what is cut short is its stem, not the number that tells it from others of its kind. */
import { el, setText } from '../dom.ts';

export class NameCell {
  readonly #stem = el('span', { class: 'who' });
  readonly #number = el('span', { class: 'number' });
  readonly element = el('span', { class: 'name-cell' }, this.#stem, this.#number);

  show(name: string): void {
    const [, stem = name, number = ''] = /^(.+)( \d+)$/.exec(name) ?? [];
    setText(this.#stem, stem);
    setText(this.#number, number);
  }
}
