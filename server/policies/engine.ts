/**
 * Trained policies of many rooms at work: what all rooms that wait have to ask is put into rows, each network runs over all
 * of its own, and every room gets its answer. Runs in a thread of its own; knows nothing of threads.
 *
 * Rows are computed in blocks of one size, `BLOCK`, whoever else is there: the sums inside a product are then made in the
 * same order each time, so that a row comes out the same to the last bit in any company. The rest of a block is idle.
 */
import { Heard } from '../../agents/heard.ts';
import { playerIn } from '../../agents/networks/signal-names.ts';
import type { PolicyFiles } from '../../agents/policies/files.ts';
import { openPolicy } from '../../agents/policies/load.ts';
import {
  draw,
  drawSymbol,
  type ModelCall,
  type Policy,
  type PolicyCall,
} from '../../agents/policies/policy.ts';
import { elementsOf } from '../../shared/environment.ts';
import { NO_SYMBOL } from '../../shared/protocol/minds.ts';
import { deriveSeed, Random } from '../../shared/random.ts';
import { check, type Memory, memoryOf, modelMemory, type RoomMemory, remembers, thought } from './memory.ts';
import type { Answer, Ask, Thought } from './messages.ts';
import { Pace } from './pace.ts';
import { Whereabouts } from './whereabouts.ts';

/** Rows of a call. A few agents do not wait for many idle rows; many do not pay much for calls. */
export const BLOCK = 8;

/** Keeps the streams of trained players apart from those of anything else that a seed is used for. */
const TRAINED_STREAM = 1 << 17;

/** A policy, and its networks by player once they are used. */
interface Opened {
  readonly number: number;
  readonly policy: Policy;
  readonly networks: Map<number, Network>;
  readonly pace: Pace;
}

/** One network of a policy, and its model of others once somebody wants to see it. */
interface Network {
  readonly opened: Opened;
  readonly policy: Policy;
  readonly player: number;
  readonly call: PolicyCall;
  model: ModelCall | null;
}

/** A player about to choose. */
interface Row {
  readonly ask: Ask;
  readonly room: RoomMemory;
  readonly memory: Memory;
  readonly seat: number;
  readonly observation: Uint8Array | Float32Array;
  /** First element in it. */
  readonly from: number;
  /** Of the answer, and where in it. */
  readonly answer: Answer & { readonly thoughts: Thought[] };
  readonly at: number;
  readonly wanted: boolean;
}

/** What a policy has to do: the rows of each network, and the answers that they go into. */
interface Task {
  readonly rows: Map<Network, Row[]>;
  readonly answers: Row['answer'][];
}

/** @param slow median time of a call of a policy that is too slow to be run beside others, milliseconds; else null. */
export type Answered = (
  policy: number,
  answers: readonly Answer[],
  effort: Readonly<Effort>,
  slow: number | null,
) => void;

/** How many calls were made, of how many rows with somebody in them. */
export interface Effort {
  calls: number;
  rows: number;
}

export class PolicyEngine {
  readonly effort: Effort = { calls: 0, rows: 0 };
  readonly #policies = new Map<number, Opened>();
  readonly #rooms = new Map<number, RoomMemory>();
  readonly #random = new Random();
  readonly #failed: (policy: number, problem: string) => void;
  readonly #whereabouts: Whereabouts;

  /**
   * @param failed is told of a policy that failed as it ran; it is dropped then, and its players stay.
   * @param whereabouts says which policy is being opened or run.
   */
  constructor(
    failed: (policy: number, problem: string) => void = () => {},
    whereabouts: Whereabouts = new Whereabouts(),
  ) {
    this.#failed = failed;
    this.#whereabouts = whereabouts;
  }

