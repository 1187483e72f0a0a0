/**
 * Minds over the map: around the creature whose mind is open lie its actions, beside the others the steps it foresees, and
 * curved arrows go from whoever influences to whom. Drawn while something is open, from a few pens and pictures that are
 * made with the board and used again from frame to frame.
 */
import type { GameObjects, Scene } from 'phaser';
import { lookOf } from '../../players.ts';
import type { RoomSession } from '../../session.ts';
import type { Layer, LayerLook } from '../board.ts';
import { CROWD } from '../cast.ts';
import type { MindChoice } from './choice.ts';
import {
  type ArrowLook,
  DISC,
  drawArrow,
  drawValue,
  drawWedges,
  INNER,
  RIM,
  type WedgeLook,
} from './draw.ts';
import { wedgeOf } from './geometry.ts';
import { Ghosts } from './ghosts.ts';
import { markFrame, paintSprites, sayFrame, TEXTURE } from './sprites.ts';
import { Thoughts } from './thoughts.ts';

/** A mind opens and closes over this, milliseconds. */
const OPENING = 180;
const LONGEST_FRAME = 34;
/** The map darkens by this while a mind is open. */
const DUSK = 0.2;
/** Cells around an open mind are at least so large, CSS pixels. */
const LEAST_UNIT = 17;
/** Near an edge it shrinks to fit, at most to this. */
const LEAST_SHARE = 0.7;
/** Arrows end so far from a creature's middle, in cells. */
const ARROW_END = 0.66;

/** What is drawn, for tests and the curious. */
export interface DrawnMinds {
  /** Whose wedges are drawn. */
  seat: number | null;
  readonly arrows: { from: number; to: number; width: number }[];
  /** Foreseen steps. */
  ghosts: number;
  symbols: number;
}

