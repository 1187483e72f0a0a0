/** What just happened, in words; what happens often is counted in one line. */
import type { MirrorEvent } from '../../shared/protocol/index.ts';
import { el, setText } from '../dom.ts';
import { badge } from '../players.ts';

export interface FeedLine {
  readonly kind: 'ate' | 'missed' | 'hit' | 'cleaned';
  readonly player: number;
  readonly target: number;
  count: number;
  /** Step of the last time. */
  step: number;
  /** What the target lost, for a hit. */
  loss: number;
}

const LONGEST = 24;
/** Lines on screen. */
const SHOWN = 8;
/** The same within so many steps is the same line. */
const SAME_LINE_STEPS = 24;

/** Lines, newest last. */
export class FeedModel {
  readonly lines: FeedLine[] = [];

  clear(): void {
    this.lines.length = 0;
  }

  /** @param rewards of the step, by player. */
  step(events: readonly MirrorEvent[], rewards: ArrayLike<number>, step: number): void {
    for (const { kind, player, target } of events) {
      if (kind === 'fined') {
        const hit = events.some((event) => event.kind === 'hit' && event.player === player);
        if (!hit) this.#add('missed', player, 0, step, 0);
      } else this.#add(kind, player, target, step, kind === 'hit' ? Math.max(0, -rewards[target]!) : 0);
    }
  }

  #add(kind: FeedLine['kind'], player: number, target: number, step: number, loss: number): void {
    const known = this.lines.findLastIndex(
      (line) => line.kind === kind && line.player === player && line.target === target,
    );
    const line = this.lines[known];
    if (line !== undefined && step - line.step <= SAME_LINE_STEPS) {
      line.count++;
      line.step = step;
      line.loss += loss;
      // A fine is news each time, an apple is not.
      if (kind === 'hit') this.lines.push(...this.lines.splice(known, 1));
      return;
    }
    this.lines.push({ kind, player, target, count: 1, step, loss });
    if (this.lines.length > LONGEST) this.lines.shift();
  }
}

/** A line in words, without the players' badges. */
export function wordsOf(line: FeedLine, name: (player: number) => string): string {
  const times = line.count > 1 ? ` ×${line.count}` : '';
  const who = name(line.player);
  if (line.kind === 'ate') return `${who} ate${times}`;
  if (line.kind === 'cleaned') return `${who} cleaned${times}`;
  if (line.kind === 'missed') return `${who} fined nobody${times}`;
  return `${who} fined ${name(line.target)}${line.loss > 0 ? ` (−${line.loss})` : ''}${times}`;
}

export class FeedView {
  readonly element = el('ol', { class: 'feed', 'data-testid': 'feed', 'aria-label': 'What just happened' });
  readonly #model: FeedModel;
  readonly #nothing = el('li', { class: 'quiet' }, 'Nothing has happened yet.');
  #items: ReadonlyMap<FeedLine, FeedItem> = new Map();

  constructor(model: FeedModel) {
    this.#model = model;
  }

  /** Newest first. Lines that stay keep their elements: most of the list does not change from one call to the next. */
  update(name: (player: number) => string): void {
    const lines = this.#model.lines.slice(-SHOWN).reverse();
    const items = lines.map((line) => {
      const item = this.#items.get(line) ?? new FeedItem(line);
      item.update(wordsOf(line, name));
      return [line, item] as const;
    });
    this.#items = new Map(items);
    const elements = items.length > 0 ? items.map(([, item]) => item.element) : [this.#nothing];
    const { children } = this.element;
    if (children.length === elements.length && elements.every((element, k) => children[k] === element))
      return;
    this.element.replaceChildren(...elements);
  }
}

class FeedItem {
  readonly element: HTMLElement;
  readonly #words = el('span');

  constructor(line: FeedLine) {
    this.element = el(
      'li',
      { class: line.kind },
      badge(line.player),
      this.#words,
      line.kind === 'hit' && badge(line.target),
    );
  }

  update(words: string): void {
    setText(this.#words, words);
  }
}
