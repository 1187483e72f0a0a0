/** The environment contract over a `World`. */
import { checkRoom } from '../buffers.ts';
import type {
  ActionBuffer,
  ActionSpec,
  ArraySpec,
  Environment,
  GridView,
  ObservationBuffer,
} from '../environment.ts';
import { hash64 } from '../hash.ts';
import { writeRgb } from '../palette.ts';
import { openSnapshot, sealSnapshot } from '../snapshot.ts';
import type { Turns } from '../turns.ts';
import type { Window } from './level.ts';
import type { World } from './world.ts';

export class GridEnvironment implements Environment {
  readonly name: string;
  readonly players: number;
  readonly actionSpec: ActionSpec;
  readonly observationSpecs: Readonly<Record<string, ArraySpec>>;
  readonly leads: Uint8Array;
  readonly revealsActions: boolean;
  readonly grid: GridView;
  readonly world: World;
  /** Of everything that two instances must share for a snapshot of one to fit the other. */
  readonly #fingerprint: bigint;

  constructor(name: string, labels: readonly string[], world: World, turns: Turns, fingerprint: bigint) {
    const { windowHeight, windowWidth } = world.level;
    this.name = name;
    this.world = world;
    this.players = world.options.players;
    this.actionSpec = { kind: 'discrete', labels };
    this.observationSpecs = {
      ids: { dtype: 'uint8', shape: [windowHeight, windowWidth], low: 0, high: 255 },
      rgb: { dtype: 'uint8', shape: [windowHeight, windowWidth, 3], low: 0, high: 255 },
    };
    this.leads = turns.leads;
    this.revealsActions = turns.revealsActions;
    this.grid = new WorldView(world);
    this.#fingerprint = fingerprint;
  }

  get episodeLength() {
    return this.world.options.episodeLength;
  }
  get time() {
    return this.world.time;
  }
  get done() {
    return this.world.done;
  }
  get terminated() {
    return this.world.state.terminated;
  }
  get truncated() {
    return this.world.state.truncated;
  }
  get events() {
    return this.world.events;
  }
  get rawRewards() {
    return this.world.state.rawRewards;
  }

  reset(seed: number): void {
    if (!Number.isSafeInteger(seed) || seed < 0) {
      throw new RangeError(`seed ${seed} is not an integer in [0, 2^53)`);
    }
    this.world.reset(seed);
  }

  step(actions: ActionBuffer, rewards: Float32Array, offset = 0, rewardOffset = 0): void {
    this.world.step(actions, rewards, offset, rewardOffset);
  }

  observe(encoding: string, out: ObservationBuffer, offset = 0): void {
    if (!(out instanceof Uint8Array)) throw new TypeError('observations of a grid world are a Uint8Array');
    if (encoding === 'ids') {
      this.world.observe(out, offset);
    } else if (encoding === 'rgb') {
      const ids = this.world.observeScratch();
      checkRoom(out.length, offset, ids.length * 3, 'observations');
      writeRgb(ids, ids.length, out, offset);
    } else {
      throw new RangeError(`encoding ${JSON.stringify(encoding)} is unknown, there are ids and rgb`);
    }
  }

  observeVisible(out: Uint8Array, offset = 0): void {
    this.world.observeVisible(out, offset);
  }

  save(): Uint8Array {
    return sealSnapshot(this.#fingerprint, this.world.state.core);
  }

  load(snapshot: Uint8Array): void {
    this.world.load(openSnapshot(this.#fingerprint, this.world.state.core.length, snapshot));
  }

  hash(): bigint {
    return hash64(this.world.state.core);
  }
}

class WorldView implements GridView {
  readonly width: number;
  readonly height: number;
  readonly window: Window;
  readonly beamLength: number;
  readonly beamRadius: number;
  readonly appleSites: readonly number[];
  readonly #world: World;

  constructor(world: World) {
    const { level } = world;
    this.width = level.map.width;
    this.height = level.map.height;
    this.window = level.window;
    this.beamLength = world.options.beamLength;
    this.beamRadius = world.options.beamRadius;
    this.appleSites = Array.from(level.sites('apple'), (cell) => level.mapIndex(cell));
    this.#world = world;
  }

  readCells(out: Uint8Array): void {
    const { level } = this.#world;
    for (let row = 0; row < this.height; row++) {
      const start = level.cellAt(row, 0);
      for (let column = 0; column < this.width; column++)
        out[row * this.width + column] = this.#world.state.baseAt(start + column);
    }
  }

  cellAt(cell: number): number {
    const { level, state } = this.#world;
    const row = Math.floor(cell / this.width);
    return state.baseAt(level.cellAt(row, cell - row * this.width));
  }

  get changes(): Uint16Array {
    return this.#world.state.changes;
  }

  get changeCount(): number {
    return this.#world.state.changeCount;
  }

  column(player: number): number {
    return this.#world.level.columnOf(this.#world.state.cellOf[player]!);
  }

  row(player: number): number {
    return this.#world.level.rowOf(this.#world.state.cellOf[player]!);
  }

  facing(player: number): number {
    return this.#world.state.facingOf[player]!;
  }

  outcome(player: number): number {
    return this.#world.state.outcomeOf[player]!;
  }

  rays(player: number): Uint8Array {
    const rays = 2 * this.beamRadius + 1;
    return this.#world.state.rayLengths.subarray(player * rays, (player + 1) * rays);
  }
}
