/** A worker thread that computes what a worker of `arena train` computes, piece by piece, and says how long it took. */
import { parentPort, workerData } from 'node:worker_threads';
import { type BackendName, type Engine, openEngine } from '../../agents/engine/index.ts';
import { type Arrays, allocate, type Call, float32, type Program } from '../../agents/engine/program.ts';
import * as tf from '../../agents/engine/tf.ts';
import { actorCritic } from '../../agents/networks/actor-critic.ts';
import { actProgram } from '../../agents/networks/programs.ts';
import { Collective, type CollectiveMemory } from '../../agents/training/collective.ts';
import { PALETTE } from '../../shared/palette.ts';
import { Random } from '../../shared/random.ts';
import { iterationPlan, type NetworkKind, PLAYERS, type Sizes, updatePlan } from './train-sizes.ts';

export interface BenchSetup {
  readonly backend: BackendName;
  readonly network: NetworkKind;
  readonly workers: number;
  readonly worker: number;
  readonly sizes: Sizes;
  /** Of the update's gradients. */
  readonly memory: CollectiveMemory;
}

export type Measure =
  | { readonly measure: 'gemm' }
  | { readonly measure: 'inference'; readonly batch: number }
  | { readonly measure: 'update' };

export interface Order {
  readonly what: Measure;
  readonly count: number;
}

/** Products of matrices in one call of the gemm program: with several, handing over the arrays counts for little. */
export const GEMM_CHAIN = 4;

/** Does once what is measured. */
type Work = () => Promise<void>;

async function gemm(engine: Engine, { sizes }: BenchSetup): Promise<Work> {
  const square = float32(sizes.gemm, sizes.gemm);
  const program = await engine.compile(
    'gemm',
    ({ a, b }) => {
      let product = a!;
      for (let k = 0; k < GEMM_CHAIN; k++) product = tf.matMul(product, b!);
      return { product };
    },
    { a: square, b: square },
  );
  const feeds = allocate(program.inputs);
  const random = new Random().seed(1);
  // Products stay near 1 in size.
  const scale = Math.sqrt(3 / sizes.gemm);
  for (const array of Object.values(feeds)) {
    for (let i = 0; i < array.length; i++) array[i] = scale * (2 * random.uniform() - 1);
  }
  const call = program.bind(feeds, allocate(program.outputs));
  return () => call.run();
}

/** A batch of windows from which actions are chosen, by the program that training chooses with. */
async function inference(engine: Engine, { network, sizes }: BenchSetup, batch: number): Promise<Work> {
  const { task, config } = iterationPlan(network, sizes);
  const policy = actorCritic(
    task.observation,
    task.actions,
    config.network,
    network === 'perPlayer' ? PLAYERS : 1,
  );
  // As a learner acts: it holds its weights for a segment.
  const program = await actProgram(engine, policy, task.observation, batch / PLAYERS, PLAYERS, {
    held: ['theta'],
  });
  const feeds = allocate(program.inputs);
  const random = new Random().seed(1);
  const theta = new Float32Array(policy.layout.size);
  policy.layout.initialize(theta, random);
  await program.hold({ theta });
  const { observation, state } = feeds as { observation: Uint8Array; state: Float32Array };
  for (let i = 0; i < observation.length; i++) observation[i] = random.below(PALETTE.length / 3);
  for (let i = 0; i < state.length; i++) state[i] = 2 * random.uniform() - 1;
  const call = program.bind(feeds, allocate(program.outputs));
  return () => call.run();
}

interface Bound {
  readonly program: string;
  readonly feeds: Arrays;
  readonly results: Arrays;
  readonly call: Call;
}

/** The same engine, which also tells what its programs are bound to. */
function recording(engine: Engine, bound: Bound[]): Engine {
  return {
    backend: engine.backend,
    description: engine.description,
    async compile(name, fn, inputs, options): Promise<Program> {
      const program = await engine.compile(name, fn, inputs, options);
      return {
        name,
        inputs: program.inputs,
        held: program.held,
        outputs: program.outputs,
        onnx: program.onnx,
        bind(feeds, results) {
          const call = program.bind(feeds, results);
          bound.push({ program: name, feeds, results, call });
          return call;
        },
        hold: (arrays) => program.hold(arrays),
        release: () => program.release(),
      };
    },
  };
}

/**
 * Gradient, mean over the workers, step of Adam: the learner's own calls over its own memory, which holds what it has
 * played once.
 */
async function update(
  engine: Engine,
  { network, workers, worker, sizes, memory }: BenchSetup,
): Promise<Work> {
  const plan = updatePlan(network, workers, sizes);
  const collective = new Collective(memory, worker);
  const bound: Bound[] = [];
  const learner = await plan.algorithm.create(plan.options, {
    engine: recording(engine, bound),
    task: plan.task,
    network: plan.config.network,
    intrinsic: plan.intrinsic,
    collective,
    seed: plan.config.seed,
    totalSteps: plan.config.steps,
  });
  await learner.iterate(0);
  // Told apart by what they take and give: in a run of one shard all is one program.
  const gradients = bound.filter(({ results }) => 'gradient' in results);
  const [step, ...others] = bound.filter(({ results }) => 'theta' in results);
  if (step === undefined || others.length > 0 || gradients.length !== ('gradient' in step.feeds ? 2 : 0)) {
    throw new Error(
      `an update should be one program, or a gradient bound twice and a step, and the learner bound ${bound.map(({ program }) => program)}`,
    );
  }
  const stepped = Object.entries(step.results).filter(([name]) => name in step.feeds);
  return async () => {
    if (gradients.length > 0) {
      await gradients[collective.turn]!.call.run();
      collective.meanGradient(step.feeds.gradient as Float32Array);
    }
    await step.call.run();
    for (const [name, array] of stepped) step.feeds[name]!.set(array);
  };
}

async function serve(setup: BenchSetup): Promise<void> {
  const port = parentPort!;
  const engine = await openEngine(setup.backend);
  const works = new Map<string, Work>();
  const prepare = async (what: Measure): Promise<Work> => {
    const key = JSON.stringify(what);
    const known = works.get(key);
    if (known !== undefined) return known;
    const work =
      what.measure === 'gemm'
        ? await gemm(engine, setup)
        : what.measure === 'update'
          ? await update(engine, setup)
          : await inference(engine, setup, what.batch);
    works.set(key, work);
    return work;
  };
  port.on('message', ({ what, count }: Order) => {
    const answer = async () => {
      const work = await prepare(what);
      const times = new Float64Array(count);
      for (let k = 0; k < count; k++) {
        const start = performance.now();
        await work();
        times[k] = performance.now() - start;
      }
      port.postMessage(times);
    };
    answer().catch((error: unknown) => {
      // Reaches the process as the worker's error.
      setImmediate(() => {
        throw error;
      });
    });
  });
}

if (parentPort !== null && workerData !== null) await serve(workerData as BenchSetup);
