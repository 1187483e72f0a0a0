/**
 * The map on screen: a thin Phaser scene over the drawing modules. The ground is one picture, what changes on it are
 * blitted frames, players are sprites; when nothing moves the loop sleeps and a frame costs nothing.
 *
 * Canvas rather than WebGL, by measurement: without a GPU a frame of 16 players costs the main thread 2.8 ms (p50) with
 * the one and 33 ms with the other, and with a GPU a few hundred small blits are nothing to either.
 */
import { CANVAS, Game, type GameObjects, Scale, Scene, type Textures } from 'phaser';
import type { Clock } from '../clock.ts';
import { paintAtlas } from './atlas.ts';
import { BEAM_TICKS, drawBeams } from './beams.ts';
import { cellSize, Rig } from './camera.ts';
import { Cast } from './cast.ts';
import { Cover } from './cover.ts';
import { type Anchor, paintGround } from './ground.ts';
import type { MapColours } from './palette.ts';
import type { Picture } from './picture.ts';

/** The river's light moves on this often, milliseconds. */
const FLOW_TIME = 420;

export interface BoardLook {
  colours: MapColours;
  /** No easing, no shaking, no flowing. */
  still: boolean;
}

/** What is drawn with the map, below its players and above them. */
export interface Layer {
  /** The board was built anew: makes what lies between the ground and the players. */
  buildUnder(scene: Scene, look: LayerLook): void;
  /** Makes what lies above everything. */
  buildOver(scene: Scene, look: LayerLook): void;
  /** One frame. @param progress of the tick, 0 to 1. @returns whether something goes on by itself. */
  frame(progress: number, now: number): boolean;
}

export interface LayerLook {
  readonly picture: Picture;
  readonly colours: MapColours;
  /** Pixels a cell. */
  readonly cell: number;
  /** Device pixels a CSS pixel. */
  readonly ratio: number;
  readonly still: boolean;
}

export class Board {
  readonly #parent: HTMLElement;
  readonly #clock: Clock;
  readonly #look: BoardLook;
  readonly #game: Game;
  readonly #scene: Scene;
  readonly #ground = document.createElement('canvas');
  readonly #ratio = Math.min(3, window.devicePixelRatio || 1);
  readonly #rig = new Rig();
  readonly #resized: ResizeObserver;
  readonly #stopFlow: () => void;
  #picture: Picture | null = null;
  #cover: Cover | null = null;
  #rays: GameObjects.Graphics | null = null;
  #cast: Cast | null = null;
  #layer: Layer | null = null;
  #names: readonly string[] = [];
  #cell = 0;
  #zoom = 0;
  #followed: number | null = null;
  #me: number | null = null;
  #interval = 125;
  #tickAt = 0;
  #frameAt = 0;
  #ready = false;

  constructor(parent: HTMLElement, clock: Clock, look: BoardLook) {
    this.#parent = parent;
    this.#clock = clock;
    this.#look = look;
    const scene = new Scene('board');
    this.#scene = scene;
    Object.assign(scene, {
      create: () => {
        this.#ready = true;
        this.#build();
      },
      update: () => this.#frame(),
    });
    this.#game = new Game({
      type: CANVAS,
      parent,
      transparent: true,
      banner: false,
      audio: { noAudio: true },
      input: { keyboard: false, mouse: false, touch: false, gamepad: false },
      disableContextMenu: false,
      autoFocus: false,
      roundPixels: false,
      scale: { mode: Scale.NONE, zoom: 1 / this.#ratio, ...this.#viewSize() },
      scene,
    });
    this.#resized = new ResizeObserver(() => this.#resize());
    this.#resized.observe(parent);
    const flow = () => {
      if (!look.still && !document.hidden && this.#cover?.flow()) this.wake();
      stop = clock.after(FLOW_TIME, flow);
    };
    let stop = clock.after(FLOW_TIME, flow);
    this.#stopFlow = () => stop();
  }

  /** Shows another picture; it is drawn anew at each call of `advance`. */
  show(picture: Picture): void {
    this.#picture = picture;
    this.#build();
  }

