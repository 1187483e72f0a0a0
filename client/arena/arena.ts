/** The page of one room: the map in the middle, numbers quietly beside it. */
import type { Refused, Welcome } from '../../shared/protocol/index.ts';
import type { PolicyCatalogue } from '../agents/catalogue.ts';
import type { Clock } from '../clock.ts';
import { el, toast } from '../dom.ts';
import { Bar } from '../hud/bar.ts';
import { ControlsDialog } from '../hud/controls-dialog.ts';
import { copyLink } from '../hud/copy-link.ts';
import { Guide } from '../hud/guide.ts';
import { KeyCaps } from '../hud/key-caps.ts';
import { Overlay } from '../hud/overlay.ts';
import { Panel } from '../hud/panel.ts';
import { ResultView } from '../hud/result.ts';
import { TickMeter } from '../hud/tick-meter.ts';
import { touchPad } from '../hud/touch-pad.ts';
import { type IconName, icon } from '../icons.ts';
import { controlOf } from '../input/bindings.ts';
import { steerByGamepad } from '../input/gamepad.ts';
import { isTaken, steerByKeyboard } from '../input/keyboard.ts';
import { Pilot } from '../input/pilot.ts';
import { formatRoute } from '../route.ts';
import type { RoomSession } from '../session.ts';
import type { Settings } from '../settings.ts';
import { Sound } from '../sound.ts';
import { themeButton } from '../theme.ts';
import { exposeArena } from './debug-view.ts';
import { Minds } from './minds/minds.ts';
import { Stage } from './stage.ts';

/** How often a part of the numbers is written, milliseconds. */
const REFRESH = 60;
const PING_EVERY = 2000;
/** How often it is asked whether the trained policies that play here still can, milliseconds. */
const POLICIES_EVERY = 15_000;
/** In lockstep, a held key acts again so long after a step, milliseconds. */
const LOCKSTEP_PACE = 150;

export class ArenaPage {
  readonly element: HTMLElement;
  readonly #session: RoomSession;
  readonly #settings: Settings;
  readonly #clock: Clock;
  readonly #catalogue: PolicyCatalogue;
  readonly #view = el('div', { class: 'view', 'data-testid': 'arena', role: 'img', 'aria-label': 'The map' });
  readonly #stage: Stage;
  readonly #pilot: Pilot;
  readonly #bar: Bar;
  readonly #panel: Panel;
  readonly #minds: Minds;
  readonly #mindKey: HTMLElement;
  readonly #overlay = new Overlay();
  readonly #guide: Guide;
  readonly #controls: ControlsDialog;
  readonly #meter = new TickMeter();
  readonly #sound = new Sound();
  readonly #legend = el('div', { class: 'legend' });
  readonly #pad = el('div', { class: 'pad-holder' });
  readonly #result: ResultView;
  readonly #gone = new AbortController();
  readonly #stops: (() => void)[];
  #caps: KeyCaps | null = null;
  #latency: number | null = null;

