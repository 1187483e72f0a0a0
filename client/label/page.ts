/**
 * Where people say what they would have done: the window of an agent in large, the frames before it played first, what the
 * agent would do, and the usual keys to answer.
 */
import type { StateShown } from '../../shared/protocol/labels.ts';
import { MAP_COLOURS } from '../arena/palette.ts';
import type { Clock } from '../clock.ts';
import { el, setShare, setText, toast } from '../dom.ts';
import { formatRoute } from '../route.ts';
import type { Settings } from '../settings.ts';
import { activeTheme, prefersStill, themeButton } from '../theme.ts';
import { keyOf, SKIP_KEY, saidBy, UNDO_KEY } from './keys.ts';
import type { LabelSession } from './label-session.ts';
import { paintWindow } from './window-canvas.ts';

/** Between frames. */
const FRAME_MS = 180;

export class LabelPage {
  readonly #session: LabelSession;
  readonly #settings: Settings;
  readonly #clock: Clock;
  readonly #title = el('h1', {}, 'Say what you would do');
  readonly #progress = el('p', { class: 'quiet', 'data-testid': 'label-progress' });
  readonly #bar = el('i');
  readonly #canvas = el('canvas', {
    class: 'label-window',
    role: 'img',
    'aria-label': 'What the agent sees, facing up',
    'data-testid': 'label-window',
  });
  readonly #when = el('p', { class: 'quiet label-when' });
  readonly #actions = el('div', { class: 'label-actions', role: 'group', 'aria-label': 'What you would do' });
  readonly #undo: HTMLButtonElement;
  readonly #skip: HTMLButtonElement;
  readonly #work: HTMLElement;
  readonly #note = el('div', { class: 'state', role: 'status', 'data-testid': 'label-note' });
  readonly #stops: (() => void)[] = [];
  #shown: StateShown | null = null;
  #buttons: HTMLButtonElement[] = [];
  #frame = 0;
  #cancelFrame: (() => void) | null = null;

  constructor(host: Element, session: LabelSession, settings: Settings, clock: Clock) {
    this.#session = session;
    this.#settings = settings;
    this.#clock = clock;
    const button = (text: string, key: string, testId: string, act: () => void) =>
      el('button', { 'data-testid': testId, on: { click: act } }, text, el('kbd', {}, key));
    this.#undo = button('Take the last one back', UNDO_KEY, 'label-undo', () => session.undo());
    this.#skip = button('Pass over', SKIP_KEY, 'label-skip', () => session.answer(null));
    const again = el('button', { class: 'quiet-button', on: { click: () => this.#play() } }, 'Play it again');
    this.#work = el(
      'div',
      { class: 'label-work' },
      el('figure', {}, this.#canvas, el('figcaption', {}, this.#when, again)),
      el(
        'section',
        { 'aria-label': 'Your answer' },
        el('h2', {}, 'What would you do here?'),
        el(
          'p',
          { class: 'quiet label-hint' },
          'The bars are what the agent would do. The beak points where it looks.',
        ),
        this.#actions,
        el('div', { class: 'label-more' }, this.#undo, this.#skip),
      ),
    );
    host.replaceChildren(
      el(
        'div',
        { class: 'label-page' },
        el(
          'header',
          { class: 'top' },
          this.#title,
          this.#progress,
          el('a', { class: 'button', href: formatRoute({ page: 'lobby' }) }, 'Lobby'),
          themeButton(settings, () => this.#paint()),
        ),
        el('div', { class: 'label-bar', 'aria-hidden': 'true' }, this.#bar),
        el('main', {}, this.#note, this.#work),
      ),
    );
    this.#stops.push(
      session.changed.on(() => this.#update()),
      session.refused.on((message) => toast(message)),
    );
    const press = (event: KeyboardEvent) => this.#press(event);
    addEventListener('keydown', press);
    this.#stops.push(() => removeEventListener('keydown', press));
    this.#update();
  }

  destroy(): void {
    for (const stop of this.#stops) stop();
    this.#cancelFrame?.();
    this.#session.close();
  }

  #press(event: KeyboardEvent): void {
    const { sheet } = this.#session;
    if (sheet === null || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    const said = saidBy(event.code, this.#settings.bindings, sheet.actions.length);
    if (said === null) return;
    // Space would press whichever button has the focus, too.
    event.preventDefault();
    if (said === 'undo') this.#session.undo();
    else this.#session.answer(said === 'skip' ? null : said);
  }

  #update(): void {
    const { sheet, asked, trouble, undoable } = this.#session;
    if (sheet !== null) {
      setText(this.#title, sheet.title);
      const { labelled, skipped, states, people, round } = sheet;
      const others = people > 1 ? `, ${people} people` : '';
      setText(
        this.#progress,
        `round ${round + 1}: ${labelled} of ${states} labelled${skipped > 0 ? `, ${skipped} passed over` : ''}${others}`,
      );
      setShare(this.#bar, states === 0 ? 0 : (labelled + skipped) / states);
      if (this.#buttons.length !== sheet.actions.length) this.#makeButtons(sheet.actions);
    }
    const text = this.#noteText();
    this.#note.hidden = text === null;
    this.#work.hidden = text !== null;
    if (text !== null) {
      const link = trouble?.over === true && el('a', { class: 'button', href: '#/' }, 'To the lobby');
      this.#note.replaceChildren(el('p', {}, text), ...(link === false ? [] : [link]));
    }
    this.#undo.disabled = undoable === 0;
    this.#skip.disabled = asked === null;
    for (const button of this.#buttons) button.disabled = asked === null;
    if (asked !== null && asked !== this.#shown) {
      this.#shown = asked;
      this.#buttons.forEach((button, action) => {
        const p = asked.probabilities[action] ?? 0;
        setShare(button.querySelector('i')!, p);
        setText(button.querySelector('.number')!, `${Math.round(100 * p)}%`);
      });
      this.#play();
    }
  }

  /** What is said instead of a state; null where there is one, or one is about to come. */
  #noteText(): string | null {
    const { sheet, asked, trouble } = this.#session;
    if (trouble !== null) return trouble.over ? trouble.text : `${trouble.text} Trying again …`;
    if (sheet === null) return 'Asking what there is …';
    if (sheet.status === 'away') {
      return 'The trainer is away. What you have said is kept for it for ten minutes; leave this page open.';
    }
    if (sheet.status === 'learning') {
      return 'Thank you: this round is done. The agent learns from it now, and plays; the next round comes by itself.';
    }
    if (asked !== null || this.#session.undoable > 0) return null;
    return this.#shown === null || sheet.people > 1
      ? 'The rest of this round is with others. The next round comes by itself.'
      : null;
  }

  #makeButtons(actions: readonly string[]): void {
    const { bindings } = this.#settings;
    this.#buttons = actions.map((label, action) =>
      el(
        'button',
        {
          class: 'label-action',
          'data-testid': 'label-action',
          on: { click: () => this.#session.answer(action) },
        },
        el('kbd', {}, keyOf(action, bindings, actions.length) ?? ''),
        el('span', {}, label),
        el('span', { class: 'number quiet' }),
        el('span', { class: 'label-share', 'aria-hidden': 'true' }, el('i')),
      ),
    );
    this.#actions.replaceChildren(...this.#buttons);
  }

  /** Shows the frames one after another, and stays at the one that is asked about. */
  #play(): void {
    this.#cancelFrame?.();
    const frames = this.#shown?.frames ?? 1;
    this.#frame = prefersStill() ? frames - 1 : 0;
    this.#paint();
    const next = () => {
      if (this.#frame >= frames - 1) return;
      this.#cancelFrame = this.#clock.after(FRAME_MS, () => {
        this.#frame++;
        this.#paint();
        next();
      });
    };
    next();
  }

  #paint(): void {
    const { sheet } = this.#session;
    const shown = this.#shown;
    if (sheet === null || shown === null) return;
    const cells = shown.observations.length / shown.frames;
    const window = shown.observations.subarray(this.#frame * cells, (this.#frame + 1) * cells);
    paintWindow(this.#canvas, window, sheet.window, MAP_COLOURS[activeTheme()]);
    const before = shown.frames - 1 - this.#frame;
    setText(
      this.#when,
      before === 0 ? 'Now: what would you do?' : `${before} ${before === 1 ? 'step' : 'steps'} before`,
    );
    this.#canvas.classList.toggle('before', before > 0);
  }
}