  /** The picture was updated. @param jump it has changed as a whole. @param anchor of a window's ground. */
  advance(interval: number, jump: boolean, anchor?: Anchor): void {
    const picture = this.#picture;
    if (picture === null) return;
    const now = this.#clock.now();
    this.#interval = interval;
    this.#tickAt = now;
    this.#cast?.tick(now);
    if (picture.shifting && this.#ready && this.#cell > 0) {
      paintGround(this.#ground, picture, this.#cell, this.#look.colours, anchor);
    }
    if (jump || picture.shifting) this.#cover?.settle();
    else this.#cover?.tick(now);
    this.wake();
  }

  /** Draws a layer with the map from now on. */
  add(layer: Layer): void {
    this.#layer = layer;
    this.#build();
  }

  /** What was pressed, shown before the room has answered. */
  echo(action: number): void {
    this.#cast?.echo(action, this.#clock.now());
    this.wake();
  }

  /** Names by player; an empty one shows none. @param me our own player, if we have one. */
  name(names: readonly string[], me: number | null): void {
    const changed =
      me !== this.#me ||
      names.length !== this.#names.length ||
      names.some((name, i) => name !== this.#names[i]);
    this.#me = me;
    this.#names = names;
    if (changed) this.#cast?.name(names, me);
    this.wake();
  }

  get zoom(): number {
    return this.#zoom;
  }

  set zoom(steps: number) {
    this.#zoom = Math.max(0, Math.min(8, steps));
    this.#build();
  }

  get followed(): number | null {
    return this.#followed;
  }

  /** The player that the camera follows, or null for the whole map. */
  set followed(player: number | null) {
    this.#followed = player;
    this.wake();
  }

  setColours(colours: MapColours): void {
    this.#look.colours = colours;
    this.#build();
  }

  /** The player at a point of the page, or null. */
  playerAt(clientX: number, clientY: number): number | null {
    const picture = this.#picture;
    if (picture === null) return null;
    const box = this.#game.canvas.getBoundingClientRect();
    const { width, height } = this.#scene.scale;
    const x = ((clientX - box.left) * this.#ratio - width / 2 + this.#rig.x.value) / this.#cell - 0.5;
    const y = ((clientY - box.top) * this.#ratio - height / 2 + this.#rig.y.value) / this.#cell - 0.5;
    let nearest: number | null = null;
    let best = 1;
    for (let i = 0; i < picture.players; i++) {
      const distance = Math.hypot(picture.motion.x(i, 1) - x, picture.motion.y(i, 1) - y);
      if (distance < best) {
        best = distance;
        nearest = i;
      }
    }
    return nearest;
  }

  destroy(): void {
    this.#resized.disconnect();
    this.#stopFlow();
    this.#game.loop.wake();
    this.#game.destroy(true);
  }

  #viewSize(): { width: number; height: number } {
    return {
      width: Math.max(1, Math.round(this.#parent.clientWidth * this.#ratio)),
      height: Math.max(1, Math.round(this.#parent.clientHeight * this.#ratio)),
    };
  }

  #resize(): void {
    this.#build();
  }

  /** Makes the canvas no larger than it need be, with room for names and minds at its edges: what is copied each frame is paid for. */
  #fit(picture: Picture): void {
    let { width, height } = this.#viewSize();
    // A window turns with its player, and its corners need all the room there is.
    if (picture.eyes === null) {
      const margins = this.#layer === null ? 2 : 4;
      width = Math.min(width, (picture.width + margins) * this.#cell);
      height = Math.min(height, (picture.height + margins) * this.#cell);
    }
    if (width !== this.#scene.scale.width || height !== this.#scene.scale.height)
      this.#scene.scale.resize(width, height);
  }

  /** Everything anew: after another picture, size, zoom or theme. */
  #build(): void {
    const picture = this.#picture;
    const scene = this.#scene;
    if (!this.#ready || picture === null) return;
    const { width, height } = this.#viewSize();
    const { colours } = this.#look;
    const before = this.#cell;
    this.#cell = cellSize(width, height, picture.width, picture.height, this.#zoom);
    const cell = this.#cell;
    this.#fit(picture);
    scene.children.removeAll(true);
    for (const key of ['ground', 'atlas']) if (scene.textures.exists(key)) scene.textures.remove(key);

    this.#ground.width = picture.width * cell;
    this.#ground.height = picture.height * cell;
    paintGround(this.#ground, picture, cell, colours);
    this.#texture('ground', this.#ground);
    scene.add.image(0, 0, 'ground').setOrigin(0);

    const atlas = paintAtlas(cell, picture.players, colours);
    const texture = this.#texture('atlas', atlas.canvas);
    for (const { name, x, y, size } of atlas.frames) texture.add(name, 0, x, y, size, size);

    // Phaser 4's canvas renderer takes the scroll off blitters twice: once in the camera's matrix, once by itself.
    const ripples = scene.add.blitter(0, 0, 'atlas').setScrollFactor(0);
    const things = scene.add.blitter(0, 0, 'atlas').setScrollFactor(0);
    this.#cover = new Cover(picture, cell, things, ripples);
    const { still } = this.#look;
    const look = { picture, colours, cell, ratio: this.#ratio, still };
    this.#layer?.buildUnder(scene, look);
    this.#cast = new Cast(scene, picture, look);
    this.#rays = scene.add.graphics();
    this.#cast.name(this.#names, this.#me);
    this.#layer?.buildOver(scene, look);
    // Zooming keeps the middle of the view where it was.
    const scale = before === 0 ? 1 : cell / before;
    this.#rig.x.value *= scale;
    this.#rig.y.value *= scale;
    if (before === 0) this.#aim(1, true, 0);
    this.wake();
  }

  /** A texture of the canvas itself; Phaser's own `addCanvas` would read all its pixels back. */
  #texture(key: string, canvas: HTMLCanvasElement): Textures.Texture {
    const texture = this.#scene.textures.create(
      key,
      canvas as unknown as HTMLImageElement,
      canvas.width,
      canvas.height,
    )!;
    texture.add('__BASE', 0, 0, 0, canvas.width, canvas.height);
    return texture;
  }

  /** Draws frames again until nothing moves. */
  wake(): void {
    if (this.#ready && !this.#game.loop.running) {
      this.#frameAt = this.#clock.now();
      this.#game.loop.wake();
    }
  }

  #frame(): void {
    const picture = this.#picture;
    const cover = this.#cover;
    const cast = this.#cast;
    if (picture === null || cover === null || cast === null) return;
    const now = this.#clock.now();
    const { still } = this.#look;
    const progress = still ? 1 : picture.motion.progress(now);
    cover.frame(now);
    const acting = cast.place(progress, now, this.#me ?? this.#followed);
    const shining = this.#shine(picture, now);
    const gliding = this.#aim(progress, still, now - this.#frameAt);
    this.#frameAt = now;
    const thinking = this.#layer?.frame(progress, now) ?? false;
    if (progress >= 1 && !acting && !shining && !gliding && !thinking && !cover.lively)
      this.#game.loop.sleep();
  }

  /** Draws beams while they last. @returns whether one is fading. */
  #shine(picture: Picture, now: number): boolean {
    const pen = this.#rays!;
    const age = (now - this.#tickAt) / (BEAM_TICKS * this.#interval);
    const alive = picture.rays.length > 0 && (age < 1 || this.#look.still);
    if (!alive) {
      if (pen.commandBuffer.length > 0) pen.clear();
      return false;
    }
    drawBeams(pen, picture.rays, this.#cell, this.#look.still ? 0.6 : 1 - age, this.#look.colours);
    return !this.#look.still;
  }

  /** @returns whether the camera still moves. */
  #aim(progress: number, jump: boolean, elapsed: number): boolean {
    const { width, height } = this.#scene.scale;
    const moves = this.#rig.aim(
      this.#picture!,
      this.#followed,
      this.#cell,
      width,
      height,
      progress,
      jump,
      elapsed,
    );
    const { x, y, rotation } = this.#rig;
    this.#scene.cameras.main
      .setRotation(rotation)
      .setScroll(Math.round(x.value - width / 2), Math.round(y.value - height / 2));
    return moves;
  }
}
