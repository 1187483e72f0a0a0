/**
 * E private environments of a trainer that step together: a buffer of actions in, a frame out. What a frame holds, and where,
 * is in `shared/protocol/agents/steps.ts`.
 *
 * The frame lies where the environments do, so that windows are copied into it once and sent from there. It is written anew
 * only when the last one has left the process; until then another is taken.
 */
import { type EnvironmentDefinition, type OptionsInput, parseOptions } from '../../shared/definition.ts';
import { SocialMetrics } from '../../shared/metrics.ts';
import {
  type AgentError,
  type FrameLayout,
  frameLayout,
  type GameDescription,
  MAX_STATE_BYTES,
  type Open,
  type Opened,
  packCells,
  STEP_HEADER,
} from '../../shared/protocol/agents/index.ts';
import { deriveSeed } from '../../shared/random.ts';
import type { VectorEnvironment } from '../../shared/vector.ts';
import { describeGame } from './game.ts';
import { type Refused, refuse } from './links.ts';
import { EPISODES_BYTES, openState, type StateShape, sealState, stateBytes } from './state.ts';

/** Bytes of a frame at most. */
const MOST_FRAME_BYTES = 32 << 20;
/** `deriveSeed` tells so many children apart. */
const SEED_CHILDREN = 0x200000;

/** A place for an answer: its bytes, and views of those that are floats. */
class Frame {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly rewards: Float32Array;
  readonly observations: Uint8Array | Float32Array;
  /** Where observations start, in elements of `observations`. */
  readonly at: number;
  /** All of it without ended episodes: most answers. */
  readonly plain: Uint8Array;

  constructor(bytes: Uint8Array, batch: number, columns: number, layout: FrameLayout, floats: boolean) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.view.setUint16(0, batch, true);
    this.rewards = new Float32Array(bytes.buffer, bytes.byteOffset + layout.rewards, columns);
    this.observations = floats
      ? new Float32Array(bytes.buffer, bytes.byteOffset + layout.observations, layout.elements)
      : bytes;
    this.at = floats ? 0 : layout.observations;
    this.plain = bytes.subarray(0, layout.ended);
  }
}

export class Batch {
  readonly opened: Opened;
  readonly environments: number;
  readonly layout: FrameLayout;
  /** Of its environments, its largest frame and its states. */
  readonly bytes: number;
  readonly #number: number;
  readonly #columns: number;
  readonly #vector: VectorEnvironment;
  readonly #game: GameDescription;
  readonly #autoreset: boolean;
  readonly #visible: boolean;
  /** [E, N, ...] and the same as bytes. */
  readonly #actions: Uint8Array | Float32Array;
  readonly #actionBytes: Uint8Array;
  readonly #metrics: readonly SocialMetrics[];
  /** [E] episodes that each has started, and whether it has been reset at all. */
  readonly #episodes: Float64Array;
  readonly #started: Uint8Array;
  #allStarted = false;
  #seed: number;
  readonly #frame: Frame;
  /** Observations of all before they are packed, and of one as it ends; null where nothing is packed. */
  readonly #cells: Uint8Array | null;
  /** Of one environment: as elements, and the same as bytes. */
  readonly #last: Uint8Array | Float32Array;
  readonly #lastBytes: Uint8Array;

  private constructor(
    number: number,
    open: Open,
    game: GameDescription,
    vector: VectorEnvironment,
    bytes: number,
  ) {
    const { environments, autoreset, visible } = open;
    const layout = layoutOf(open, game);
    const columns = environments * game.players;
    const floats = game.observation.dtype === 'float32';
    this.opened = { batch: number, environments, autoreset, visible, game };
    this.environments = environments;
    this.layout = layout;
    this.bytes = bytes;
    this.#number = number;
    this.#columns = columns;
    this.#vector = vector;
    this.#game = game;
    this.#autoreset = autoreset;
    this.#visible = visible;
    this.#actionBytes = new Uint8Array(columns * game.actionBytes);
    this.#actions = game.actions === null ? new Float32Array(this.#actionBytes.buffer) : this.#actionBytes;
    this.#metrics = Array.from({ length: environments }, () => new SocialMetrics(game.players));
    this.#episodes = new Float64Array(environments);
    this.#started = new Uint8Array(environments);
    this.#seed = open.seed;
    this.#frame = new Frame(
      alignedBytes(vector, mostBytes(layout, environments)),
      number,
      columns,
      layout,
      floats,
    );
    this.#cells = game.packing === 'nibbles' ? alignedBytes(vector, layout.elements) : null;
    this.#last = floats ? new Float32Array(layout.elementsEach) : new Uint8Array(layout.elementsEach);
    this.#lastBytes = new Uint8Array(this.#last.buffer);
    // Those that a first `reset` does not name have something to be seen, too.
    for (let e = 0; e < environments; e++) vector.reset(e, this.#seedOf(e));
  }

