/**
 * The signals of a rollout as it is played: what everybody did and said in the last step, and what those who lead do in this
 * one. They lie in fields of the rollout, of the signal's name, [T + 1, B, N] in relative slots; see `networks/signals.ts`.
 */
import type { Random } from '../../shared/random.ts';
import type { Saved } from '../algorithms/algorithm.ts';
import { restore } from '../algorithms/restore.ts';
import { sample } from '../math/categorical.ts';
import { SIGNAL_NAMES, type SignalName, writeSlots } from '../networks/signal-names.ts';
import type { Rollout } from './rollout.ts';

/** In `led`: does not lead. */
export const NONE = 255;

export class Signals {
  /** [B] what those who lead chose in this step; null where nobody does. */
  readonly led: Uint8Array | null;
  readonly #rollout: Rollout;
  readonly #names: readonly SignalName[];
  /** Signals of the last step, and what they are made of. */
  readonly #heard: readonly (readonly [SignalName, Uint8Array])[];
  /** [N] 0 or 1. */
  readonly #leads: Uint8Array;
  /** [N] actions of those who lead, else the number of actions. */
  readonly #leading: Uint8Array;

  /** @param leads [N] of every environment. */
  constructor(rollout: Rollout, leads: Uint8Array) {
    this.#rollout = rollout;
    this.#names = namesOf(rollout);
    this.#heard = heardIn(rollout, this.#names);
    this.#leads = leads;
    this.#leading = new Uint8Array(leads.length);
    const inTurn = this.#names.includes('leadersActions');
    this.led = inTurn ? new Uint8Array(rollout.columns).fill(NONE) : null;
    for (const name of this.#names) this.#field(name).fill(this.#none(name));
  }

  /** Arrays of one environment, to be bound and filled by `copy`. */
  static one(rollout: Rollout): Record<string, Uint8Array> {
    const { players } = rollout.shape;
    return Object.fromEntries(namesOf(rollout).map((name) => [name, new Uint8Array(players * players)]));
  }

  /** Views of step t, [B, N] each, to be bound. */
  row(t: number): Record<string, Uint8Array> {
    const width = this.#rollout.columns * this.#rollout.shape.players;
    return Object.fromEntries(
      this.#names.map((name) => [name, this.#field(name).subarray(t * width, (t + 1) * width)]),
    );
  }

  /**
   * Draws what those who lead do in step t, and puts it before the others.
   * @param probabilities [.., A] with the columns of the step from row `at` on.
   * @returns whether anybody leads.
   */
  lead(t: number, probabilities: Float32Array, at: number, random: Random): boolean {
    const { led } = this;
    if (led === null) return false;
    const { players, environments } = this.#rollout.shape;
    const field = this.#field('leadersActions');
    for (let e = 0; e < environments; e++) {
      const column = e * players;
      this.#draw(probabilities, at + column, random);
      for (let n = 0; n < players; n++) led[column + n] = this.#leads[n] === 1 ? this.#leading[n]! : NONE;
      this.#show(field, (t * environments + e) * players * players);
    }
    return true;
  }

  /** The same for one environment's arrays. @param probabilities [N, A] */
  leadOne(one: Record<string, Uint8Array>, probabilities: Float32Array, random: Random): boolean {
    if (this.led === null) return false;
    this.#draw(probabilities, 0, random);
    this.#show(one.leadersActions!, 0);
    return true;
  }

  #draw(probabilities: Float32Array, at: number, random: Random): void {
    const { actions } = this.#rollout.shape;
    for (let n = 0; n < this.#leads.length; n++) {
      this.#leading[n] =
        this.#leads[n] === 1 ? sample(probabilities, (at + n) * actions, actions, random.uniform()) : actions;
    }
  }

  /** Those who lead do not see one another. */
  #show(field: Uint8Array, offset: number): void {
    const { players, actions } = this.#rollout.shape;
    writeSlots(this.#leading, 0, players, field, offset);
    for (let n = 0; n < players; n++) {
      if (this.#leads[n] === 1) field.fill(actions, offset + n * players, offset + (n + 1) * players);
    }
  }

  /** After step t: what was done and said in it is heard in the next. */
  follow(t: number): void {
    const { columns, shape } = this.#rollout;
    const { environments, players } = shape;
    for (const [name, actions] of this.#heard) {
      const field = this.#field(name);
      for (let e = 0; e < environments; e++) {
        const column = e * players;
        writeSlots(actions, t * columns + column, players, field, ((t + 1) * columns + column) * players);
      }
    }
    // Who is to decide does not know yet.
    if (this.led !== null) {
      const width = columns * players;
      this.#field('leadersActions').fill(shape.actions, (t + 1) * width, (t + 2) * width);
    }
  }

  /** The episode of environment e ended with step t: in the next nothing is heard of it. */
  forget(t: number, e: number): void {
    const { columns, shape } = this.#rollout;
    const { players } = shape;
    const from = ((t + 1) * columns + e * players) * players;
    for (const [name] of this.#heard) {
      this.#field(name).fill(this.#none(name), from, from + players * players);
    }
  }

  /** What environment e hears before step t, into arrays of one. */
  copy(t: number, e: number, one: Record<string, Uint8Array>): void {
    const { columns, shape } = this.#rollout;
    const { players } = shape;
    const from = (t * columns + e * players) * players;
    for (const name of this.#names)
      one[name]!.set(this.#field(name).subarray(from, from + players * players));
  }

  /** The next segment starts from the last row. */
  turn(): void {
    const width = this.#rollout.columns * this.#rollout.shape.players;
    for (const name of this.#names) this.#field(name).copyWithin(0, this.#rollout.shape.steps * width);
    if (this.led !== null) {
      this.#field('leadersActions').fill(this.#rollout.shape.actions, 0, width);
    }
  }

  save(): Saved {
    return Object.fromEntries(this.#heard.map(([name]) => [name, this.row(0)[name]!.slice()]));
  }

  load(saved: Saved): void {
    for (const [name] of this.#heard) restore(saved, name, this.row(0)[name]!);
  }

  #field(name: SignalName): Uint8Array {
    return this.#rollout.fields[name] as Uint8Array;
  }

  /** What says that there is nothing: the number of choices. */
  #none(name: SignalName): number {
    const { actions, symbols = 0 } = this.#rollout.shape;
    return name === 'heardSymbols' ? symbols : actions;
  }
}

const namesOf = (rollout: Rollout) => SIGNAL_NAMES.filter((name) => name in rollout.fields);

function heardIn(rollout: Rollout, names: readonly SignalName[]): (readonly [SignalName, Uint8Array])[] {
  const sources: readonly (readonly [SignalName, Uint8Array | undefined])[] = [
    ['lastActions', rollout.actions],
    ['heardSymbols', rollout.symbols?.actions],
  ];
  return sources.flatMap(([name, actions]) =>
    actions !== undefined && names.includes(name) ? [[name, actions] as const] : [],
  );
}
