/**
 * Episodes without a server: what policies earn, scripted and trained ones in any mix of seats, and what becomes of the
 * commons. Several games are played side by side, so that a trained policy acts for all of them in one call.
 */
import { type OptionsInput, parseOptions } from '../shared/definition.ts';
import { type Environment, elementsOf } from '../shared/environment.ts';
import { SocialMetrics, type SocialOutcome } from '../shared/metrics.ts';
import { policyContext } from '../shared/policies/context.ts';
import { policyOf } from '../shared/policies/index.ts';
import { deriveSeed, Random } from '../shared/random.ts';
import { definitionOf } from '../shared/registry.ts';
import type { VectorEnvironment } from '../shared/vector.ts';
import { Heard } from './heard.ts';
import type { PolicyCard } from './policies/card.ts';
import {
  advance,
  checkFits,
  draw,
  drawSymbol,
  forget,
  likeliest,
  type Policy,
  type PolicyCall,
} from './policies/policy.ts';

/**
 * What trained policies are shown: their own observation; nothing, which is zeros; or, at each step, what the player in the
 * same seat of another game sees. One that scores alike on all three does not look.
 */
export const SIGHTS = ['own', 'blank', 'swapped'] as const;
export type Sight = (typeof SIGHTS)[number];

export interface Evaluation {
  /** The registry's name of the environment. */
  readonly environment: string;
  readonly options?: OptionsInput;
  /** Names of scripted policies, or trained policies, one a player; a shorter list is repeated. */
  readonly policies: readonly (string | Policy)[];
  readonly episodes: number;
  /** An integer in [0, 2^53): the result is a function of it and the other fields. */
  readonly seed: number;
  /** Whether trained policies take their most likely action instead of drawing; false by default. */
  readonly greedy?: boolean;
  /** `own` by default. */
  readonly sight?: Sight;
}

export interface EpisodeReport {
  /** What the environment was reset with. */
  readonly seed: number;
  readonly outcome: SocialOutcome;
  /** [N] sums of raw rewards. */
  readonly returns: Float64Array;
}

/** Games side by side. With a trained policy there are always as many: products of another size may round otherwise. */
const GAMES = 16;

/**
 * Episode e has seed s = deriveSeed(seed, e), and in it player i's policy has the stream deriveSeed(s, i). Game g plays
 * the episodes g, g + G, g + 2G...: none of them depends on how many are asked for.
 * @throws {OptionsError} for an environment or options that are unknown.
 * @throws {RangeError} for an unknown policy or none, or a scripted one where there are no windows of class ids.
 * @throws {PolicyError} for a trained policy that is for something else.
 */
export async function evaluate(evaluation: Evaluation): Promise<EpisodeReport[]> {
  const { episodes, sight = 'own' } = evaluation;
  const trained = evaluation.policies.some((policy) => typeof policy !== 'string');
  if (!trained && sight !== 'own') {
    throw new RangeError(`sight: ${sight} is for trained policies, of which there is none`);
  }
  // What scripted policies do is the same beside however many games: as many as leave the fewest over.
  const table = new Table(
    evaluation,
    trained ? GAMES : Math.ceil(episodes / Math.ceil(episodes / GAMES)) || 1,
  );
  const reports: EpisodeReport[] = [];
  let open = episodes;
  while (open > 0) {
    await table.step((episode, report) => {
      // Games go on beside the last ones that count, but what they come to is nobody's business.
      if (episode >= episodes) return;
      reports[episode] = report;
      open--;
    });
  }
  return reports;
}

/** Who chooses in some seats of all games. */
interface Seats {
  /** Game g begins an episode of this seed. */
  start(game: number, seed: number): void;
  /** Writes the actions of its seats in all games; where players act in turn, of those whose turn it is. */
  act(actions: Uint8Array, turn: Turn): void | Promise<void>;
}

/** [N] 1 for whose turn it is, and whether it is the last of the step. */
interface Turn {
  readonly players: Uint8Array;
  readonly last: boolean;
}

/** Everybody at once; or those who lead, then those who do not. */
function turnsOf({ leads }: Environment): Turn[] {
  if (!leads.includes(1)) return [{ players: new Uint8Array(leads.length).fill(1), last: true }];
  return [
    { players: leads, last: false },
    { players: leads.map((lead) => 1 - lead), last: true },
  ];
}

class Table {
  readonly #vector: VectorEnvironment;
  readonly #seats: readonly Seats[];
  readonly #views: Views;
  readonly #heard: Heard;
  readonly #turns: readonly Turn[];
  readonly #seed: number;
  /** [G] episodes under way. */
  readonly #episodes: Float64Array;
  readonly #metrics: readonly SocialMetrics[];
  readonly #actions: Uint8Array;
  readonly #rewards: Float32Array;

