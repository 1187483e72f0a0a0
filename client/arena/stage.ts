/** Between a session and the board: which picture is shown, and when it moves on. */

import { Outcome } from '../../shared/environment.ts';
import type { Clock } from '../clock.ts';
import { briefNameOf } from '../hud/names.ts';
import type { RoomSession } from '../session.ts';
import { activeTheme, prefersStill } from '../theme.ts';
import { Board } from './board.ts';
import { zoomFor } from './camera.ts';
import { CROWD } from './cast.ts';
import type { Anchor } from './ground.ts';
import { MAP_COLOURS } from './palette.ts';
import { MapPicture, WindowPicture } from './picture.ts';

/** Where steps come when everybody has acted, they are eased over this, milliseconds. */
const LOCKSTEP_EASE = 150;
/** On a small screen a player sees about this many cells across, so that a cell is larger than a fingertip's blur. */
const CELLS_ON_PHONE = 15;
const SMALL_SCREEN = 560;

export class Stage {
  readonly board: Board;
  readonly #session: RoomSession;
  readonly #clock: Clock;
  readonly #element: HTMLElement;
  readonly #stops: (() => void)[];
  #picture: MapPicture | WindowPicture | null = null;
  /** Our own place by our own count of steps, in windows. */
  #column = 0;
  #row = 0;
  #windowTime = -1;
  #seat: number | null = null;

  constructor(element: HTMLElement, session: RoomSession, clock: Clock) {
    this.#session = session;
    this.#clock = clock;
    this.#element = element;
    this.board = new Board(element, clock, {
      colours: MAP_COLOURS[activeTheme()],
      still: prefersStill(),
    });
    this.#stops = [
      session.welcomed.on(() => this.#choose(true)),
      session.changed.on(() => this.#choose(false)),
      session.keyframed.on(() => this.#advance(true)),
      session.advanced.on(() => this.#advance(false)),
    ];
    this.#choose(true);
    if (session.mirror?.ready) this.#advance(true);
  }

  repaint(): void {
    this.board.setColours(MAP_COLOURS[activeTheme()]);
  }

  destroy(): void {
    for (const stop of this.#stops) stop();
    this.board.destroy();
  }

  /** Takes the picture that fits: one's own window while one is seated with partial view, else the map. */
  #choose(anew: boolean): void {
    const { welcome, mirror, seat, inWindow } = this.#session;
    if (welcome === null || mirror === null) return;
    const fits = inWindow
      ? this.#picture instanceof WindowPicture && this.#picture.eyes === seat
      : this.#picture instanceof MapPicture;
    if (anew || !fits) {
      this.#picture =
        inWindow && seat !== null
          ? new WindowPicture(welcome, seat)
          : new MapPicture(mirror, welcome.appleSites);
      this.#windowTime = -1;
      this.board.followed = null;
      this.board.show(this.#picture);
      if (!inWindow && mirror.ready) this.#advance(true);
    }
    if (seat !== this.#seat) {
      this.#seat = seat;
      this.#fitToPlayer();
    }
    this.board.name(this.#names(), seat);
    this.#element.dataset.seat = seat === null ? '' : String(seat);
  }

  /** Names on the map; where it is crowded, only people's: bots have their marks. */
  #names(): string[] {
    const { seats, welcome } = this.#session;
    const crowded = seats.length > CROWD;
    return seats.map(({ seat, kind }) =>
      crowded && kind !== 'human' ? '' : briefNameOf(seats, seat, welcome?.environment ?? ''),
    );
  }

  /** A player on a small screen is followed from near; everybody else sees the whole. */
  #fitToPlayer(): void {
    const { clientWidth, clientHeight } = this.#element;
    const picture = this.#picture;
    if (
      picture === null ||
      picture.eyes !== null ||
      this.#seat === null ||
      Math.min(clientWidth, clientHeight) > SMALL_SCREEN
    ) {
      this.board.zoom = 0;
      this.board.followed = null;
      return;
    }
    this.board.zoom = zoomFor(CELLS_ON_PHONE, clientWidth, clientHeight, picture.width, picture.height);
    this.board.followed = this.#seat;
  }

  #advance(jump: boolean): void {
    const session = this.#session;
    const { welcome, window, playback } = session;
    const picture = this.#picture;
    if (welcome === null || picture === null) return;
    const ease = welcome.clock === 'lockstep' ? LOCKSTEP_EASE : playback.interval / (playback.rate || 1);
    const now = this.#clock.now();
    this.#element.dataset.tick = String(session.time);
    if (picture instanceof MapPicture) {
      picture.update(now, ease, jump);
      this.board.advance(ease, jump);
    } else if (window !== null) {
      const apart = this.#windowTime < 0 || window.time !== this.#windowTime + 1;
      this.#windowTime = window.time;
      this.#reckon(window.outcome);
      picture.update(window, now, ease, apart);
      this.board.advance(ease, apart, this.#anchor(window.facing));
    }
  }

  #reckon(outcome: number): void {
    if (outcome === Outcome.movedUp) this.#row--;
    else if (outcome === Outcome.movedDown) this.#row++;
    else if (outcome === Outcome.movedLeft) this.#column--;
    else if (outcome === Outcome.movedRight) this.#column++;
  }

  /** Where the window's upper left cell lies by that count. */
  #anchor(facing: number): Anchor {
    const { ahead, left } = this.#session.welcome!.window;
    const column = this.#column + [-left, ahead, left, -ahead][facing]!;
    const row = this.#row + [-ahead, -left, ahead, left][facing]!;
    return { column, row, facing };
  }
}
