/**
 * A room's game without its network: environment, seats, bots, actions, and what is told about each step. Steps are
 * driven from outside; nothing here reads a clock or a socket.
 */
import { type CommonOptions, OptionsError, parseOptions } from '../shared/definition.ts';
import { type Environment, elementsOf, type GridView } from '../shared/environment.ts';
import { ActionKind } from '../shared/grid/actions.ts';
import { hashText } from '../shared/hash.ts';
import { SocialMetrics } from '../shared/metrics.ts';
import {
  type ActResult,
  type EpisodeResult,
  isTrained,
  type RoomOptions,
  TickEncoder,
} from '../shared/protocol/index.ts';
import { definitionOf } from '../shared/registry.ts';
import { ActionBuffer } from './action-buffer.ts';
import { Bots } from './bots.ts';
import { Seats } from './seats.ts';
import { episodeSeeds } from './seeds.ts';

/** What a step, or the start of an episode, has to say to watchers. */
export interface Report {
  readonly kind: 'keyframe' | 'tick';
  readonly bytes: Uint8Array;
}

export class Match {
  readonly options: RoomOptions;
  /** All options of the environment, defaults and preset included. */
  readonly rules: CommonOptions;
  readonly environment: Environment;
  readonly grid: GridView;
  readonly seats: Seats;
  readonly actions: ActionBuffer;
  readonly metrics: SocialMetrics;
  /** [N] what everybody did in the last step, and what it earned them by the options; all 0 before the first. */
  readonly joint: Uint8Array;
  readonly rewards: Float32Array;
  /** [N] 1 for those who had an action for the last step; the others stayed. */
  readonly acted: Uint8Array;
  /** Cells of one player's window. */
  readonly windowSize: number;
  /** [N, height, width] class ids as the players see them before the next step; filled when somebody looks. */
  readonly windows: Uint8Array;
  episode = 0;
  /** Of whatever plays seats by itself in this episode. */
  botSeed = 0;
  over = false;

  readonly #bots: Bots;
  readonly #encoder: TickEncoder;
  /** Seeds of the match so far; a secret until it is over, unless the creator chose them. */
  readonly #seeds: number[] = [];
  #windowsFresh = false;

  /** @throws {OptionsError} for options that the environment does not take. */
  constructor(options: RoomOptions) {
    const definition = definitionOf(options.environment);
    const rules = parseOptions(definition, {
      preset: options.preset,
      ...options.options,
      players: options.players,
      episodeLength: options.episodeLength,
    });
    const environment = definition.create(rules);
    if (environment.grid === null)
      throw new OptionsError(`${definition.name} does not lie on a grid and cannot be shown: choose another`);
    this.options = options;
    this.rules = rules;
    this.environment = environment;
    this.grid = environment.grid;
    this.windowSize = elementsOf(environment.observationSpecs.ids!);
    this.windows = new Uint8Array(environment.players * this.windowSize);
    this.seats = new Seats(
      Array.from({ length: environment.players }, (_, seat) => options.bots[seat % options.bots.length]!),
    );
    this.actions = new ActionBuffer(environment.players);
    this.metrics = new SocialMetrics(environment.players);
    this.#bots = new Bots(environment, this.windowSize);
    this.#encoder = new TickEncoder(environment);
    this.joint = new Uint8Array(environment.players);
    this.rewards = new Float32Array(environment.players);
    this.acted = new Uint8Array(environment.players);
  }

  /** The tick that comes next: the number of the step in its episode. */
  get tick(): number {
    return this.environment.time;
  }

  /** Starts the next episode. */
  startEpisode(): Report {
    const { world, bots } = episodeSeeds(this.options.seed, this.episode);
    this.#seeds.push(world);
    this.environment.reset(world);
    this.botSeed = bots;
    this.#bots.startEpisode(bots);
    this.metrics.reset();
    this.seats.startEpisode();
    for (let seat = 0; seat < this.environment.players; seat++) this.actions.clear(seat);
    this.#windowsFresh = false;
    return { kind: 'keyframe', bytes: this.#encoder.keyframe(this.episode, this.metrics) };
  }

  /** One step: exactly one action a seat, staying where there is none. */
  step(): Report {
    const { environment, seats } = this;
    const tick = environment.time;
    for (let seat = 0; seat < environment.players; seat++) {
      const bot = seats.fillingOf(seat);
      // A trained policy puts its actions where everybody else does.
      if (bot !== null && !isTrained(bot))
        this.actions.put(seat, this.#bots.act(seat, bot, this.look()), tick);
      this.acted[seat] = this.actions.has(seat, tick) ? 1 : 0;
      this.joint[seat] = this.actions.take(seat, tick, ActionKind.stay);
    }
    environment.step(this.joint, this.rewards);
    this.#windowsFresh = false;
    this.metrics.record(environment);
    for (let seat = 0; seat < environment.players; seat++) {
      const reward = environment.rawRewards[seat]!;
      if (reward !== 0) seats.earned(seat, reward);
    }
    return { kind: 'tick', bytes: this.#encoder.tick() };
  }

  /** As `put`, for a tick of an episode, which may be over or not have begun. */
  act(seat: number, action: number, episode: number, tick: number): ActResult {
    if (this.#isAction(action) && (episode !== this.episode || this.over)) {
      return episode > this.episode ? 'early' : 'late';
    }
    return this.put(seat, action, tick);
  }

  /** Puts an action of `seat` in its slot for a tick, the next one by default; of several for one tick the last counts. */
  put(seat: number, action: number, tick = this.tick): ActResult {
    if (!this.#isAction(action)) return 'bad-action';
    const doubled = this.actions.has(seat, tick);
    return this.actions.put(seat, action, this.tick, tick) ?? (doubled ? 'doubled' : 'taken');
  }

  #isAction(action: number): boolean {
    const { actionSpec } = this.environment;
    return actionSpec.kind !== 'discrete' || action < actionSpec.labels.length;
  }

  /** Whether every person who holds a seat has an action for the next tick. */
  everybodyActed(): boolean {
    if (this.over) return false;
    for (const client of this.seats.holders) {
      if (!this.actions.has(this.seats.seatOf(client), this.tick)) return false;
    }
    return true;
  }

  /** All players' windows as of now. */
  look(): Uint8Array {
    if (!this.#windowsFresh) {
      this.environment.observe('ids', this.windows);
      this.#windowsFresh = true;
    }
    return this.windows;
  }

  /** Closes the episode; whether another follows is `over`. */
  endEpisode(): EpisodeResult {
    const outcome = this.metrics.outcome();
    const { episodes } = this.options;
    this.over = episodes > 0 && this.episode + 1 >= episodes;
    const revealed = this.over || episodes === 0;
    const result: EpisodeResult = {
      episode: this.episode,
      returns: Array.from(this.metrics.returns),
      collectiveReturn: outcome.collectiveReturn,
      equality: outcome.equality,
      sustainability: outcome.sustainability,
      peace: outcome.peace,
      finesPerPlayerStep: outcome.finesPerPlayerStep,
      stateHash: hashText(this.environment.hash()),
      seeds: revealed ? this.#seeds.slice() : null,
      matchOver: this.over,
    };
    // In an endless room each episode is a match of its own.
    if (episodes === 0) this.#seeds.length = 0;
    this.episode++;
    return result;
  }
}