export class MindLayer implements Layer {
  readonly #session: RoomSession;
  readonly #choice: MindChoice;
  #thoughts: Thoughts | null = null;
  #look: LayerLook | null = null;
  #scene: Scene | null = null;
  #under: GameObjects.Graphics | null = null;
  #over: GameObjects.Graphics | null = null;
  #ghosts: Ghosts | null = null;
  #marks: GameObjects.Image[] = [];
  #bubbles: GameObjects.Image[] = [];
  #colours: number[] = [];
  #ground = 0;
  #bright = 0;
  #fresh = true;
  /** When the minds that are shown were taken, and how long easing to them takes, milliseconds. */
  #start = 0;
  #duration = 1;
  /** How far the open mind is open, and the map dark. */
  #strength = 0;
  #frameAt = 0;
  #drawn = false;
  readonly #wedges: WedgeLook = {
    x: 0,
    y: 0,
    unit: 1,
    turn: 0,
    colour: 0,
    ground: 0,
    bright: 0,
    strength: 0,
  };
  readonly #arrow: ArrowLook = { colour: 0, edge: 0, strength: 1, ratio: 1, travel: 1 };

  constructor(session: RoomSession, choice: MindChoice) {
    this.#session = session;
    this.#choice = choice;
  }

  /** There is something to take: another mind, another choice. */
  refresh(): void {
    this.#fresh = true;
  }

  buildUnder(scene: Scene, look: LayerLook): void {
    const { picture, cell, ratio, colours } = look;
    const actions = this.#session.welcome?.actions.length ?? 0;
    if (this.#thoughts?.players !== picture.players || this.#thoughts.actions !== actions)
      this.#thoughts = new Thoughts(picture.players, actions);
    this.#scene = scene;
    this.#look = look;
    this.#fresh = true;
    this.#ground = hexOf(colours.labelEdge);
    this.#bright = hexOf(colours.label);
    this.#colours = Array.from({ length: picture.players }, (_, i) => hexOf(lookOf(i).colour));
    const size = Math.round(Math.max(13 * ratio, 0.72 * this.#unit));
    const bubble = Math.round(Math.max(18 * ratio, 0.95 * cell));
    paintSprites(scene, actions, size, bubble, colours);
    this.#under = scene.add.graphics();
    this.#marks = Array.from({ length: actions }, (_, a) =>
      scene.add.image(0, 0, TEXTURE, markFrame(a)).setVisible(false),
    );
    this.#ghosts = new Ghosts(scene, picture.players, cell);
    this.#drawn = false;
  }

  buildOver(scene: Scene, { picture }: LayerLook): void {
    this.#over = scene.add.graphics();
    this.#bubbles = Array.from({ length: picture.players }, () =>
      scene.add.image(0, 0, TEXTURE, sayFrame(0)).setOrigin(0.5, 1).setVisible(false),
    );
  }

  /** Pixels of what is a cell to the drawing around an open mind. */
  get #unit(): number {
    const { cell, ratio } = this.#look!;
    return Math.max(cell, LEAST_UNIT * ratio);
  }

  frame(progress: number, now: number): boolean {
    const thoughts = this.#thoughts;
    const look = this.#look;
    if (thoughts === null || look === null) return false;
    const { selected, shown } = this.#choice;
    // After a sleep, as if it had been one frame.
    const elapsed = Math.min(LONGEST_FRAME, now - this.#frameAt);
    this.#frameAt = now;
    const goal = selected === null ? 0 : 1;
    const opening = look.still ? 1 : Math.min(1, elapsed / OPENING);
    this.#strength += Math.sign(goal - this.#strength) * Math.min(opening, Math.abs(goal - this.#strength));
    // What has closed is forgotten.
    if (goal === 0 && this.#strength === 0 && thoughts.seat >= 0) this.#fresh = true;
    if (this.#fresh) this.#take(thoughts, now);
    const eased = this.#eased(now);
    const resting = shown.length === 0 && this.#strength === 0 && eased >= 1;
    if (resting && !this.#drawn) return false;
    this.#clear();
    if (resting) return false;
    this.#drawn = true;
    if (thoughts.seat >= 0) this.#open(thoughts, progress, eased);
    this.#ghosts!.draw(this.#under!, thoughts, this.#colours, this.#strength, eased, look.still);
    this.#arrows(thoughts, progress, eased);
    this.#say(thoughts, progress);
    return eased < 1 || this.#strength !== goal;
  }

  /** What is drawn at present. */
  drawn(): DrawnMinds {
    const thoughts = this.#thoughts;
    const drawn: DrawnMinds = { seat: null, arrows: [], ghosts: 0, symbols: 0 };
    if (thoughts === null || !this.#drawn) return drawn;
    if (this.#strength > 0 && thoughts.seat >= 0) drawn.seat = thoughts.seat;
    for (let from = 0; from < thoughts.players; from++) {
      for (let to = 0; to < thoughts.players; to++) {
        const width = thoughts.width(from, to, 1);
        if (width > 0) drawn.arrows.push({ from, to, width });
      }
    }
    drawn.ghosts = this.#ghosts!.visible;
    drawn.symbols = this.#bubbles.filter((bubble) => bubble.visible).length;
    return drawn;
  }

  #take(thoughts: Thoughts, now: number): void {
    this.#fresh = false;
    const { mirror, minds, playback, welcome } = this.#session;
    const { selected, shown } = this.#choice;
    if (mirror === null || welcome === null) return;
    const of = (seat: number) => (shown.includes(seat) ? minds.of(seat) : null);
    // While a mind closes, what it was is seen fading.
    const seat = selected ?? (this.#strength > 0 && thoughts.seat >= 0 ? thoughts.seat : null);
    if (!thoughts.take(mirror, this.#eased(now), seat, of)) return;
    this.#start = now;
    this.#duration = playback.interval / (playback.rate || 1);
  }

  #eased(now: number): number {
    if (this.#look!.still) return 1;
    return Math.min(1, Math.max(0, (now - this.#start) / this.#duration));
  }

  #clear(): void {
    this.#drawn = false;
    this.#under!.clear();
    this.#over!.clear();
    this.#ghosts!.hide();
    hide(this.#marks);
    hide(this.#bubbles);
  }

  #open(thoughts: Thoughts, progress: number, eased: number): void {
    const { picture, cell } = this.#look!;
    const { motion } = picture;
    const { seat } = thoughts;
    const strength = this.#strength;
    const look = this.#wedges;
    look.x = (motion.x(seat, progress) + 0.5) * cell;
    look.y = (motion.y(seat, progress) + 0.5) * cell;
    const view = this.#scene!.cameras.main.worldView;
    const free = Math.min(look.x - view.left, view.right - look.x, look.y - view.top, view.bottom - look.y);
    const fit = Math.max(LEAST_SHARE, Math.min(1, free / (DISC * this.#unit)));
    const unit = this.#unit * fit * (0.9 + 0.1 * strength);
    look.unit = unit;
    look.turn = motion.turn(seat, progress);
    look.colour = this.#colours[seat]!;
    look.ground = this.#ground;
    look.bright = this.#bright;
    look.strength = strength;
    const pen = this.#under!;
    pen.fillStyle(this.#ground, DUSK * strength);
    pen.fillRect(0, 0, picture.width * cell, picture.height * cell);
    drawWedges(pen, thoughts, look, eased);
    drawValue(pen, look, thoughts.value(eased), view.bottom);
    for (let a = 0; a < thoughts.actions; a++) {
      const angle = ((wedgeOf(a, thoughts.actions).angle + look.turn * 90) * Math.PI) / 180;
      const stressed = a === thoughts.action;
      this.#marks[a]!.setVisible(true)
        .setPosition(look.x + Math.sin(angle) * RIM * unit, look.y - Math.cos(angle) * RIM * unit)
        .setRotation((look.turn * Math.PI) / 2)
        .setScale(stressed ? 1.2 : 1)
        .setAlpha((stressed ? 1 : 0.42 + 0.5 * Math.sqrt(thoughts.p(a, eased))) * strength);
    }
  }

  #arrows(thoughts: Thoughts, progress: number, eased: number): void {
    const { picture, cell, ratio, still } = this.#look!;
    const { motion } = picture;
    const pen = this.#over!;
    const look = this.#arrow;
    look.edge = this.#ground;
    look.ratio = ratio;
    look.travel = still ? 1 : eased;
    for (let from = 0; from < thoughts.players; from++) {
      const open = from === thoughts.seat && this.#strength > 0.5;
      const x = (motion.x(from, progress) + 0.5) * cell;
      const y = (motion.y(from, progress) + 0.5) * cell;
      look.colour = this.#colours[from]!;
      // Beside an open mind, the others' arrows step back.
      look.strength = open || thoughts.seat < 0 ? 1 : 1 - 0.4 * this.#strength;
      for (let to = 0; to < thoughts.players; to++) {
        const width = thoughts.width(from, to, eased);
        if (width < 0.05) continue;
        drawArrow(
          pen,
          x,
          y,
          (motion.x(to, progress) + 0.5) * cell,
          (motion.y(to, progress) + 0.5) * cell,
          open ? INNER * this.#unit : ARROW_END * cell,
          ARROW_END * cell,
          width,
          look,
        );
      }
    }
  }

  #say(thoughts: Thoughts, progress: number): void {
    const { picture, cell, ratio } = this.#look!;
    const { motion } = picture;
    // Above the name, where there are names.
    const name = picture.players > CROWD ? 0 : 15 * ratio;
    for (let i = 0; i < thoughts.players; i++) {
      const symbol = thoughts.symbols[i]!;
      if (symbol < 0) continue;
      const bubble = this.#bubbles[i]!;
      const frame = sayFrame(symbol);
      if (bubble.frame.name !== frame) bubble.setFrame(frame);
      bubble
        .setVisible(true)
        .setPosition((motion.x(i, progress) + 0.5) * cell, (motion.y(i, progress) - 0.12) * cell - name);
    }
  }
}

function hide(images: readonly GameObjects.Image[]): void {
  for (const image of images) if (image.visible) image.setVisible(false);
}

function hexOf(colour: string): number {
  return Number.parseInt(colour.slice(1), 16);
}