  /** Opens a policy and runs each of its files once, so that one that cannot run is found now. @throws {PolicyError} */
  async load(number: number, files: PolicyFiles, source: string): Promise<void> {
    await this.#whereabouts.within(number, async () => {
      const policy = await openPolicy(files, source);
      const opened: Opened = { number, policy, networks: new Map(), pace: new Pace() };
      for (let player = 0; player < files.networks.length; player++)
        await networkOf(opened, player).call.run();
      for (let player = 0; player < files.models.length; player++)
        await modelOf(networkOf(opened, player)).run();
      this.#policies.set(number, opened);
    });
  }

  async unload(number: number): Promise<void> {
    const opened = this.#policies.get(number);
    this.#policies.delete(number);
    await opened?.policy.release();
  }

  /** A room is no more. */
  forget(room: number): void {
    this.#rooms.delete(room);
  }

  /**
   * Answers all, one policy after the other, those first that were quick so far: a slow one holds up no other.
   * @param done is given the answers of a policy as soon as it is through.
   * @returns an answer to each group of each ask, in the order given.
   */
  async answer(asks: readonly Ask[], done: Answered = () => {}): Promise<Answer[]> {
    const tasks = new Map<number, Task>();
    const answers = asks.flatMap((ask) => this.#sort(ask, tasks));
    const pace = (policy: number) => this.#policies.get(policy)?.pace.median ?? 0;
    for (const [policy, task] of [...tasks].sort(([a], [b]) => pace(a) - pace(b))) {
      const { calls, rows } = this.effort;
      await this.#run(policy, task);
      const effort = { calls: this.effort.calls - calls, rows: this.effort.rows - rows };
      const taken = this.#policies.get(policy)?.pace;
      done(policy, task.answers.map(onlyChosen), effort, taken?.slow ? taken.median : null);
    }
    return answers.map(onlyChosen);
  }

  async #run(policy: number, { rows }: Task): Promise<void> {
    try {
      for (const [network, list] of rows) {
        await this.#foresee(
          network,
          list.filter(({ wanted, memory, ask }) => wanted && remembers(memory, ask, network.policy.card)),
        );
        await this.#choose(network, list);
      }
    } catch (error) {
      await this.unload(policy);
      this.#failed(policy, (error as Error).message);
    }
  }

  /** Puts an ask's players into the rows of their networks. @returns the answers to be, one a group. */
  #sort(ask: Ask, tasks: Map<number, Task>): Row['answer'][] {
    const room = this.#roomOf(ask);
    // Whoever has stood up remembers nothing when it comes back.
    for (let seat = 0; seat < ask.players; seat++) if (ask.playing[seat] === 0) room.players[seat] = null;
    return ask.groups.map(({ policy, seats, observation }) => {
      const answer = {
        room: ask.room,
        policy,
        episode: ask.episode,
        tick: ask.tick,
        seats: seats.slice(),
        actions: new Uint8Array(seats.length).fill(NOT_CHOSEN),
        thoughts: [],
      };
      let task = tasks.get(policy);
      if (task === undefined) {
        task = { rows: new Map(), answers: [] };
        tasks.set(policy, task);
      }
      task.answers.push(answer);
      const opened = this.#policies.get(policy);
      if (opened === undefined) return answer;
      const size = observation.length / seats.length;
      for (const [at, seat] of seats.entries()) {
        const network = networkOf(opened, seat);
        const list = task.rows.get(network) ?? [];
        if (list.length === 0) task.rows.set(network, list);
        const memory = memoryOf(room, seat, policy, opened.policy.card);
        const wanted = ask.minds.includes(seat);
        if (!wanted) memory.model = null;
        list.push({ ask, room, memory, seat, observation, from: at * size, answer, at, wanted });
      }
      return answer;
    });
  }

  #roomOf({ room: number, episode, tick, joint, players }: Ask): RoomMemory {
    let room = this.#rooms.get(number);
    if (room === undefined) {
      room = { episode, tick: -1, heard: new Heard(1, players), players: new Array(players).fill(null) };
      this.#rooms.set(number, room);
    }
    if (room.episode !== episode) {
      room.episode = episode;
      room.players.fill(null);
      room.heard.forget(0);
      room.tick = -1;
    }
    // Another of its policies is asked later in the same tick, or together with it: that is no further step.
    if (room.tick === tick) return room;
    room.tick = tick;
    if (joint === null) room.heard.forget(0);
    else room.heard.follow(joint);
    room.heard.said.fill(NO_SYMBOL);
    return room;
  }

  /** What the models of those whose minds are wanted make of the step that was done. */
  async #foresee(network: Network, rows: readonly Row[]): Promise<void> {
    const { card } = network.policy;
    if (rows.length === 0 || card.moa === null) return;
    const call = modelOf(network);
    const others = card.players - 1;
    const actions = card.actions.length;
    const width = card.moa.stateSize;
    const size = elementsOf(card.observation);
    for (let first = 0; first < rows.length; first += BLOCK) {
      const block = rows.slice(first, first + BLOCK);
      block.forEach(({ memory, ask, seat }, k) => {
        memory.model ??= modelMemory(width, others, actions);
        check(memory, memory.model, ask, seat);
        call.observation.set(memory.observation, k * size);
        call.pi.set(memory.pi, k * actions);
        call.state.set(memory.model.state, k * width);
        for (let slot = 0; slot < card.players; slot++) {
          call.joint[k * card.players + slot] = ask.joint![playerIn(slot, seat, card.players)]!;
        }
      });
      await this.#call(network.opened, call, block.length);
      block.forEach(({ memory, ask, seat }, k) => {
        const model = memory.model!;
        model.state.set(call.nextState.subarray(k * width, (k + 1) * width));
        model.predictions.set(call.predictions.subarray(k * others * actions, (k + 1) * others * actions));
        for (let j = 0; j < others; j++) {
          const seen = memory.visible === null || memory.visible[playerIn(1 + j, seat, card.players)] === 1;
          model.influence[j] = seen ? call.influence[k * others + j]! : 0;
        }
        model.foresees = ask.tick;
      });
    }
  }

  async #choose({ opened, call, policy }: Network, rows: readonly Row[]): Promise<void> {
    const { card } = policy;
    const size = elementsOf(card.observation);
    for (let first = 0; first < rows.length; first += BLOCK) {
      const block = rows.slice(first, first + BLOCK);
      block.forEach(({ memory, observation, from, room, seat }, k) => {
        call.observation.set(observation.subarray(from, from + size), k * size);
        call.state.set(memory.state, k * card.stateSize);
        for (const { name, choices, slots } of card.signals) {
          room.heard.write(name, seat, choices, call.signals[name]!, k * slots);
        }
      });
      await this.#call(opened, call, block.length);
      for (const [k, row] of block.entries()) this.#take(row, call, policy, k);
    }
  }

  async #call({ number, pace }: Opened, call: PolicyCall | ModelCall, rows: number): Promise<void> {
    const before = process.threadCpuUsage();
    await this.#whereabouts.within(number, () => call.run());
    // Of this thread's own work: on a busy machine all calls take longer, and no policy is to blame.
    const { user, system } = process.threadCpuUsage(before);
    pace.add((user + system) / 1000);
    this.effort.calls++;
    this.effort.rows += rows;
  }

  /** Takes row `k` of a call for what a player does, says, and remembers. */
  #take(row: Row, call: PolicyCall, { card }: Policy, k: number): void {
    const { memory, ask, seat, answer, at, room, observation, from } = row;
    const { stateSize, actions, symbols } = card;
    // A stream of its own for each tick: one that is missed changes nothing of those that follow.
    const stream = this.#random.seed(deriveSeed(deriveSeed(ask.seed, TRAINED_STREAM + seat), ask.tick));
    const action = draw(call, k, stream);
    const symbol = symbols > 0 ? drawSymbol(call, k, stream) : null;
    answer.actions[at] = action;
    if (symbol !== null) room.heard.said[seat] = symbol;
    memory.state.set(call.nextState.subarray(k * stateSize, (k + 1) * stateSize));
    const pi = call.probabilities.subarray(k * actions.length, (k + 1) * actions.length);
    if (row.wanted) {
      const value = card.value.mean + card.value.deviation * call.value[k]!;
      answer.thoughts.push(thought(memory, ask, seat, action, symbol, value, pi));
    }
    if (card.moa === null) return;
    memory.observation.set(observation.subarray(from, from + memory.observation.length));
    memory.pi.set(pi);
    if (ask.visible !== null) {
      memory.visible?.set(ask.visible.subarray(seat * ask.players, (seat + 1) * ask.players));
    }
    memory.chose = ask.tick;
  }
}

/** Where a player's policy could not be run. */
const NOT_CHOSEN = 255;

/** An answer without the players whose policies could not be run. */
function onlyChosen(answer: Answer): Answer {
  if (!answer.actions.includes(NOT_CHOSEN)) return answer;
  const chosen = (_: number, k: number) => answer.actions[k] !== NOT_CHOSEN;
  return { ...answer, seats: answer.seats.filter(chosen), actions: answer.actions.filter(chosen) };
}

function networkOf(opened: Opened, seat: number): Network {
  const player = seat % opened.policy.card.files.length;
  let network = opened.networks.get(player);
  if (network === undefined) {
    const call = opened.policy.call(BLOCK, player);
    network = { opened, policy: opened.policy, player, call, model: null };
    opened.networks.set(player, network);
  }
  return network;
}

function modelOf(network: Network): ModelCall {
  network.model ??= network.policy.model(BLOCK, network.player);
  return network.model;
}
