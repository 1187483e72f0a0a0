/** Who chooses in the seats of all games, and what they see. */
import { type Environment, elementsOf } from '../../shared/environment.ts';
import { policyContext } from '../../shared/policies/context.ts';
import { policyOf } from '../../shared/policies/index.ts';
import { deriveSeed, Random } from '../../shared/random.ts';
import type { VectorEnvironment } from '../../shared/vector.ts';
import type { Heard } from '../heard.ts';
import type { PolicyCard } from '../policies/card.ts';
import {
  advance,
  draw,
  drawSymbol,
  forget,
  likeliest,
  type Policy,
  type PolicyCall,
} from '../policies/policy.ts';
import type { Seats, Trained, Turn } from './play.ts';

/**
 * What trained policies are shown: their own observation; nothing, which is zeros; or, at each step, what the player in the
 * same seat of another game sees. One that scores alike on all three does not look.
 */
export const SIGHTS = ['own', 'blank', 'swapped'] as const;
export type Sight = (typeof SIGHTS)[number];

/** Observations of all games in the encodings that somebody sees by, [G, N, ...]. */
export class Views {
  readonly #vector: VectorEnvironment;
  readonly #byEncoding = new Map<string, Uint8Array | Float32Array>();

  constructor(vector: VectorEnvironment) {
    this.#vector = vector;
  }

  of(encoding: string): Uint8Array | Float32Array {
    let view = this.#byEncoding.get(encoding);
    if (view === undefined) {
      const { environments, players } = this.#vector;
      const spec = environments[0]!.observationSpecs[encoding]!;
      const elements = environments.length * players * elementsOf(spec);
      view = spec.dtype === 'uint8' ? new Uint8Array(elements) : new Float32Array(elements);
      this.#byEncoding.set(encoding, view);
    }
    return view;
  }

  observe(): void {
    for (const [encoding, view] of this.#byEncoding) this.#vector.observe(encoding, view);
  }
}

export class ScriptedSeat implements Seats {
  readonly #player: number;
  readonly #players: number;
  /** [G] each with a stream of its own. */
  readonly #games: readonly { policy: ReturnType<ReturnType<typeof policyOf>['create']>; stream: Random }[];
  readonly #windows: Uint8Array;
  readonly #size: number;

  /** @throws {RangeError} for an unknown policy, or an environment without windows of class ids. */
  constructor(name: string, player: number, vector: VectorEnvironment, views: Views) {
    const definition = policyOf(name);
    this.#player = player;
    this.#players = vector.players;
    this.#games = vector.environments.map((environment: Environment) => ({
      policy: definition.create(policyContext(environment, player)),
      stream: new Random(),
    }));
    this.#windows = views.of('ids') as Uint8Array;
    this.#size = elementsOf(vector.environments[0]!.observationSpecs.ids!);
  }

  start(game: number, seed: number): void {
    const { policy, stream } = this.#games[game]!;
    policy.reset(stream.seed(deriveSeed(seed, this.#player)));
  }

  act(actions: Uint8Array, { players }: Turn): void {
    if (players[this.#player] === 0) return;
    for (let game = 0; game < this.#games.length; game++) {
      const column = game * this.#players + this.#player;
      actions[column] = this.#games[game]!.policy.act(this.#windows, column * this.#size);
    }
  }
}

export class TrainedSeats implements Seats, Trained {
  readonly policy: Policy;
  readonly seats: readonly number[];
  readonly call: PolicyCall;
  readonly #players: number;
  readonly #games: number;
  readonly #heard: Heard;
  readonly #signals: PolicyCard['signals'];
  readonly #speaks: boolean;
  /** [G * K] */
  readonly #streams: readonly Random[];
  readonly #view: Uint8Array | Float32Array;
  readonly #size: number;
  readonly #greedy: boolean;
  readonly #sight: Sight;

  constructor(
    policy: Policy,
    seats: readonly number[],
    vector: VectorEnvironment,
    views: Views,
    heard: Heard,
    greedy: boolean,
    sight: Sight,
  ) {
    const games = vector.environments.length;
    this.policy = policy;
    this.seats = seats;
    this.#players = vector.players;
    this.#games = games;
    this.call = policy.call(games * seats.length, seats[0]!);
    this.#heard = heard;
    this.#signals = policy.card.signals;
    this.#speaks = policy.card.symbols > 0;
    this.#streams = Array.from({ length: games * seats.length }, () => new Random());
    this.#view = views.of(policy.card.encoding);
    this.#size = elementsOf(policy.card.observation);
    this.#greedy = greedy;
    this.#sight = sight;
  }

  start(game: number, seed: number): void {
    this.seats.forEach((player, k) => {
      const row = game * this.seats.length + k;
      this.#streams[row]!.seed(deriveSeed(seed, player));
      forget(this.call, row);
    });
  }

  async act(actions: Uint8Array, { players, last }: Turn): Promise<void> {
    const call = this.call;
    if (this.seats.every((seat) => players[seat] === 0) && !last) return;
    if (this.#sight !== 'blank') this.#look();
    this.#listen();
    await call.run();
    for (let row = 0; row < call.rows; row++) {
      const column = this.column(row);
      const stream = this.#streams[row]!;
      if (players[column % this.#players] === 1) {
        actions[column] = this.#greedy ? likeliest(call, row) : draw(call, row, stream);
      }
      if (last && this.#speaks) this.#heard.said[column] = drawSymbol(call, row, stream);
    }
  }

  advance(): void {
    advance(this.call);
  }

  readonly column = (row: number): number => this.#seatOf(row, 0);

  #listen(): void {
    for (const { name, choices } of this.#signals) {
      const out = this.call.signals[name]!;
      for (let row = 0; row < this.call.rows; row++) {
        this.#heard.write(name, this.column(row), choices, out, row * this.#players);
      }
    }
  }

  #look(): void {
    const size = this.#size;
    const shift = this.#sight === 'swapped' ? 1 : 0;
    for (let row = 0; row < this.call.rows; row++) {
      const column = this.#seatOf(row, shift);
      this.call.observation.set(this.#view.subarray(column * size, (column + 1) * size), row * size);
    }
  }

  /** Where a row's seat is among all players, in the game `shift` further on. */
  #seatOf(row: number, shift: number): number {
    const count = this.seats.length;
    const game = (Math.floor(row / count) + shift) % this.#games;
    return game * this.#players + this.seats[row % count]!;
  }
}
