/** A policy, trained or scripted, on the seats that a player holds: from what these see at a tick to what they do. */
import { elementsOf } from '../../shared/environment.ts';
import { policyContext } from '../../shared/policies/context.ts';
import { policyOf } from '../../shared/policies/index.ts';
import type { ScriptedPolicy } from '../../shared/policy.ts';
import { deriveSeed, Random } from '../../shared/random.ts';
import { makeEnvironment } from '../../shared/registry.ts';
import { playerIn } from '../networks/signal-names.ts';
import type { Contestant } from '../policies/names.ts';
import {
  advance,
  checkFits,
  draw,
  forget,
  likeliest,
  type Policy,
  type PolicyCall,
} from '../policies/policy.ts';
import type { PlayerView } from './play-frames.ts';
import type { Player } from './player.ts';

export interface SeatedPolicy {
  /** @returns actions in the order of the view's seats; they are written again by the next call. */
  act(view: PlayerView): Promise<Uint8Array>;
}

export interface SeatingOptions {
  /** Whether trained policies take their most likely action instead of drawing it. */
  readonly greedy: boolean;
  /** From which follows what is drawn. */
  readonly seed: number;
}

/** How a contestant sees: what its player has to ask for. */
export function encodingOf(contestant: Contestant): string {
  return typeof contestant === 'string' ? 'ids' : contestant.card.encoding;
}

/** @throws {PolicyError | OptionsError | RangeError} for a game that it cannot play. */
export function seatPolicy(
  contestant: Contestant,
  player: Pick<Player, 'game' | 'seats'>,
  options: SeatingOptions,
): SeatedPolicy {
  return typeof contestant === 'string'
    ? new SeatedScript(contestant, player, options)
    : new SeatedNetworks(contestant, player, options);
}

class SeatedScript implements SeatedPolicy {
  /** [S] */
  readonly #policies: readonly {
    readonly policy: ScriptedPolicy;
    readonly stream: Random;
    readonly seed: number;
  }[];
  readonly #actions: Uint8Array;
  #episode = -1;

  constructor(name: string, { game, seats }: Pick<Player, 'game' | 'seats'>, { seed }: SeatingOptions) {
    const environment = makeEnvironment(game.environment, game.options);
    const definition = policyOf(name);
    this.#policies = seats.map((seat) => ({
      policy: definition.create(policyContext(environment, seat)),
      stream: new Random(),
      seed: deriveSeed(seed, seat),
    }));
    this.#actions = new Uint8Array(seats.length);
  }

  async act({ episode, seats, missed }: PlayerView): Promise<Uint8Array> {
    const begins = episode !== this.#episode;
    this.#episode = episode;
    seats.forEach(({ observation, acted }, k) => {
      const { policy, stream, seed } = this.#policies[k]!;
      if (begins) stream.seed(seed + episode);
      // It remembers the map by what it did: where something else counted, it does not know where it is.
      if (begins || missed > 0 || acted !== this.#actions[k]) policy.reset(stream);
      this.#actions[k] = policy.act(observation as Uint8Array, 0);
    });
    return this.#actions;
  }
}

/** Seats that one network plays: row r is the seat at `at[r]` of the view. */
interface Group {
  readonly call: PolicyCall;
  readonly at: readonly number[];
}

class SeatedNetworks implements SeatedPolicy {
  readonly #policy: Policy;
  readonly #groups: readonly Group[];
  readonly #players: number;
  readonly #greedy: boolean;
  readonly #random: Random;
  readonly #actions: Uint8Array;
  #episode = -1;

  constructor(
    policy: Policy,
    { game, seats }: Pick<Player, 'game' | 'seats'>,
    { greedy, seed }: SeatingOptions,
  ) {
    checkFits(policy.card, makeEnvironment(game.environment, game.options));
    this.#policy = policy;
    this.#players = game.players;
    this.#greedy = greedy;
    this.#random = new Random().seed(seed);
    this.#actions = new Uint8Array(seats.length);
    const networks = policy.card.files.length;
    const byNetwork = Map.groupBy(seats.keys(), (k) => seats[k]! % networks);
    this.#groups = Array.from(byNetwork, ([network, at]) => ({ call: policy.call(at.length, network), at }));
  }

  async act(view: PlayerView): Promise<Uint8Array> {
    const begins = view.episode !== this.#episode;
    this.#episode = view.episode;
    for (const { call, at } of this.#groups) {
      if (begins) for (const row of at.keys()) forget(call, row);
      for (const [row, k] of at.entries()) this.#show(view, k, call, row);
      await call.run();
      at.forEach((k, row) => {
        this.#actions[k] = this.#greedy ? likeliest(call, row) : draw(call, row, this.#random);
      });
      advance(call);
    }
    return this.#actions;
  }

  /** What a seat sees, and knows of the others: in a room nobody leads and nobody is heard to speak. */
  #show({ seats, lastActions }: PlayerView, k: number, call: PolicyCall, row: number): void {
    const { card } = this.#policy;
    const { seat, observation } = seats[k]!;
    call.observation.set(observation, row * elementsOf(card.observation));
    for (const { name, choices, slots } of card.signals) {
      if (name !== 'lastActions') continue;
      for (let slot = 0; slot < slots; slot++) {
        const action = lastActions?.[playerIn(slot, seat, this.#players)];
        call.signals[name]![row * slots + slot] = action !== undefined && action < choices ? action : choices;
      }
    }
  }
}
