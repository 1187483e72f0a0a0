/**
 * The configuration of a run: environment, algorithm, network, and how long and wide. What is written is held against the
 * schemas of that environment and that algorithm; what is left out has their defaults, and the whole is saved with the run.
 */
import * as z from 'zod';
import { type EnvironmentDefinition, type OptionsInput, parseOptions } from '../../shared/definition.ts';
import { definitionOf, ENVIRONMENTS } from '../../shared/registry.ts';
import type { AlgorithmDefinition, Task } from '../algorithms/algorithm.ts';
import { ALGORITHM_NAMES, algorithmOf } from '../algorithms/index.ts';
import { type IntrinsicConfig, intrinsicPlans, intrinsicShape } from '../intrinsic/index.ts';
import type { IntrinsicPlan } from '../intrinsic/intrinsic.ts';
import { type NetworkOptions, networkSchema } from '../networks/actor-critic.ts';
import { seatedTask } from '../remote/seats.ts';
import { TrainingUsageError } from './errors.ts';
import { parseConfig } from './yaml-config.ts';

/** How long and wide a run is. */
export const runFields = {
  steps: z
    .number()
    .int('must be a whole number')
    .min(1)
    .max(Number.MAX_SAFE_INTEGER)
    .default(1e7)
    .describe('Player steps of the run'),
  seed: z.int().min(0).default(1).describe('Everything random in the run follows from it'),
  environments: z
    .int()
    .min(1)
    .max(4096)
    .default(32)
    .describe('Environments that are played at a time, over all shards'),
  shards: z
    .int()
    .min(1)
    .max(256)
    .default(2)
    .describe('Parts that environments and minibatches are in; a worker carries one or more'),
  stagger: z
    .boolean()
    .default(true)
    .describe('Whether episodes of different environments start at different times'),
  checkpoints: z
    .int()
    .min(1)
    .max(10_000)
    .default(20)
    .describe('How many checkpoints a run writes, evenly over its steps'),
  keep: z
    .int()
    .min(1)
    .max(10_000)
    .default(3)
    .describe('How many of the last checkpoints are kept, beside the best'),
  reports: z.int().min(1).max(1_000_000).default(1000).describe('How many reports a run makes at most'),
};

const namesSchema = z.looseObject({
  env: z
    .looseObject({
      name: z.enum(ENVIRONMENTS.map(({ name }) => name)).default('harvest'),
      preset: z.string().optional(),
    })
    .prefault({}),
  algo: z.looseObject({ name: z.enum(ALGORITHM_NAMES).default('ppo') }).prefault({}),
  network: z.looseObject({}).prefault({}),
});

export type RunFields = z.infer<z.ZodObject<typeof runFields>>;

/** Everything that decides what a run computes. */
export interface RunConfig extends RunFields {
  readonly env: { readonly name: string } & Readonly<Record<string, unknown>>;
  readonly algo: { readonly name: string } & Readonly<Record<string, unknown>>;
  readonly network: NetworkOptions;
  /** Options of the intrinsic rewards that are at work, by name. */
  readonly intrinsic: IntrinsicConfig;
}

/** A configuration with what it names. */
export interface Plan {
  readonly config: RunConfig;
  readonly definition: EnvironmentDefinition;
  readonly algorithm: AlgorithmDefinition<never>;
  /** As the algorithm's schema left them. */
  readonly options: never;
  readonly task: Task;
  readonly intrinsic: readonly IntrinsicPlan[];
  /** P */
  readonly parameters: number;
  /** Player steps of one iteration of all shards. */
  readonly stepsPerIteration: number;
}

/**
 * @param text YAML. @param source what errors call it. @param overrides `path=value`, which win.
 * @param seats of a room that are played; null for environments of the run's own.
 * @throws {ConfigError | TrainingUsageError}
 */
export function readPlan(
  text: string,
  source: string,
  overrides: readonly string[] = [],
  seats: number | null = null,
): Plan {
  // First who is meant, then whether everything said is something they know.
  const names = readNames(text, source, overrides);
  const definition = definitionOf(names.env.name);
  const algorithm = algorithmOf(names.algo.name);
  const strict = parseConfig(text, strictSchema(definition, algorithm), { source, overrides });
  const { name: _, ...options } = names.env;
  return planOf(
    {
      ...(strict as unknown as RunFields),
      // What a preset or a default says today is said by the run for good.
      env: { name: definition.name, ...parseOptions(definition, options as OptionsInput) },
      algo: strict.algo as RunConfig['algo'],
      network: networkSchema.parse({ ...algorithm.network, ...names.network }),
      intrinsic: strict.intrinsic as IntrinsicConfig,
    },
    seats,
  );
}