  /**
   * @param refusal why it may not take so many bytes, or null. @throws {OptionsError} for options that the environment does not take.
   */
  static open(
    number: number,
    definition: EnvironmentDefinition,
    open: Open,
    refusal: (bytes: number) => AgentError | null,
  ): Batch | Refused {
    const { preset, environments, encoding, packing } = open;
    const options = parseOptions(definition, { ...open.options, preset } as OptionsInput);
    const trial = definition.create(options);
    const game = describeGame(trial, options, encoding, packing);
    if ('error' in game) return game;
    const layout = layoutOf(open, game);
    const most = mostBytes(layout, environments);
    if (most > MOST_FRAME_BYTES) {
      return refuse(
        'too-much',
        `a frame could have ${most} bytes, at most ${MOST_FRAME_BYTES} are possible: open fewer environments, or of a smaller map or window`,
      );
    }
    const reserve = most + 64 + layout.elements + 64;
    const state = stateBytes(shapeOf(layout.counts, environments, trial.save().length));
    const bytes = definition.vectorBytes(options, environments) + reserve + state;
    const error = refusal(bytes);
    if (error !== null) return { error };
    const vector = definition.createVector(options, environments, { reserve });
    return new Batch(number, open, game, vector, bytes);
  }

  /** @param idle whether the last answer is on its way, so that its bytes may be written again. */
  step(request: Uint8Array, idle: boolean): Uint8Array | Refused {
    const { layout } = this;
    if (request.length !== layout.requestBytes) {
      return refuse(
        'wrong-length',
        `step has ${request.length} bytes, batch ${this.#number} takes ${layout.requestBytes}: ${STEP_HEADER} and ${this.#game.actionBytes} for the action of each of ${this.environments} x ${this.#game.players} players`,
      );
    }
    if (!this.#allStarted) return this.#notReset();
    const vector = this.#vector;
    const { done } = vector;
    if (!this.#autoreset) {
      const over = done.indexOf(1);
      if (over >= 0) {
        return refuse('episode-over', `the episode of environment ${over} is over: \`reset\` it first`);
      }
    }
    const actionBytes = this.#actionBytes;
    for (let i = 0; i < actionBytes.length; i++) actionBytes[i] = request[STEP_HEADER + i]!;
    const bad = this.#badAction();
    if (bad !== null) return bad;
    const frame = this.#take(idle);
    vector.step(this.#actions, frame.rewards);
    const { players } = this.#game;
    const { bytes } = frame;
    let ended = 0;
    for (let e = 0, at = layout.terminated; e < done.length; e++) {
      const environment = vector.environments[e]!;
      const { terminated } = environment;
      for (let i = 0; i < players; i++) bytes[at++] = terminated[i]!;
      this.#metrics[e]!.record(environment);
      bytes[layout.done + e] = done[e]!;
      if (done[e] === 1) this.#end(frame, e, ended++);
    }
    this.#look(frame);
    frame.view.setUint16(2, ended, true);
    return ended === 0 ? frame.plain : bytes.subarray(0, layout.ended + ended * layout.endedBytes);
  }

  /** @param which all where left out. @param seeds one for each, or drawn from the batch's own. */
  reset(
    which: readonly number[] | undefined,
    seeds: readonly number[] | undefined,
    idle: boolean,
  ): Uint8Array | Refused {
    const { environments } = this;
    const count = which?.length ?? environments;
    if (seeds !== undefined && seeds.length !== count) {
      return refuse(
        'bad-message',
        `there are ${seeds.length} seeds for ${count} environments: give one for each`,
      );
    }
    const beyond = which?.find((e) => e >= environments);
    if (beyond !== undefined) {
      return refuse(
        'bad-message',
        `there is no environment ${beyond}, batch ${this.#number} has 0 to ${environments - 1}`,
      );
    }
    for (let k = 0; k < count; k++) {
      const e = which?.[k] ?? k;
      this.#start(e, seeds?.[k] ?? this.#seedOf(e));
      this.#started[e] = 1;
    }
    this.#allStarted = this.#started.indexOf(0) < 0;
    return this.#still(idle);
  }

  /** All that `load` needs to go on as this batch would. */
  save(key: Uint8Array): Uint8Array | Refused {
    if (!this.#allStarted) return this.#notReset();
    const { environments } = this.#vector;
    const shape = this.#shape();
    const bytes = stateBytes(shape);
    if (bytes > MAX_STATE_BYTES) {
      return refuse(
        'too-much',
        `the state of batch ${this.#number} has ${bytes} bytes, and \`load\` takes ${MAX_STATE_BYTES}: spread the environments over several batches`,
      );
    }
    return sealState(key, shape, this.#seed, (e, episodes, snapshot) => {
      episodes[0] = this.#episodes[e]!;
      episodes.set(this.#metrics[e]!.counts, 1);
      snapshot.set(environments[e]!.save());
    });
  }

  /** @returns a frame, as `reset` does. */
  load(key: Uint8Array, state: Uint8Array, idle: boolean): Uint8Array | Refused {
    const { environments, done } = this.#vector;
    try {
      this.#seed = openState(key, this.#shape(), state, (e, episodes, snapshot) => {
        const environment = environments[e]!;
        // Snapshots of one state are all of the same options: if any is refused it is the first, before anything changed.
        environment.load(snapshot);
        this.#episodes[e] = episodes[0]!;
        this.#metrics[e]!.counts.set(episodes.subarray(1));
        done[e] = environment.done ? 1 : 0;
      });
    } catch (error) {
      return refuse('bad-snapshot', (error as Error).message);
    }
    this.#started.fill(1);
    this.#allStarted = true;
    return this.#still(idle);
  }

  /** A frame of what is now, nothing having happened. */
  #still(idle: boolean): Uint8Array {
    const { layout } = this;
    const frame = this.#take(idle);
    frame.bytes.fill(0, layout.rewards, layout.visible);
    frame.view.setUint16(2, 0, true);
    this.#look(frame);
    return frame.plain;
  }

