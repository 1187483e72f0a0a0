/** The players on the map: creatures with names, that lean, turn, shake when hit, and start at once on what was pressed. */
import type { GameObjects, Scene } from 'phaser';
import { ActionKind } from '../../shared/grid/actions.ts';
import { directionOf } from '../input/steering.ts';
import type { MapColours } from './palette.ts';
import type { Picture } from './picture.ts';

/** A victim shakes this long, milliseconds. */
const SHAKE_TIME = 220;
/** A pressed action shows at most this long before the room's answer, milliseconds. */
const ECHO_TIME = 400;
/** How far a pressed step, turn or beam moves the creature before the room's answer, in cells and quarter turns. */
const ECHO_STEP = 0.1;
const ECHO_TURN = 0.14;
/** Below this many CSS pixels a cell, names would cover the map. */
const SMALLEST_NAMED_CELL = 14;
/** With more players than this, names would hide the map. */
export const CROWD = 8;
/** From a creature's middle up to its name, in cells. */
const NAME_HEIGHT = 0.58;

const STEP_X = [0, 1, 0, -1];
const STEP_Y = [-1, 0, 1, 0];

export interface CastLook {
  readonly colours: MapColours;
  /** Pixels a cell. */
  readonly cell: number;
  /** Device pixels a CSS pixel. */
  readonly ratio: number;
  /** No shaking, no echo. */
  readonly still: boolean;
}

interface Echo {
  readonly action: number;
  readonly at: number;
}

export class Cast {
  readonly #scene: Scene;
  readonly #picture: Picture;
  readonly #look: CastLook;
  readonly #ring: GameObjects.Image;
  readonly #creatures: readonly GameObjects.Image[];
  /** Null for who has no name on the map. */
  #labels: (GameObjects.Text | null)[] = [];
  #me: number | null = null;
  /** When each player was last hit, milliseconds. */
  readonly #hitAt: Float64Array;
  #echo: Echo | null = null;

  constructor(scene: Scene, picture: Picture, look: CastLook) {
    this.#scene = scene;
    this.#picture = picture;
    this.#look = look;
    this.#hitAt = new Float64Array(picture.players).fill(Number.NEGATIVE_INFINITY);
    this.#ring = scene.add.image(0, 0, 'atlas', 'ring').setVisible(false);
    this.#creatures = Array.from({ length: picture.players }, (_, i) =>
      scene.add.image(0, 0, 'atlas', `player${i}`),
    );
  }

  /** @param names by player; an empty one shows none. @param me our own player, if we have one. */
  name(names: readonly string[], me: number | null): void {
    const { cell, ratio, colours } = this.#look;
    const named = cell / ratio >= SMALLEST_NAMED_CELL;
    const size = Math.round(Math.min(13, Math.max(10, cell / ratio / 2.4)) * ratio);
    this.#me = me;
    for (const label of this.#labels) label?.destroy();
    this.#labels = this.#creatures.map((creature, i) => {
      const name = names[i] ?? '';
      if (!named || name === '') return null;
      const style = {
        fontFamily: 'system-ui, sans-serif',
        fontSize: `${size}px`,
        fontStyle: i === me ? 'bold' : 'normal',
        color: colours.label,
        stroke: colours.labelEdge,
        strokeThickness: Math.round(3 * ratio),
      };
      return this.#scene.add.text(0, 0, name, style).setOrigin(0.5, 1).setVisible(creature.visible);
    });
  }

  /** The room has stepped: what was pressed before has come to what the picture shows. */
  tick(now: number): void {
    this.#echo = null;
    for (const player of this.#picture.hits) this.#hitAt[player] = now;
  }

  echo(action: number, now: number): void {
    if (this.#me !== null && !this.#look.still) this.#echo = { action, at: now };
  }

  /** Puts everybody where they are now. @param ringed who wears the ring. @returns whether something goes on by itself. */
  place(progress: number, now: number, ringed: number | null): boolean {
    const { motion, eyes } = this.#picture;
    const { cell } = this.#look;
    // In a window everything turns with the player; names stay upright.
    const spin = eyes === null ? 0 : (motion.turn(eyes, progress) * Math.PI) / 2;
    const nameX = Math.sin(spin) * NAME_HEIGHT * cell;
    const nameY = -Math.cos(spin) * NAME_HEIGHT * cell;
    let busy = false;
    this.#ring.setVisible(ringed !== null && eyes === null);
    if (this.#echo !== null && now - this.#echo.at > ECHO_TIME) this.#echo = null;
    for (let i = 0; i < this.#creatures.length; i++) {
      const creature = this.#creatures[i]!;
      const label = this.#labels[i];
      const visible = motion.visible[i] === 1;
      if (creature.visible !== visible) {
        creature.setVisible(visible);
        label?.setVisible(visible);
      }
      if (!visible) continue;
      let x = (motion.x(i, progress) + 0.5) * cell;
      let y = (motion.y(i, progress) + 0.5) * cell;
      let turn = motion.turn(i, progress) + 0.09 * motion.lean(i, progress);
      const sinceHit = now - this.#hitAt[i]!;
      if (sinceHit < SHAKE_TIME && !this.#look.still) {
        busy = true;
        x += Math.sin(sinceHit / 16) * 0.12 * cell * (1 - sinceHit / SHAKE_TIME);
      }
      if (i === this.#me && this.#echo !== null) {
        busy = true;
        const start = startOf(this.#echo.action, motion.turn(i, 1));
        x += start.x * cell;
        y += start.y * cell;
        turn += start.turn;
      }
      const frame = motion.faced[i] === 1 ? `player${i}` : `shape${i}`;
      if (creature.frame.name !== frame) creature.setFrame(frame);
      creature.setPosition(x, y).setRotation((turn * Math.PI) / 2);
      label?.setPosition(Math.round(x + nameX), Math.round(y + nameY)).setRotation(spin);
      if (i === ringed) this.#ring.setPosition(x, y);
    }
    return busy;
  }
}

/** How a creature starts on an action, before the room says what came of it. @param turn its own, quarter turns. */
function startOf(action: number, turn: number): { x: number; y: number; turn: number } {
  if (action === ActionKind.turnClockwise) return { x: 0, y: 0, turn: ECHO_TURN };
  if (action === ActionKind.turnCounterClockwise) return { x: 0, y: 0, turn: -ECHO_TURN };
  const facing = ((Math.round(turn) % 4) + 4) % 4;
  const direction = directionOf(action, facing);
  if (direction !== null)
    return { x: ECHO_STEP * STEP_X[direction]!, y: ECHO_STEP * STEP_Y[direction]!, turn: 0 };
  // A beam is about to leave: the creature draws back.
  const recoil = action === ActionKind.fine || action === ActionKind.clean ? -ECHO_STEP : 0;
  return { x: recoil * STEP_X[facing]!, y: recoil * STEP_Y[facing]!, turn: 0 };
}