/**
 * Who is meant, environment and algorithm, whatever else is said of them; parameters as of `readPlan`.
 * @throws {ConfigError}
 */
export function readNames(
  text: string,
  source: string,
  overrides: readonly string[] = [],
): z.infer<typeof namesSchema> {
  return parseConfig(text, namesSchema, { source, overrides });
}

/** The objects in an object schema; transforms around it are looked through. */
function shapeOf(schema: z.ZodType): z.ZodRawShape {
  const inner = schema instanceof z.ZodPipe ? (schema.in as z.ZodType) : schema;
  if (!(inner instanceof z.ZodObject)) throw new TypeError('options must be an object');
  return inner.shape;
}

function strictSchema(definition: EnvironmentDefinition, algorithm: AlgorithmDefinition<never>) {
  return z.strictObject({
    ...runFields,
    env: z
      .strictObject({
        name: z.literal(definition.name).default(definition.name),
        preset: z.enum(Object.keys(definition.presets) as [string]).optional(),
        ...shapeOf(definition.schema),
      })
      .prefault({}),
    algo: z
      .strictObject({
        name: z.literal(algorithm.name).default(algorithm.name),
        ...shapeOf(algorithm.schema),
      })
      .prefault({}),
    network: networkSchema.prefault({}),
    intrinsic: z.strictObject(intrinsicShape()).prefault({}),
  });
}

/** @param config as `readPlan` made it, or as a run saved it. @param seats as there. @throws {TrainingUsageError} */
export function planOf(config: RunConfig, seats: number | null = null): Plan {
  const definition = definitionOf(config.env.name);
  const algorithm = algorithmOf(config.algo.name);
  const { name: _env, ...environmentOptions } = config.env;
  const { name: _algo, ...algorithmOptions } = config.algo;
  const options = algorithm.schema.parse(algorithmOptions);
  const { environments, shards } = config;
  if (environments % shards !== 0) {
    throw new TrainingUsageError(
      `environments (${environments}) must be a multiple of shards (${shards}): each shard has as many`,
    );
  }
  const whole = taskOf(definition, environmentOptions as OptionsInput, environments / shards, config.stagger);
  const task = seats === null ? whole : seatedTask(whole, seats, config);
  if (!algorithm.intrinsic && Object.keys(config.intrinsic).length > 0) {
    const others = ALGORITHM_NAMES.filter((name) => algorithmOf(name).intrinsic);
    throw new TrainingUsageError(
      `intrinsic rewards do not go with ${algorithm.name}, which does not learn from rewards as they are played; they do with ${others.join(', ')}`,
    );
  }
  try {
    const intrinsic = intrinsicPlans(config.intrinsic, task, config.network);
    return {
      config,
      definition,
      algorithm,
      options,
      task,
      intrinsic,
      parameters: algorithm.parameters(options, task, config.network, intrinsic),
      stepsPerIteration: shards * algorithm.stepsPerIteration(options, task),
    };
  } catch (error) {
    if (error instanceof RangeError) throw new TrainingUsageError(error.message, { cause: error });
    throw error;
  }
}

/** The environment as learners need it. @throws {TrainingUsageError} for one they cannot act in. */
export function taskOf(
  definition: EnvironmentDefinition,
  options: OptionsInput,
  environments: number,
  stagger: boolean,
): Task {
  const sample = definition.create(parseOptions(definition, options));
  if (sample.actionSpec.kind !== 'discrete') {
    throw new TrainingUsageError(
      `${definition.name} has continuous actions, the algorithms here take discrete ones`,
    );
  }
  const [encoding, observation] = Object.entries(sample.observationSpecs)[0]!;
  return {
    definition,
    options,
    players: sample.players,
    actions: sample.actionSpec.labels.length,
    encoding,
    observation,
    leads: sample.leads,
    revealsActions: sample.revealsActions,
    environments,
    // Episodes of the control tasks end by themselves, all at different times.
    stagger: stagger && definition.kind !== 'control',
  };
}
