/** Makes a registry entry out of a map, a legend and the rules that differ: all a grid environment's file has to say. */
import * as z from 'zod';
import {
  type CommonOptions,
  type EnvironmentDefinition,
  OptionsError,
  type VectorSettings,
} from '../definition.ts';
import type { ActionBuffer } from '../environment.ts';
import { MAX_PLAYERS } from '../palette.ts';
import { rewardOptions, withReward } from '../rewards.ts';
import { fingerprintOf } from '../snapshot.ts';
import { checkLeaders, fingerprinted, turnOptions, turnsOf } from '../turns.ts';
import { VectorEnvironment } from '../vector.ts';
import { GridEnvironment } from './grid-environment.ts';
import { Heap } from './heap.ts';
import { Level } from './level.ts';
import { type Legend, MapError, parseMap, spawnPoints } from './map.ts';
import type { Rules } from './rules.ts';
import { Scratch, World } from './world.ts';
import type { WorldState } from './world-state.ts';

/** Worlds start on cache lines. */
const ALIGNMENT = 64;

const reach = (direction: string) =>
  z.int().min(0).max(31).default(7).describe(`Cells that a player sees ${direction}`);

/** Options of every grid environment; what a file adds comes beside them. */
const gridOptions = {
  players: z
    .int()
    .min(1)
    .max(MAX_PLAYERS)
    .default(5)
    .describe('Players, at most as many as the map has spawn points'),
  episodeLength: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(1000)
    .describe('Steps after which an episode is truncated'),
  map: z.array(z.string()).optional().describe('A map of your own, a string a row; the legend is below'),
  windowAhead: reach('ahead'),
  windowBehind: reach('behind'),
  windowLeft: reach('to its left'),
  windowRight: reach('to its right'),
  appleReward: z.number().default(1).describe('Reward of the one who eats an apple'),
  fineCost: z.number().default(1).describe('What firing the fining beam costs'),
  finePenalty: z.number().default(50).describe('What each player hit by a fining beam loses'),
  beamLength: z.int().min(1).max(32).default(5).describe('Cells that each ray of a beam is long'),
  beamRadius: z.int().min(0).max(4).default(1).describe('Rays on each side of the middle one'),
  beamsVisible: z.boolean().default(true).describe('Whether observations show beams'),
  ...rewardOptions,
  ...turnOptions,
};

export type GridOptions = z.infer<z.ZodObject<typeof gridOptions>>;

export interface GridGame<Shape extends z.ZodRawShape> {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  readonly source: string;
  readonly details: readonly string[];
  /** The standard map, a row a string. */
  readonly map: readonly string[];
  readonly legend: Legend;
  readonly actions: readonly string[];
  /** Options of this game's own. */
  readonly options: Shape;
  readonly presets: EnvironmentDefinition['presets'];
  /** Called once a level; what it returns makes the rules of each world on it. */
  rules(
    level: Level,
    options: GridOptions & z.infer<z.ZodObject<Shape>>,
  ): (state: WorldState, heap: Heap) => Rules;
}

/** A grid environment's definition, with what tools may ask of it beyond the contract. */
export interface GridDefinition<O extends CommonOptions & GridOptions = CommonOptions & GridOptions>
  extends EnvironmentDefinition<O> {
  readonly map: readonly string[];
  readonly legend: Legend;
  createGrid(options: O): GridEnvironment;
}

/** Of one environment's objects and views, about. */
const OBJECT_BYTES = 16_384;

/** Everything worlds with the same options share, and how to make one more. */
interface Blueprint {
  readonly level: Level;
  /** Lays out what worlds on `heap` share; returns what makes one after the other there. */
  on(heap: Heap): () => GridEnvironment;
  /** What `count` worlds take, with what they share. */
  bytes(count: number): number;
}

