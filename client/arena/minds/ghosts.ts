/** Steps that are foreseen, as ghosts of those who are to take them: of this tick, and of the last one as they fade. */
import type { GameObjects, Scene } from 'phaser';
import { ActionKind } from '../../../shared/grid/actions.ts';
import { GHOSTS, type GhostSteps, type Thoughts } from './thoughts.ts';

/** Of a step that is certain; an eighth as likely shows a third as strongly, for the eye sees shares, not areas. */
const ALPHA = 0.75;
/** Fainter ones are not drawn. */
const LEAST_ALPHA = 0.02;
const SCALE = 0.85;

export class Ghosts {
  readonly #images: readonly GameObjects.Image[];
  readonly #cell: number;
  /** Images of one tick. */
  readonly #count: number;

  /** @param cell pixels a cell. */
  constructor(scene: Scene, players: number, cell: number) {
    this.#cell = cell;
    this.#count = players * GHOSTS;
    this.#images = Array.from({ length: 2 * this.#count }, (_, k) => {
      const player = Math.floor((k % this.#count) / GHOSTS);
      return scene.add.image(0, 0, 'atlas', `player${player}`).setScale(SCALE).setVisible(false);
    });
  }

  get visible(): number {
    return this.#images.filter((image) => image.visible).length;
  }

  hide(): void {
    for (const image of this.#images) if (image.visible) image.setVisible(false);
  }

  /**
   * @param pen for what is no step. @param colours of players. @param strength 0 while the mind is closed, 1 when it is open.
   * @param eased how far the tick has been shown. @param still whether nothing fades.
   */
  draw(
    pen: GameObjects.Graphics,
    thoughts: Thoughts,
    colours: readonly number[],
    strength: number,
    eased: number,
    still: boolean,
  ): void {
    this.#cast(pen, thoughts.ghosts, 0, colours, strength * Math.min(1, eased * 2));
    if (!still) this.#cast(pen, thoughts.before, this.#count, colours, strength * (1 - eased));
  }

  /** @param first of the images. */
  #cast(
    pen: GameObjects.Graphics,
    steps: GhostSteps,
    first: number,
    colours: readonly number[],
    strength: number,
  ): void {
    for (let k = 0; k < this.#count; k++) {
      const alpha = Math.sqrt(steps.likely[k]!) * ALPHA * strength;
      if (alpha < LEAST_ALPHA) continue;
      const x = (steps.x[k]! + 0.5) * this.#cell;
      const y = (steps.y[k]! + 0.5) * this.#cell;
      const angle = (steps.turn[k]! * Math.PI) / 2;
      const action = steps.action[k]!;
      if (action === ActionKind.fine || action === ActionKind.clean) {
        pen.fillStyle(colours[Math.floor(k / GHOSTS)]!, alpha);
        this.#aim(pen, x, y, angle);
      } else this.#images[first + k]!.setVisible(true).setPosition(x, y).setRotation(angle).setAlpha(alpha);
    }
  }

  /** A beam that is expected: three dots ahead. */
  #aim(pen: GameObjects.Graphics, x: number, y: number, angle: number): void {
    for (let k = 0; k < 3; k++) {
      const ahead = (0.85 + 0.42 * k) * this.#cell;
      pen.fillCircle(
        x + Math.sin(angle) * ahead,
        y - Math.cos(angle) * ahead,
        (0.16 - 0.03 * k) * this.#cell,
      );
    }
  }
}
