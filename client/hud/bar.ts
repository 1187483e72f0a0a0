/** The line above the map: where we are, how far the episode is, how well the room and the line run. */
import { el, setShare, setText } from '../dom.ts';
import { icon } from '../icons.ts';
import type { RoomSession } from '../session.ts';

export interface BarActions {
  readonly help: () => void;
  readonly controls: () => void;
  /** What is shown no longer comes live. */
  readonly replay: () => void;
}

export class Bar {
  readonly element: HTMLElement;
  readonly #session: RoomSession;
  readonly #actions: BarActions;
  readonly #title = el('h1', { class: 'room-title' });
  readonly #episode = el('span', { class: 'quiet number' });
  readonly #step = el('span', { class: 'number', 'data-testid': 'step' });
  readonly #share = el(
    'div',
    { class: 'bar', role: 'progressbar', 'aria-label': 'Episode', 'aria-valuemin': 0, 'aria-valuemax': 100 },
    el('i'),
  );
  readonly #rate = el('span', { class: 'number', 'data-testid': 'tick-rate', title: 'Ticks a second' });
  readonly #latency = el('span', {
    class: 'number',
    'data-testid': 'latency',
    title: 'Round trip to the arena',
  });
  readonly #pause = el(
    'button',
    {
      type: 'button',
      class: 'icon',
      'aria-pressed': 'false',
      'aria-label': 'Pause what I see',
      title: 'Pause what you see; the room plays on',
    },
    icon('pause'),
  );
  readonly #slow = el(
    'button',
    {
      type: 'button',
      class: 'icon',
      'aria-pressed': 'false',
      'aria-label': 'Slow motion',
      title: 'Slow motion; the room plays on',
    },
    '¼×',
  );
  readonly #live = el('button', {
    type: 'button',
    class: 'small',
    hidden: true,
    title: 'Back to the present',
  });
  readonly #playback: HTMLElement;

  constructor(session: RoomSession, actions: BarActions, theme: HTMLElement) {
    this.#session = session;
    this.#actions = actions;
    this.#playback = el('span', { class: 'playback' }, this.#live, this.#pause, this.#slow);
    this.#pause.addEventListener('click', () => this.#setRate(session.playback.rate === 0 ? 1 : 0));
    this.#slow.addEventListener('click', () => this.#setRate(session.playback.rate === 0.25 ? 1 : 0.25));
    this.#live.addEventListener('click', () => {
      session.playback.goLive();
      this.update(null, null);
    });
    this.element = el(
      'header',
      { class: 'top room-bar' },
      el(
        'a',
        { class: 'button icon', href: '#/', 'aria-label': 'Back to the lobby', title: 'Lobby' },
        icon('back'),
      ),
      this.#title,
      el('span', { class: 'facts' }, this.#episode, this.#step),
      el('span', { class: 'facts end' }, this.#rate, this.#latency),
      this.#playback,
      el(
        'button',
        {
          type: 'button',
          class: 'icon',
          'aria-label': 'Controls',
          title: 'Controls',
          on: { click: actions.controls },
        },
        icon('keys'),
      ),
      el(
        'button',
        {
          type: 'button',
          class: 'icon',
          'aria-label': 'How to play',
          title: 'How to play (?)',
          on: { click: actions.help },
        },
        icon('help'),
      ),
      theme,
      this.#share,
    );
  }

  /** @param rate Hz as measured, null for as before. @param latency milliseconds, null for as before. */
  update(rate: number | null, latency: number | null): void {
    const { welcome, mirror, window, inWindow, playback, pace, time } = this.#session;
    if (welcome === null) return;
    const episode = inWindow ? (window?.episode ?? 0) : (mirror?.episode ?? 0);
    setText(this.#title, welcome.title);
    const of = welcome.episodes > 0 ? `/${welcome.episodes}` : '';
    setText(this.#episode, `${welcome.environment} · episode ${episode + 1}${of}`);
    setText(this.#step, `step ${time}/${welcome.episodeLength}`);
    const share = Math.round((100 * time) / welcome.episodeLength);
    setShare(this.#share.firstElementChild as HTMLElement, share / 100);
    this.#share.setAttribute('aria-valuenow', String(share));
    if (welcome.clock === 'lockstep') setText(this.#rate, 'lockstep');
    else if (rate !== null) setText(this.#rate, `${rate.toFixed(1)} Hz`);
    const slow = pace !== null && pace.hz < 0.9 * pace.wanted;
    this.#rate.classList.toggle('warn', slow);
    this.#rate.title = slow
      ? `The room wants ${pace.wanted} Hz and makes ${pace.hz.toFixed(1)}`
      : 'Ticks a second';
    if (latency !== null) setText(this.#latency, `${Math.round(latency)} ms`);
    this.#playback.hidden = this.#session.seat !== null;
    this.#showPause(playback.rate === 0);
    this.#slow.setAttribute('aria-pressed', String(playback.rate === 0.25));
    this.#live.hidden = playback.live;
    setText(this.#live, `${((playback.behind * playback.interval) / 1000).toFixed(0)} s behind · go live`);
  }

  /** A pressed pause offers to play on. */
  #showPause(paused: boolean): void {
    if (this.#pause.getAttribute('aria-pressed') === String(paused)) return;
    this.#pause.setAttribute('aria-pressed', String(paused));
    this.#pause.replaceChildren(icon(paused ? 'play' : 'pause'));
  }

  #setRate(rate: number): void {
    const { playback } = this.#session;
    const wasLive = playback.live;
    playback.rate = rate;
    if (wasLive && !playback.live) this.#actions.replay();
    this.update(null, null);
  }
}