export function defineGrid<Shape extends z.ZodRawShape>(game: GridGame<Shape>): GridDefinition {
  type Options = GridOptions & z.infer<z.ZodObject<Shape>>;
  const unchecked = z.strictObject({ ...gridOptions, ...game.options }) as unknown as z.ZodType<Options>;
  const schema = unchecked.check(checkLeaders);

  function blueprint(options: Options): Blueprint {
    const level = new Level(parse(options), {
      ahead: options.windowAhead,
      behind: options.windowBehind,
      left: options.windowLeft,
      right: options.windowRight,
    });
    const rules = game.rules(level, options);
    const fingerprint = fingerprintOf(game.name, fingerprinted(options));
    const turns = turnsOf(options);
    const on = (heap: Heap) => {
      const scratch = new Scratch(level, options, heap);
      return () => {
        const world = new World(level, options, game.actions, heap, scratch, rules);
        return new GridEnvironment(game.name, game.actions, world, turns, fingerprint);
      };
    };
    // How much a world takes is known by making one where nothing is but counted.
    const trial = new Heap('count', false);
    const make = on(trial);
    const shared = trial.used;
    make();
    const each = trial.used - shared + ALIGNMENT;
    return { level, on, bytes: (count) => shared + count * each };
  }

  function parse(options: Options) {
    try {
      return parseMap(options.map ?? game.map, game.legend, options.players);
    } catch (error) {
      throw error instanceof MapError ? new OptionsError(`options of ${game.name}: ${error.message}`) : error;
    }
  }

  function createGrid(options: Options): GridEnvironment {
    const plan = blueprint(options);
    // One world needs no kernel, and hundreds of rooms must not reserve hundreds of WebAssembly memories.
    return plan.on(new Heap(plan.bytes(1), false))();
  }

  function heapBytes({ level, bytes }: Blueprint, { players }: Options, count: number) {
    return bytes(count) + count * players * (level.windowWidth * level.windowHeight + 8) + 256;
  }

  function vectorBytes(options: Options, count: number): number {
    const plan = blueprint(options);
    const { width, height } = plan.level.map;
    // Lists of cells that have changed, and of those where apples grow, lie outside of the heap.
    return heapBytes(plan, options, count) + count * (16 * width * height + OBJECT_BYTES);
  }

  function createVector(options: Options, count: number, settings: VectorSettings): VectorEnvironment {
    const plan = blueprint(options);
    const { level } = plan;
    const windows = count * options.players;
    const windowBytes = level.windowWidth * level.windowHeight;
    const heap = new Heap(heapBytes(plan, options, count) + (settings.reserve ?? 0), settings.kernel ?? true);
    const grids = Array.from({ length: count }, plan.on(heap));
    const worlds = grids.map((grid) => grid.world);
    const list = heap.int32(2 * windows);
    const scratch = heap.uint8(windows * windowBytes);
    const environments = grids.map((grid) => withReward(grid, options));
    return new VectorEnvironment(environments, {
      // Shaped rewards are the environments' business; raw ones come straight from the worlds.
      ...(options.reward === 'individual' && {
        stepAll(actions: ActionBuffer, rewards: Float32Array) {
          if (!(actions instanceof Uint8Array))
            throw new TypeError('actions of a grid world are a Uint8Array');
          const { players } = options;
          for (let e = 0; e < count; e++) worlds[e]!.advance(actions, rewards, e * players, e * players);
        },
      }),
      observeAll(encoding, out, offset) {
        if (encoding !== 'ids' || !(out instanceof Uint8Array)) {
          const stride = options.players * windowBytes * 3;
          for (let e = 0; e < count; e++) grids[e]!.observe(encoding, out, offset + e * stride);
          return;
        }
        let index = 0;
        for (let e = 0; e < count; e++) index += worlds[e]!.state.fillWindowList(list, index);
        if (out.buffer === heap.buffer) {
          heap.copyWindows(list, windows, level.windowWidth, level.windowHeight, out, offset);
        } else {
          heap.copyWindows(list, windows, level.windowWidth, level.windowHeight, scratch, 0);
          out.set(scratch, offset);
        }
      },
      allocate: (bytes) => heap.uint8(bytes),
    });
  }

  return {
    name: game.name,
    kind: 'dilemma',
    title: game.title,
    summary: game.summary,
    source: game.source,
    details: game.details,
    map: game.map,
    legend: game.legend,
    schema,
    presets: game.presets,
    actions: game.actions,
    minPlayers: 1,
    maxPlayers: (options: Options) =>
      Math.min(MAX_PLAYERS, spawnPoints(options.map ?? game.map, game.legend)),
    create: (options: Options) => withReward(createGrid(options), options),
    createGrid,
    vectorBytes,
    createVector,
  } as unknown as GridDefinition;
}
