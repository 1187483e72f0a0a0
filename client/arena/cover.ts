/** What comes and goes on the ground: apples that ripen and pop, waste on the river, the river's light. */
import type { GameObjects } from 'phaser';
import { ClassId } from '../../shared/palette.ts';
import { grain, POPS, RIPENESS, RIPPLES } from './art.ts';
import { WASTE_VARIANTS } from './atlas.ts';
import type { Picture } from './picture.ts';

/** An eaten apple's crumbs are seen this long, milliseconds. */
const POP_TIME = 240;

export class Cover {
  readonly #picture: Picture;
  readonly #cell: number;
  readonly #things: GameObjects.Blitter;
  readonly #ripples: GameObjects.Blitter;
  readonly #thingAt = new Map<number, GameObjects.Bob>();
  readonly #rippleAt = new Map<number, GameObjects.Bob>();
  /** [height * width] class ids as shown. */
  readonly #shown: Uint8Array;
  /** Cells whose apple is not ripe yet, and how far it is. */
  readonly #ripening = new Map<number, number>();
  /** Cells whose apple was eaten, and when. */
  readonly #popping = new Map<number, number>();
  #ripple = 0;

  constructor(picture: Picture, cell: number, things: GameObjects.Blitter, ripples: GameObjects.Blitter) {
    this.#picture = picture;
    this.#cell = cell;
    this.#things = things;
    this.#ripples = ripples;
    this.#shown = new Uint8Array(picture.cells.length);
    this.settle();
  }

  /** Whether something changes from frame to frame. */
  get lively(): boolean {
    return this.#popping.size > 0;
  }

  /** Shows the cells as they are, without ripening and popping. */
  settle(): void {
    this.#ripening.clear();
    this.#popping.clear();
    const { cells } = this.#picture;
    for (let cell = 0; cell < cells.length; cell++) {
      if (cells[cell] !== this.#shown[cell]) this.#show(cell, cells[cell]!, RIPENESS - 1);
    }
  }

  /** One tick: new apples bud, buds ripen, eaten ones pop. */
  tick(now: number): void {
    for (const [cell, stage] of this.#ripening) {
      if (stage + 1 >= RIPENESS - 1) this.#ripening.delete(cell);
      else this.#ripening.set(cell, stage + 1);
      this.#thing(cell, `apple${stage + 1}`);
    }
    const { cells } = this.#picture;
    for (let cell = 0; cell < cells.length; cell++) {
      const before = this.#shown[cell]!;
      const after = cells[cell]!;
      if (before === after) continue;
      this.#ripening.delete(cell);
      this.#popping.delete(cell);
      this.#show(cell, after, 0);
      if (after === ClassId.apple) this.#ripening.set(cell, 0);
      else if (before === ClassId.apple) {
        this.#popping.set(cell, now);
        this.#thing(cell, 'pop0');
      }
    }
  }

  frame(now: number): void {
    for (const [cell, start] of this.#popping) {
      const frame = Math.floor(((now - start) / POP_TIME) * POPS);
      if (frame >= POPS) {
        this.#popping.delete(cell);
        this.#thing(cell, null);
      } else this.#thing(cell, `pop${frame}`);
    }
  }

  /** Moves the river's light on. @returns whether there is a river. */
  flow(): boolean {
    if (this.#rippleAt.size === 0) return false;
    this.#ripple++;
    for (const [cell, bob] of this.#rippleAt) {
      if (bob.visible) bob.setFrame(`ripple${(this.#ripple + this.#phase(cell)) % RIPPLES}`);
    }
    return true;
  }

  #phase(cell: number): number {
    return Math.floor(cell / this.#picture.width) % RIPPLES;
  }

  #show(cell: number, id: number, ripeness: number): void {
    this.#shown[cell] = id;
    if (id === ClassId.apple) this.#thing(cell, `apple${ripeness}`);
    else if (id === ClassId.waste)
      this.#thing(cell, `waste${Math.floor(grain(cell, 0, 50) * WASTE_VARIANTS)}`);
    else this.#thing(cell, null);
    const flows = id === ClassId.river || id === ClassId.stream;
    const ripple = this.#rippleAt.get(cell);
    if (ripple) ripple.setVisible(flows);
    else if (flows) this.#rippleAt.set(cell, this.#bob(this.#ripples, cell, `ripple${this.#phase(cell)}`));
  }

  #thing(cell: number, frame: string | null): void {
    const bob = this.#thingAt.get(cell);
    if (frame === null) bob?.setVisible(false);
    else if (bob) bob.setFrame(frame).setVisible(true);
    else this.#thingAt.set(cell, this.#bob(this.#things, cell, frame));
  }

  #bob(blitter: GameObjects.Blitter, cell: number, frame: string): GameObjects.Bob {
    const { width } = this.#picture;
    return blitter.create((cell % width) * this.#cell, Math.floor(cell / width) * this.#cell, frame);
  }
}