  constructor(evaluation: Evaluation, games: number) {
    const { environment: name, options = {}, policies, seed } = evaluation;
    if (policies.length === 0) throw new RangeError('policies: name at least one');
    const definition = definitionOf(name);
    this.#vector = definition.createVector(parseOptions(definition, options), games, {});
    const { players } = this.#vector;
    this.#turns = turnsOf(this.#vector.environments[0]!);
    this.#heard = new Heard(games, players);
    this.#seed = seed;
    this.#views = new Views(this.#vector);
    this.#metrics = Array.from({ length: games }, () => new SocialMetrics(players));
    this.#actions = new Uint8Array(games * players);
    this.#rewards = new Float32Array(games * players);
    this.#episodes = Float64Array.from({ length: games }, (_, game) => game);
    const chosen = Array.from({ length: players }, (_, i) => policies[i % policies.length]!);
    this.#seats = this.#seat(chosen, evaluation);
    for (let game = 0; game < games; game++) this.#start(game);
  }

  /** @param chosen [N] */
  #seat(chosen: readonly (string | Policy)[], { greedy = false, sight = 'own' }: Evaluation): Seats[] {
    const seats: Seats[] = [];
    const trained = new Map<Policy, Map<number, number[]>>();
    chosen.forEach((policy, player) => {
      if (typeof policy === 'string') seats.push(new ScriptedSeat(policy, player, this.#vector, this.#views));
      else {
        // One call for all seats that a network plays.
        const networks = trained.get(policy) ?? new Map<number, number[]>();
        trained.set(policy, networks);
        const network = player % policy.card.files.length;
        networks.set(network, [...(networks.get(network) ?? []), player]);
      }
    });
    for (const [policy, networks] of trained) {
      checkFits(policy.card, this.#vector.environments[0]!);
      for (const players of networks.values()) {
        seats.push(new TrainedSeats(policy, players, this.#vector, this.#views, this.#heard, greedy, sight));
      }
    }
    return seats;
  }

  #start(game: number): void {
    const seed = deriveSeed(this.#seed, this.#episodes[game]!);
    this.#vector.reset(game, seed);
    this.#metrics[game]!.reset();
    this.#heard.forget(game);
    for (const seats of this.#seats) seats.start(game, seed);
  }

  /** One step of all games. @param ended told of each episode that ends with it. */
  async step(ended: (episode: number, report: EpisodeReport) => void): Promise<void> {
    this.#views.observe();
    for (const turn of this.#turns) {
      for (const seats of this.#seats) {
        const acting = seats.act(this.#actions, turn);
        // Scripted policies are at once done, and a promise a step would double their time.
        if (acting !== undefined) await acting;
      }
      this.#heard.lead(this.#actions, turn);
    }
    this.#vector.step(this.#actions, this.#rewards);
    this.#heard.follow(this.#actions);
    for (let game = 0; game < this.#metrics.length; game++) {
      const metrics = this.#metrics[game]!;
      metrics.record(this.#vector.environments[game]!);
      if (this.#vector.done[game] === 0) continue;
      const episode = this.#episodes[game]!;
      const seed = deriveSeed(this.#seed, episode);
      ended(episode, { seed, outcome: metrics.outcome(), returns: metrics.returns.slice() });
      this.#episodes[game] = episode + this.#metrics.length;
      this.#start(game);
    }
  }
}

/** Observations of all games in the encodings that somebody sees by, [G, N, ...]. */
class Views {
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

class ScriptedSeat implements Seats {
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

/** The seats that one network plays, in all games: row g * K + k is seat k of game g. */
class TrainedSeats implements Seats {
  readonly #seats: readonly number[];
  readonly #players: number;
  readonly #games: number;
  readonly #call: PolicyCall;
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
    this.#seats = seats;
    this.#players = vector.players;
    this.#games = games;
    this.#call = policy.call(games * seats.length, seats[0]!);
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
    this.#seats.forEach((player, k) => {
      const row = game * this.#seats.length + k;
      this.#streams[row]!.seed(deriveSeed(seed, player));
      forget(this.#call, row);
    });
  }

  async act(actions: Uint8Array, { players, last }: Turn): Promise<void> {
    const call = this.#call;
    if (this.#seats.every((seat) => players[seat] === 0) && !last) return;
    if (this.#sight !== 'blank') this.#look();
    this.#listen();
    await call.run();
    for (let row = 0; row < call.rows; row++) {
      const column = this.#column(row, 0);
      const stream = this.#streams[row]!;
      if (players[column % this.#players] === 1) {
        actions[column] = this.#greedy ? likeliest(call, row) : draw(call, row, stream);
      }
      if (last && this.#speaks) this.#heard.said[column] = drawSymbol(call, row, stream);
    }
    if (last) advance(call);
  }

  #listen(): void {
    for (const { name, choices } of this.#signals) {
      const out = this.#call.signals[name]!;
      for (let row = 0; row < this.#call.rows; row++) {
        this.#heard.write(name, this.#column(row, 0), choices, out, row * this.#players);
      }
    }
  }

  #look(): void {
    const size = this.#size;
    const shift = this.#sight === 'swapped' ? 1 : 0;
    for (let row = 0; row < this.#call.rows; row++) {
      const column = this.#column(row, shift);
      this.#call.observation.set(this.#view.subarray(column * size, (column + 1) * size), row * size);
    }
  }

  /** Where a row's seat is among all players, in the game `shift` further on. */
  #column(row: number, shift: number): number {
    const count = this.#seats.length;
    const game = (Math.floor(row / count) + shift) % this.#games;
    return game * this.#players + this.#seats[row % count]!;
  }
}
