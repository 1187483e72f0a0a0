/** The games of an evaluation, side by side and step by step. */
import { parseOptions } from '../../shared/definition.ts';
import type { Environment } from '../../shared/environment.ts';
import { SocialMetrics } from '../../shared/metrics.ts';
import { deriveSeed } from '../../shared/random.ts';
import { definitionOf } from '../../shared/registry.ts';
import type { VectorEnvironment } from '../../shared/vector.ts';
import type { EpisodeReport, Evaluation } from '../evaluate.ts';
import { Heard } from '../heard.ts';
import { checkFits, type Policy } from '../policies/policy.ts';
import { type Meter, type Play, type Seats, type Turn, turnsOf } from './play.ts';
import { ScriptedSeat, TrainedSeats, Views } from './seats.ts';

export class Table implements Play {
  readonly vector: VectorEnvironment;
  readonly games: number;
  readonly watched: number;
  readonly players: number;
  readonly actions: number;
  readonly chosen: Uint8Array;
  readonly trained: readonly TrainedSeats[];
  readonly starts: Uint8Array;
  readonly episodes: Float64Array;
  readonly #seats: readonly Seats[];
  readonly #views: Views;
  readonly #heard: Heard;
  readonly #turns: readonly Turn[];
  readonly #seed: number;
  /** How many episodes count. */
  readonly #asked: number;
  readonly #metrics: readonly SocialMetrics[];
  readonly #rewards: Float32Array;

  constructor(evaluation: Evaluation, games: number) {
    const { environment: name, options = {}, policies, seed } = evaluation;
    if (policies.length === 0) throw new RangeError('policies: name at least one');
    const definition = definitionOf(name);
    this.vector = definition.createVector(parseOptions(definition, options), games, {});
    const { players } = this.vector;
    const [environment] = this.vector.environments as [Environment];
    const { actionSpec } = environment;
    this.games = games;
    this.watched = Math.min(games, evaluation.episodes);
    this.players = players;
    this.actions = actionSpec.kind === 'discrete' ? actionSpec.labels.length : 0;
    this.starts = new Uint8Array(games);
    this.#turns = turnsOf(environment);
    this.#asked = evaluation.episodes;
    this.#heard = new Heard(games, players);
    this.#seed = seed;
    this.#views = new Views(this.vector);
    this.#metrics = Array.from({ length: games }, () => new SocialMetrics(players));
    this.chosen = new Uint8Array(games * players);
    this.#rewards = new Float32Array(games * players);
    this.episodes = Float64Array.from({ length: games }, (_, game) => game);
    const chosen = Array.from({ length: players }, (_, i) => policies[i % policies.length]!);
    this.trained = this.#seat(chosen, evaluation);
    const scripted = chosen.flatMap((policy, player) =>
      typeof policy === 'string' ? [new ScriptedSeat(policy, player, this.vector, this.#views)] : [],
    );
    this.#seats = [...scripted, ...this.trained];
    for (let game = 0; game < games; game++) this.#start(game);
  }

  /** @param chosen [N] */
  #seat(chosen: readonly (string | Policy)[], { greedy = false, sight = 'own' }: Evaluation): TrainedSeats[] {
    const trained = new Map<Policy, Map<number, number[]>>();
    chosen.forEach((policy, player) => {
      if (typeof policy === 'string') return;
      // One call for all seats that a network plays.
      const networks = trained.get(policy) ?? new Map<number, number[]>();
      trained.set(policy, networks);
      const network = player % policy.card.files.length;
      networks.set(network, [...(networks.get(network) ?? []), player]);
    });
    return [...trained].flatMap(([policy, networks]) => {
      checkFits(policy.card, this.vector.environments[0]!);
      return [...networks.values()].map(
        (players) => new TrainedSeats(policy, players, this.vector, this.#views, this.#heard, greedy, sight),
      );
    });
  }

  get said(): Uint8Array {
    return this.#heard.said;
  }

  counts(game: number): boolean {
    return this.episodes[game]! < this.#asked;
  }

  #start(game: number): void {
    const seed = deriveSeed(this.#seed, this.episodes[game]!);
    this.vector.reset(game, seed);
    this.starts[game] = 1;
    this.#metrics[game]!.reset();
    this.#heard.forget(game);
    for (const seats of this.#seats) seats.start(game, seed);
  }

  /** One step of all games. @param ended told of each episode that ends with it, of those that count. */
  async step(
    meters: readonly Meter[],
    ended: (episode: number, report: EpisodeReport) => void,
  ): Promise<void> {
    const { vector, chosen, episodes, games } = this;
    this.#views.observe();
    for (const turn of this.#turns) {
      for (const seats of this.#seats) {
        const acting = seats.act(chosen, turn);
        // Scripted policies are at once done, and a promise a step would double their time.
        if (acting !== undefined) await acting;
      }
      this.#heard.lead(chosen, turn);
    }
    for (const meter of meters) await meter.chosen();
    for (const seats of this.trained) seats.advance();
    vector.step(chosen, this.#rewards);
    this.#heard.follow(chosen);
    for (const meter of meters) meter.stepped();
    this.starts.fill(0);
    for (let game = 0; game < games; game++) {
      const metrics = this.#metrics[game]!;
      metrics.record(vector.environments[game]!);
      if (vector.done[game] === 0) continue;
      const episode = episodes[game]!;
      // Games go on beside the last ones that count, but what they come to is nobody's business.
      if (this.counts(game)) {
        const seed = deriveSeed(this.#seed, episode);
        ended(episode, { seed, outcome: metrics.outcome(), returns: metrics.returns.slice() });
      }
      episodes[game] = episode + games;
      this.#start(game);
    }
  }
}
