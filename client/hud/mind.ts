/** The part of the panel that tells what trained players think. What it shows is loaded when something is opened first. */
import type { MindChoice } from '../arena/minds/choice.ts';
import { el } from '../dom.ts';
import { icon } from '../icons.ts';
import type { RoomSession } from '../session.ts';
import type { MindView } from './mind-view.ts';
import type { MindsView } from './minds-view.ts';

interface Views {
  readonly MindView: typeof MindView;
  readonly MindsView: typeof MindsView;
}

export class MindSection {
  readonly element: HTMLElement;
  readonly #session: RoomSession;
  readonly #choice: MindChoice;
  readonly #all: HTMLButtonElement;
  readonly #close: HTMLButtonElement;
  readonly #content = el('div');
  readonly #hint = el(
    'p',
    { class: 'quiet' },
    'Click a trained player on the map, or press ',
    el('kbd', {}, 'M'),
    ', to see what it thinks.',
  );
  readonly #stops: readonly (() => void)[];
  #views: Views | null = null;
  #mind: MindView | null = null;
  #minds: MindsView | null = null;
  /** Parts that are to be written. */
  #stale = 0;

  constructor(session: RoomSession, choice: MindChoice) {
    this.#session = session;
    this.#choice = choice;
    this.#all = el(
      'button',
      {
        type: 'button',
        class: 'small',
        'aria-pressed': 'false',
        'data-testid': 'all-minds',
        title: 'Arrows of influence between all trained players (Shift+M)',
        on: { click: () => choice.toggleAll() },
      },
      'All minds',
    );
    this.#close = el(
      'button',
      {
        type: 'button',
        class: 'small',
        hidden: true,
        'data-testid': 'close-mind',
        title: 'Close this mind (Esc)',
        'aria-label': 'Close this mind',
        on: { click: () => choice.close() },
      },
      icon('close'),
    );
    this.element = el(
      'section',
      { class: 'minds', 'aria-label': 'Minds', hidden: true },
      el(
        'div',
        { class: 'section-head' },
        el('h2', {}, 'Minds'),
        el('div', { class: 'buttons' }, this.#all, this.#close),
      ),
      this.#content,
    );
    this.#stops = [choice.changed.on(() => this.changed()), session.minds.changed.on(() => this.#take())];
  }

  destroy(): void {
    for (const stop of this.#stops) stop();
  }

  /** Seats, names, or what is looked at. */
  changed(): void {
    const { trained, selected, all } = this.#choice;
    this.element.hidden = trained.length === 0;
    this.#all.setAttribute('aria-pressed', String(all));
    this.#close.hidden = selected === null;
    if (this.#views === null && (selected !== null || all)) void this.#load();
    this.#show();
    const { seats } = this.#session;
    this.#mind?.name(seats);
    this.#minds?.name(seats);
  }

  /** Writes a part of what is new: all at once would be felt in a frame. */
  refresh(): void {
    if (this.#stale === 0) return;
    this.#stale--;
    if (this.#mind !== null) {
      if (this.#stale === 1) this.#mind.writeOwn();
      else this.#mind.writeOthers();
    } else {
      this.#stale = 0;
      this.#minds?.write((seat) => this.#session.minds.of(seat));
    }
  }

  async #load(): Promise<void> {
    const [{ MindView }, { MindsView }] = await Promise.all([
      import('./mind-view.ts'),
      import('./minds-view.ts'),
    ]);
    if (this.#views !== null) return;
    this.#views = { MindView, MindsView };
    this.changed();
    this.#take();
  }

  #show(): void {
    const { selected, all, trained } = this.#choice;
    const { welcome } = this.#session;
    if (this.#views === null || welcome === null || (selected === null && !all)) {
      this.#mind = null;
      this.#minds = null;
      this.#content.replaceChildren(this.#hint);
      return;
    }
    const { MindView, MindsView } = this.#views;
    if (selected !== null) {
      this.#minds = null;
      if (this.#mind?.seat === selected) return;
      this.#mind = new MindView(selected, welcome);
      this.#content.replaceChildren(this.#mind.element);
    } else {
      this.#mind = null;
      if (this.#minds?.shows(trained)) return;
      this.#minds = new MindsView(trained, welcome, (seat) => this.#choice.toggle(seat));
      this.#content.replaceChildren(this.#minds.element);
    }
    this.#take();
  }

  #take(): void {
    const { minds, seats } = this.#session;
    if (this.#mind !== null) this.#mind.take(minds.of(this.#mind.seat), seats);
    this.#minds?.take((seat) => minds.of(seat));
    if (this.#mind !== null || this.#minds !== null) this.#stale = 2;
  }
}