  #take(idle: boolean): Frame {
    if (idle) return this.#frame;
    const { layout } = this;
    const bytes = new Uint8Array(mostBytes(layout, this.environments));
    return new Frame(bytes, this.#number, this.#columns, layout, this.#last instanceof Float32Array);
  }

  /** Everybody's observations, and who sees whom. */
  #look(frame: Frame): void {
    const { layout } = this;
    const vector = this.#vector;
    const { encoding } = this.#game;
    if (this.#cells === null) vector.observe(encoding, frame.observations, frame.at);
    else {
      vector.observe(encoding, this.#cells);
      packCells(this.#cells, 0, layout.elements, frame.bytes, layout.observations);
    }
    if (this.#visible) vector.observeVisible(frame.bytes, layout.visible);
  }

  /** Writes the `index`-th ended episode, that of environment `e`, and starts its next. */
  #end(frame: Frame, e: number, index: number): void {
    const { layout } = this;
    const at = layout.ended + index * layout.endedBytes;
    const metrics = this.#metrics[e]!;
    frame.view.setUint32(at, e, true);
    metrics.counts.forEach((count, k) => {
      frame.view.setFloat64(at + layout.endedCounts + 8 * k, count, true);
    });
    this.#vector.environments[e]!.observe(this.#game.encoding, this.#last);
    const observations = at + layout.endedObservations;
    if (this.#cells === null) frame.bytes.set(this.#lastBytes, observations);
    else packCells(this.#lastBytes, 0, layout.elementsEach, frame.bytes, observations);
    if (this.#autoreset) this.#start(e, this.#seedOf(e));
  }

  #start(e: number, seed: number): void {
    this.#vector.reset(e, seed);
    this.#metrics[e]!.reset();
    this.#episodes[e]!++;
  }

  /** Of the next episode of environment `e`. */
  #seedOf(e: number): number {
    return deriveSeed(deriveSeed(this.#seed, e), this.#episodes[e]! % SEED_CHILDREN);
  }

  /** Nothing has changed when this says that an action is not one. */
  #badAction(): Refused | null {
    const actions = this.#actions;
    const { actions: labels, actionRange, players } = this.#game;
    const count = labels?.length ?? 0;
    if (actionRange === null) {
      for (let i = 0; i < actions.length; i++) {
        if (actions[i]! >= count)
          return this.#refuseAction(Math.floor(i / players), i % players, actions[i]!, `0 to ${count - 1}`);
      }
      return null;
    }
    const [low, high] = actionRange;
    const each = actions.length / this.#columns;
    for (let i = 0; i < actions.length; i++) {
      const column = Math.floor(i / each);
      // Also what is not a number.
      if (!(actions[i]! >= low && actions[i]! <= high))
        return this.#refuseAction(
          Math.floor(column / players),
          column % players,
          actions[i]!,
          `numbers from ${low} to ${high}`,
        );
    }
    return null;
  }

  #refuseAction(environment: number, player: number, action: number, range: string): Refused {
    return refuse(
      'bad-action',
      `environment ${environment}, player ${player} has action ${action}, possible are ${range}: no environment has stepped`,
    );
  }

  #notReset(): Refused {
    const first = this.#started.indexOf(0);
    return refuse(
      'not-reset',
      `environment ${first} of batch ${this.#number} has not been reset: \`reset\` first`,
    );
  }

  #shape(): StateShape {
    const { environments } = this.#vector;
    return shapeOf(this.layout.counts, environments.length, environments[0]!.save().length);
  }
}

function shapeOf(counts: number, environments: number, snapshotBytes: number): StateShape {
  return { environments, episodeBytes: EPISODES_BYTES + 8 * counts, snapshotBytes };
}

function layoutOf({ environments, visible }: Open, game: GameDescription): FrameLayout {
  return frameLayout({ ...game, environments, visible });
}

/** Of a frame in which every episode ends. */
function mostBytes(layout: FrameLayout, environments: number): number {
  return layout.ended + environments * layout.endedBytes;
}

/** Bytes that floats can be seen in, where the environments lie. */
function alignedBytes(vector: VectorEnvironment, length: number): Uint8Array {
  const bytes = vector.allocate(length + 8);
  const skip = (8 - (bytes.byteOffset % 8)) % 8;
  return bytes.subarray(skip, skip + length);
}
