/** Being recorded: what somebody is asked before taking a seat in a room that records, and how to take it back. */
import { el, setText } from '../dom.ts';
import type { RoomSession } from '../session.ts';

/** Opens while the session waits for an answer. */
export class ConsentDialog {
  readonly element: HTMLDialogElement;
  readonly #session: RoomSession;

  constructor(session: RoomSession) {
    this.#session = session;
    this.element = el(
      'dialog',
      { class: 'sheet consent-dialog', 'aria-labelledby': 'consent-title', 'data-testid': 'consent' },
      el('h2', { id: 'consent-title' }, 'May your play be recorded?'),
      el(
        'p',
        {},
        'This room keeps what people do, so that agents can learn from it. Whether you agree or not, you play the same game.',
      ),
      el(
        'dl',
        { class: 'terms' },
        term(
          'What',
          'step by step: what your player sees and hears of others, what you do and what it earns',
        ),
        term('Not', 'your name, where you are, or anything outside the game'),
        term('For', 'agents that learn by imitating people'),
        term('Where', 'in a folder of this arena, with whoever runs it'),
        term('Until', 'for good, unless you take it back while you sit: then this sitting is deleted'),
      ),
      el(
        'form',
        { method: 'dialog', class: 'buttons end' },
        el('button', { value: '' }, 'Only watch'),
        el('button', { value: 'no', 'data-testid': 'play-without' }, 'Play without'),
        el(
          'button',
          { value: 'yes', class: 'primary', 'data-testid': 'play-recorded' },
          'Play and be recorded',
        ),
      ),
    );
    this.element.addEventListener('close', () => {
      const { returnValue } = this.element;
      session.answer(returnValue === 'yes' ? true : returnValue === 'no' ? false : null);
    });
  }

  /** The session has changed. */
  update(): void {
    const asking = this.#session.asking !== null && this.#session.status === 'live';
    if (asking && !this.element.open) {
      this.element.returnValue = '';
      this.element.showModal();
    }
  }
}

/** The line under the players: whether one is recorded, and a way to change that. */
export class ConsentLine {
  readonly element: HTMLElement;
  readonly #session: RoomSession;
  readonly #text = el('span');
  readonly #button: HTMLButtonElement;

  constructor(session: RoomSession) {
    this.#session = session;
    this.#button = el('button', {
      type: 'button',
      class: 'small',
      'data-testid': 'change-consent',
      on: { click: () => session.consent(!this.#recorded) },
    });
    this.element = el(
      'div',
      { class: 'consent', hidden: true, 'data-testid': 'consent-line' },
      this.#text,
      this.#button,
    );
  }

  update(): void {
    const { welcome, seat } = this.#session;
    this.element.hidden = !welcome?.record;
    this.#button.hidden = seat === null;
    const recorded = this.#recorded;
    this.#text.className = recorded ? 'recorded' : 'quiet';
    if (seat === null) setText(this.#text, 'Records people who agree to it.');
    else setText(this.#text, recorded ? 'You are being recorded.' : 'You are not recorded.');
    setText(this.#button, recorded ? 'Stop and delete' : 'Record me');
  }

  get #recorded(): boolean {
    const { seat, seats } = this.#session;
    return seat !== null && seats[seat]?.recorded === true;
  }
}

function term(label: string, text: string): HTMLElement {
  return el('div', {}, el('dt', {}, label), el('dd', {}, text));
}
