/**
 * A bonus for observations that were seldom met, by counting them (Bellemare et al. 2016), by a hash (Tang et al. 2017).
 * Its equations are in `details`.
 */
import * as z from 'zod';
import { type ArraySpec, elementsOf } from '../../shared/environment.ts';
import type { Saved, Task } from '../algorithms/algorithm.ts';
import type { Means } from '../algorithms/means.ts';
import type { Observations } from '../rollout/rollout.ts';
import type { Collective } from '../training/collective.ts';
import {
  checkPlayers,
  type Intrinsic,
  type IntrinsicDefinition,
  type IntrinsicPlan,
  type IntrinsicSetup,
  intrinsicOptions,
  type Payments,
} from './intrinsic.ts';
import { VisitTable } from './visit-table.ts';

const NAME = 'count';

const schema = z.strictObject({
  ...intrinsicOptions,
  weight: intrinsicOptions.weight.default(0.05),
  counts: z
    .enum(['network', 'player'])
    .default('network')
    .describe('Whose visits count together: those of all players of one network, or of each player'),
  size: z
    .int()
    .min(2 ** 8)
    .max(2 ** 22)
    .refine((size) => Number.isInteger(Math.log2(size)), 'must be a power of two, such as 262144')
    .default(2 ** 18)
    .describe('Places of each table of counts, a power of two'),
  grain: z
    .union([z.number().positive(), z.array(z.number().positive()).min(1)])
    .optional()
    .describe(
      'Of observations that are no bytes: numbers are taken for equal that round to the same multiple of it; one for all, or a list. By default a 32nd of what the observation ranges over',
    ),
});

export type CountOptions = z.infer<typeof schema>;

export const count: IntrinsicDefinition<CountOptions> = {
  name: NAME,
  title: 'Count bonus',
  summary: 'A step is paid for by how seldom the observation it leads to was met so far.',
  source: 'Bellemare et al. 2016; by a hash as in Tang et al. 2017',
  details: [
    '```',
    'c_t = 1 / sqrt(n(o_t+1))     n counts this visit too',
    '```',
    '',
    'The weight is beta of the papers. n is counted by a hash of the observation in a table of fixed size, where two that',
    'fall into one place count together: `count/used` is the share of places in use, and the probability that a new',
    'observation is taken for a known one. Observations of bytes count as they are; others are rounded to multiples of',
    '`grain` before. Every shard has its own tables, so `shards` is a setting that changes what is learned; they are part of',
    'checkpoints. A step that ends an episode leads to no observation of it and pays nothing.',
    '',
    'It is for worlds in which observations come again. The windows of a grid with several players hardly ever do: there',
    'everything is new and the bonus nearly constant until the table is full. Random network distillation is made for those.',
  ],
  schema,
  plan(options: CountOptions, task: Task): IntrinsicPlan {
    checkPlayers(NAME, options, task);
    const grains = task.observation.dtype === 'uint8' ? null : grainsOf(options, task);
    return { name: NAME, options, create: async (setup) => new Counted(options, grains, setup) };
  },
};

/** Ranges beyond this have a bound in name only. */
const BOUNDED = 1e6;

/** [elements of the observation]. @throws {RangeError} */
function grainsOf({ grain }: CountOptions, { definition, observation }: Task): Float64Array {
  const elements = elementsOf(observation);
  const { low, high } = observation;
  if (grain === undefined && !(high - low <= BOUNDED)) {
    throw new RangeError(
      `intrinsic.${NAME}.grain is needed: the observation of ${definition.name} has no bounds that it could be a part of; give a number, or a list of ${elements}`,
    );
  }
  const one = grain ?? (high - low) / 32;
  if (!Array.isArray(one)) return new Float64Array(elements).fill(one);
  if (one.length === elements) return Float64Array.from(one);
  throw new RangeError(
    `intrinsic.${NAME}.grain lists ${one.length}, and an observation of ${definition.name} has ${elements} numbers: give one for all, or ${elements}`,
  );
}

class Counted implements Intrinsic {
  readonly #setup: IntrinsicSetup;
  /** [own shards][tables] */
  readonly #tables: readonly (readonly VisitTable[])[];
  readonly #key: Key;

  constructor({ counts, size }: CountOptions, grains: Float64Array | null, setup: IntrinsicSetup) {
    const { rollouts, shape, network } = setup;
    const tables = counts === 'player' ? shape.players : network.layout.networks;
    this.#setup = setup;
    this.#tables = rollouts.map(() => Array.from({ length: tables }, () => new VisitTable(size)));
    this.#key = keyOf(shape.observation, grains);
  }

  async compute(out: readonly Payments[]): Promise<void> {
    const { rollouts, shape } = this.#setup;
    const elements = elementsOf(shape.observation);
    for (const [index, { observations, columns, ended }] of rollouts.entries()) {
      const tables = this.#tables[index]!;
      for (let i = 0; i < shape.steps * columns; i++) {
        if (ended[i] === 1) continue;
        const table = tables.length === 1 ? tables[0]! : tables[i % shape.players]!;
        const visits = table.visit(this.#key(observations, (i + columns) * elements));
        out[index]![i] = 1 / Math.sqrt(visits);
      }
    }
  }

  measure(means: Means, collective: Collective): void {
    const rows = collective.exchange((row, shard) => {
      const tables = this.#tables[collective.own.indexOf(shard)]!;
      row[0] = tables.reduce((sum, { used }) => sum + used, 0) / tables.length;
    });
    for (const [used] of rows) means.add('count/used', used!, 1);
  }

  saveShard(index: number): Saved {
    return Object.fromEntries(this.#tables[index]!.map((table, k) => [`visits/${k}`, table.save()]));
  }

  load(_: Saved, shards: readonly Saved[]): void {
    for (const [index, saved] of shards.entries()) {
      this.#tables[index]!.forEach((table, k) => {
        const visits = saved[`visits/${k}`];
        if (!(visits instanceof Uint8Array)) throw new Error(`visits/${k} is missing`);
        table.load(visits);
      });
    }
  }
}

/** The bytes that an observation is told by; valid until the next call. */
type Key = (observations: Observations, at: number) => Uint8Array;

function keyOf(spec: ArraySpec, grains: Float64Array | null): Key {
  const elements = elementsOf(spec);
  if (grains === null) return (observations, at) => (observations as Uint8Array).subarray(at, at + elements);
  const multiples = new Int32Array(elements);
  const bytes = new Uint8Array(multiples.buffer);
  return (observations, at) => {
    for (let k = 0; k < elements; k++) multiples[k] = Math.round(observations[at + k]! / grains[k]!);
    return bytes;
  };
}