  /** @param host where the page goes at once: a map has to know its size. */
  constructor(
    host: Element,
    session: RoomSession,
    settings: Settings,
    clock: Clock,
    catalogue: PolicyCatalogue,
  ) {
    this.#session = session;
    this.#settings = settings;
    this.#clock = clock;
    this.#catalogue = catalogue;
    this.#pilot = new Pilot({
      get facing() {
        return session.facing;
      },
      get steering() {
        return session.inWindow ? ('facing' as const) : settings.steering;
      },
      get actions() {
        return session.welcome?.actions.length ?? 0;
      },
      send: (action) => session.act(action),
    });
    this.#result = new ResultView(clock);
    this.#controls = new ControlsDialog(settings);
    this.#guide = new Guide(settings, () => this.#keyCaps());
    this.#bar = new Bar(
      session,
      {
        help: () => this.#help(),
        controls: () => this.#controls.element.showModal(),
        replay: () => this.#replay(),
      },
      themeButton(settings, () => this.#repaint()),
    );
    this.#minds = new Minds(session, () => this.#stage.board);
    this.#panel = new Panel(session, catalogue, this.#minds.choice, {
      follow: (player) => {
        if (!this.#minds.pick(player)) this.#follow(this.#stage.board.followed === player ? null : player);
      },
      sit: (seat) => session.sit(seat === null ? {} : { seat }),
      stand: () => session.stand(),
      copyLink: (seat) => void copyLink(session, seat),
    });
    const camera = (label: string, name: IconName, click: () => void) =>
      el(
        'button',
        { type: 'button', class: 'icon', 'aria-label': label, title: label, on: { click } },
        icon(name),
      );
    this.#mindKey = camera('See what a trained player thinks (M)', 'mind', () => this.#minds.choice.next());
    const cameras = el(
      'div',
      { class: 'camera' },
      this.#mindKey,
      camera('Zoom in (+)', 'plus', () => this.#zoom(1)),
      camera('Zoom out (−)', 'minus', () => this.#zoom(-1)),
      camera('Follow a player (F)', 'follow', () => this.#toggleFollow()),
    );
    const stage = el(
      'main',
      { class: 'stage' },
      this.#view,
      this.#minds.legend,
      cameras,
      this.#result.element,
      this.#overlay.element,
    );
    this.element = el(
      'div',
      { class: 'arena' },
      this.#bar.element,
      stage,
      this.#guide.element,
      this.#pad,
      this.#panel.element,
      el('footer', { class: 'foot' }, this.#panel.feed.element, this.#legend),
      this.#controls.element,
    );
    host.replaceChildren(this.element);
    this.#stage = new Stage(this.#view, session, clock);
    this.#stops = [
      session.welcomed.on((welcome) => this.#welcome(welcome)),
      session.changed.on(() => this.#changed()),
      session.stepped.on(() => {
        this.#meter.add(clock.now());
        // In lockstep the room waits for us, and a held key would run: it walks.
        if (session.welcome?.clock === 'lockstep') clock.after(LOCKSTEP_PACE, () => this.#pilot.tick());
        else this.#pilot.tick();
      }),
      session.advanced.on(() => this.#listen()),
      this.#minds.choice.changed.on(() => this.#mark()),
      session.refused.on((refused) => this.#refused(refused)),
      session.ended.on((result) => this.#result.show(result, session.seats)),
      session.keyframed.on(() => this.#overlay.update(session)),
      this.#pilot.acted.on((action) => this.#stage.board.echo(action)),
      this.#pilot.changed.on(() => this.#light()),
      this.#controls.changed.on(() => this.#showKeys()),
    ];
    this.#listenToPage();
    this.#gone.signal.addEventListener(
      'abort',
      exposeArena(session, () => this.#minds.view),
    );
    if (session.welcome !== null) this.#welcome(session.welcome);
    // The room may have answered while this page was loading.
    if (session.refusal !== null) this.#refused(session.refusal);
    this.#changed();
    this.#mark();
    this.#refresh();
    this.#ping();
    this.#clock.after(POLICIES_EVERY, () => this.#keepAsking());
  }

  destroy(): void {
    this.#gone.abort();
    this.#pilot.releaseAll();
    for (const stop of this.#stops) stop();
    this.#minds.destroy();
    this.#panel.destroy();
    this.#stage.destroy();
    this.#sound.close();
  }

  #listenToPage(): void {
    const { signal } = this.#gone;
    steerByKeyboard(this.#pilot, () => this.#settings.bindings, signal);
    steerByGamepad(this.#pilot, signal);
    addEventListener('keydown', (event) => this.#key(event), { signal });
    // A button that was clicked keeps the keyboard, and the space bar would press it again instead of playing.
    this.element.addEventListener('click', (event) => {
      if (event.detail === 0 || !(event.target instanceof Element) || event.target.closest('dialog')) return;
      event.target.closest('button')?.blur();
    });
    this.#view.addEventListener('click', (event) => {
      const player = this.#stage.board.playerAt(event.clientX, event.clientY);
      if (!this.#minds.pick(player)) this.#follow(player);
    });
    this.#view.addEventListener(
      'wheel',
      (event) => {
        event.preventDefault();
        this.#zoom(event.deltaY < 0 ? 1 : -1);
      },
      { passive: false },
    );
  }

  /** Plays what was held back, for as long as we are behind. */
  #replay(): void {
    const { playback } = this.#session;
    if (this.#gone.signal.aborted || playback.live) return;
    playback.advance(this.#clock.now());
    requestAnimationFrame(() => this.#replay());
  }

  #key(event: KeyboardEvent): void {
    if (isTaken(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (controlOf(this.#settings.bindings, event.code) !== null) return;
    if (event.key === '?') this.#help();
    else if (event.key === 'Escape' && this.#guide.open) this.#guide.close();
    else if (this.#minds.key(event)) return;
    else if (event.key === '+' || event.key === '=') this.#zoom(1);
    else if (event.key === '-') this.#zoom(-1);
    else if (event.code === 'KeyF') this.#toggleFollow();
  }

  #zoom(by: number): void {
    this.#stage.board.zoom += by;
    if (this.#stage.board.zoom > 0 && this.#stage.board.followed === null && this.#session.seat !== null)
      this.#follow(this.#session.seat);
  }

  #toggleFollow(): void {
    const { followed } = this.#stage.board;
    this.#follow(followed === null ? (this.#minds.selected ?? this.#session.seat ?? 0) : null);
  }

  /** Shows who is followed or looked into, and whether there is anybody to look into. */
  #mark(): void {
    this.#mindKey.hidden = this.#minds.choice.trained.length === 0;
    this.#panel.scoreboard.followed(this.#minds.selected ?? this.#stage.board.followed);
  }

  #follow(player: number | null): void {
    // In a window the camera is the player's own already.
    if (this.#session.inWindow) return;
    const { board } = this.#stage;
    // Following means seeing from near; the whole map needs no camera.
    if (player !== null && board.zoom === 0) board.zoom = 2;
    if (player === null) board.zoom = 0;
    board.followed = player;
    this.#mark();
  }

  #welcome(welcome: Welcome): void {
    document.title = `${welcome.title} · Commons Arena`;
    this.#meter.clear();
    this.#panel.welcome(welcome);
    this.#askPolicies();
    this.#view.setAttribute(
      'aria-label',
      `The map of ${welcome.title}, ${welcome.width} by ${welcome.height} cells`,
    );
    this.#pad.replaceChildren(touchPad(this.#pilot, this.#cleaning));
    this.#showKeys();
    if (!this.#settings.guided && !this.#guide.open) this.#guide.show(welcome);
  }

  #changed(): void {
    const { seat, status } = this.#session;
    this.element.classList.toggle('seated', seat !== null);
    if (status !== 'live') this.#pilot.releaseAll();
    this.#overlay.update(this.#session);
    this.#panel.changed();
    this.#bar.update(this.#meter.rate, this.#latency);
    if (seat !== null) this.#forgetWish();
  }

  /** The address of the room itself, once the seat it named is taken: a copied address is not an invitation to it. */
  #forgetWish(): void {
    const plain = formatRoute({ page: 'room', roomId: this.#session.roomId, seat: null, key: null });
    if (location.hash !== plain) history.replaceState(null, '', plain);
  }

  get #cleaning(): boolean {
    return this.#session.welcome?.actions.includes('clean') ?? false;
  }

  #keyCaps(): KeyCaps {
    return new KeyCaps(this.#settings.bindings, this.#cleaning);
  }

  #showKeys(): void {
    this.#caps = this.#keyCaps();
    this.#legend.replaceChildren(this.#caps.element);
  }

  #light(): void {
    this.#caps?.light(this.#pilot.held);
    this.#guide.live?.light(this.#pilot.held);
  }

  #help(): void {
    const { welcome } = this.#session;
    if (this.#guide.open) this.#guide.close();
    else if (welcome !== null) this.#guide.show(welcome);
  }

  #refused(refused: Refused): void {
    // An action that came a little late is everyday, and the next tick's comes anyway.
    if (refused.code === 'late' || refused.code === 'early' || refused.code === 'too-fast') return;
    toast(refused.message, 'refusal');
    this.#forgetWish();
  }

  #listen(): void {
    const { mirror, inWindow, seat } = this.#session;
    if (mirror === null || inWindow) return;
    this.#panel.step();
    // Browsers refuse to sound before the page was touched.
    if (!this.#settings.sound || !navigator.userActivation.hasBeenActive) return;
    for (const event of mirror.events) {
      const mine = seat === null || event.player === seat || (event.kind === 'hit' && event.target === seat);
      if (mine && !(seat === null && event.kind === 'ate'))
        this.#sound.play(event.kind, seat === null ? 0.5 : 1);
    }
  }

  #repaint(): void {
    this.#stage.repaint();
    this.#panel.repaint();
  }

  #refresh(): void {
    if (this.#gone.signal.aborted) return;
    if (!document.hidden) {
      this.#bar.update(this.#meter.rate, this.#latency);
      this.#panel.refresh();
    }
    this.#clock.after(REFRESH, () => this.#refresh());
  }

  /** A policy may fail while it plays, which the room does not tell. */
  #askPolicies(): void {
    const { status, seats } = this.#session;
    const wanted = status === 'live' && seats.some(({ kind }) => kind === 'trained');
    if (wanted && !document.hidden) void this.#catalogue.refresh();
  }

  #keepAsking(): void {
    if (this.#gone.signal.aborted) return;
    this.#askPolicies();
    this.#clock.after(POLICIES_EVERY, () => this.#keepAsking());
  }

  #ping(): void {
    if (this.#gone.signal.aborted) return;
    this.#session.ping((milliseconds) => {
      this.#latency = milliseconds;
    });
    this.#clock.after(PING_EVERY, () => this.#ping());
  }
}
