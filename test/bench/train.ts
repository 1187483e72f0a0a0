/**
 * How fast learning goes: acting, an update, whole iterations of PPO on Harvest with five players, on every backend that
 * is here, beside the backend's own product of matrices and beside PyTorch where there is one. All take turns in rounds,
 * so that a machine whose speed drifts slows all alike: ratios hold where absolute speeds do not.
 *
 *     npm run bench:train -- [--json] [--seconds 1.5] [--rounds 3] [--backends onnx,wasm] [--no-torch] [--quick]
 *
 * With --json one record of train-records.ts a line. What else there is to say goes to stderr.
 */
import { cpus, loadavg } from 'node:os';
import { TORCH_MISSING } from '../../agents/bench/torch.ts';
import { actorCritic } from '../../agents/networks/actor-critic.ts';
import { type Flags, parseFlags } from './train-flags.ts';
import { multiplications } from './train-flops.ts';
import { type Asked, BenchProcess, type Measured } from './train-process.ts';
import { combined, cpuOf, figures, type OwnRound, ratiosOf, type TrainingRecord } from './train-records.ts';
import { iterationPlan, PLAYERS, sizesOf, updatePlan } from './train-sizes.ts';
import { figuresTable, trainingTable } from './train-tables.ts';
import { TorchTurns } from './train-torch.ts';
import { GEMM_CHAIN, type Measure } from './train-worker.ts';

const processor = cpus()[0]?.model ?? 'unknown';
/** Samples of PyTorch's update. */
const TORCH_SAMPLES = 64 * 20;

const say = (text: string) => process.stderr.write(`${text}\n`);

/** A process with what it has measured, by what. */
interface Carrier {
  readonly process: BenchProcess;
  readonly rounds: Map<string, Measured[]>;
}

async function start(flags: Flags): Promise<Carrier[]> {
  const carriers: Carrier[] = [];
  for (const backend of flags.backends) {
    const sizes = sizesOf(backend, flags.quick);
    say(`starting ${backend}`);
    try {
      for (const network of ['shared', 'perPlayer'] as const) {
        for (const workers of [1, 2]) {
          const process = await BenchProcess.start({ backend, network, workers, sizes });
          carriers.push({ process, rounds: new Map() });
        }
      }
    } catch (error) {
      leaveOut(carriers, backend, error as Error);
    }
  }
  return carriers;
}

/** What fails on one backend keeps nobody from seeing the others. */
function leaveOut(carriers: Carrier[], backend: string, error: Error): void {
  say(`${backend} is left out: ${error.message}`);
  const kept = carriers.filter(({ process: { setup } }) => setup.backend !== backend);
  for (const carrier of carriers) if (!kept.includes(carrier)) carrier.process.stop();
  carriers.splice(0, carriers.length, ...kept);
}

/** A round of everything; what is compared with one another is next to one another. */
async function measureAll(carriers: Carrier[], torch: TorchTurns | null, flags: Flags) {
  const seconds = flags.seconds / flags.rounds;
  const batches = sizesOf('onnx', flags.quick).batches;
  const all: Asked[] = [
    { measure: 'gemm' },
    { measure: 'update' },
    { measure: 'iterations' },
    ...batches.map((batch) => ({ measure: 'inference' as const, batch })),
  ];
  for (const what of all) {
    for (const carrier of [...carriers]) {
      const { process: carried, rounds } = carrier;
      if (what.measure === 'inference' && carried.setup.workers > 1) continue;
      // Its backend may have failed in another process meanwhile.
      if (!carriers.includes(carrier)) continue;
      const key = JSON.stringify(what);
      try {
        rounds.set(key, [...(rounds.get(key) ?? []), await carried.measure(what, seconds)]);
      } catch (error) {
        leaveOut(carriers, carried.setup.backend, error as Error);
        process.exitCode = 1;
      }
    }
    if (torch !== null && what.measure !== 'iterations') await torch.measure(what, seconds);
  }
}

/** @param samples of a call. */
function timing(rounds: readonly OwnRound[], samples: number) {
  const { ms, bestMs, repeats } = combined(rounds);
  return {
    ms,
    bestMs,
    repeats,
    cpuMs: cpuOf(rounds),
    samplesPerSecond: (samples / ms) * 1000,
    bestSamplesPerSecond: (samples / bestMs) * 1000,
  };
}

function recordOf({ process: { setup, ready }, rounds }: Carrier, torch: TorchTurns | null): TrainingRecord {
  const { backend, network, workers, sizes } = setup;
  const of = (what: Asked): Measured[] => rounds.get(JSON.stringify(what)) ?? [];
  const theirs = (what: Measure) => torch?.rounds(what) ?? [];

  const { task, config, stepsPerIteration, parameters } = iterationPlan(network, sizes);
  const { layout } = actorCritic(task.observation, task.actions, config.network, 1);
  const counts = multiplications(layout.specs, task.observation, sizes.steps);
  const gemmGflops =
    (workers * GEMM_CHAIN * 2 * sizes.gemm ** 3) / combined(of({ measure: 'gemm' })).ms / 1e6;
  const fraction = (samplesPerSecond: number, count: number) =>
    (samplesPerSecond * 2 * count) / (gemmGflops * 1e9);

  const updateTask = updatePlan(network, workers, sizes).task;
  const sequences = updateTask.environments * updateTask.players;
  const samples = workers * sequences * sizes.steps;
  const updates = of({ measure: 'update' });
  const update = timing(updates, samples);
  const iterations = of({ measure: 'iterations' });
  const iteration = timing(iterations, stepsPerIteration);
  const sum = (key: 'actSeconds' | 'learnSeconds') => iterations.reduce((all, round) => all + round[key], 0);
  return {
    record: 'training',
    backend,
    engine: ready.engine,
    workers,
    network,
    players: PLAYERS,
    parameters,
    samplesPerSecond: update.samplesPerSecond,
    playerStepsPerSecond: iteration.samplesPerSecond,
    endToEndFraction: iteration.samplesPerSecond / update.samplesPerSecond,
    cpuEndToEndFraction: update.cpuMs / samples / (iteration.cpuMs / stepsPerIteration),
    actFraction: sum('actSeconds') / (sum('actSeconds') + sum('learnSeconds')),
    gemmGflops,
    fractionOfGemm: fraction(update.samplesPerSecond, counts.training),
    multiplications: counts,
    update: {
      sequences,
      steps: sizes.steps,
      ...update,
      ...ratiosOf(updates, theirs({ measure: 'update' }), samples / TORCH_SAMPLES),
    },
    iteration: {
      environments: sizes.environments,
      segment: sizes.segment,
      minibatches: sizes.minibatches,
      ...iteration,
    },
    inference:
      workers > 1
        ? []
        : sizes.batches.map((batch) => {
            const what = { measure: 'inference', batch } as const;
            const times = timing(of(what), batch);
            return {
              batch,
              ...times,
              ...ratiosOf(of(what), theirs(what), 1),
              fractionOfGemm: fraction(times.samplesPerSecond, counts.forward),
            };
          }),
    compileSeconds: ready.compileSeconds,
    memoryBytes: ready.memoryBytes,
    processor,
    node: process.version,
  };
}

async function bench(flags: Flags): Promise<void> {
  const torch = flags.torch ? TorchTurns.find(flags.quick) : null;
  if (flags.torch && torch === null) say(TORCH_MISSING);
  const load = loadavg()[0]!;
  if (load > 0.5) say(`the machine is busy (load ${load.toFixed(1)}): times are longer than they need be`);
  const carriers = await start(flags);
  if (carriers.length === 0)
    throw new Error('none of the backends loads here, so there is nothing to measure');
  try {
    for (let round = 0; round < flags.rounds; round++) {
      say(`round ${round + 1} of ${flags.rounds}`);
      await measureAll(carriers, torch, flags);
    }
  } finally {
    for (const { process } of carriers) process.stop();
  }
  if (carriers.length === 0) throw new Error('every backend failed, as said above');
  const records = carriers.map((carrier) => recordOf(carrier, torch));
  const points = torch?.points(processor) ?? [];
  // What is asked is asked of the default backend, the first.
  const asked = figures(records.filter(({ backend }) => backend === records[0]!.backend));
  if (flags.json) {
    for (const record of [...records, ...points, ...asked])
      process.stdout.write(`${JSON.stringify(record)}\n`);
    return;
  }
  process.stdout.write(
    [
      `${processor}, Node ${process.version}; ${torch === null ? 'no PyTorch' : `PyTorch ${torch.version} on one thread`}; medians of ${flags.rounds} rounds in turn`,
      '',
      ...trainingTable(records),
      '',
      ...figuresTable(asked, records[0]!.backend),
      '',
    ].join('\n'),
  );
}

let flags: Flags;
try {
  flags = parseFlags(process.argv.slice(2));
} catch (error) {
  say(`bench:train: ${(error as Error).message}`);
  process.exit(2);
}
await bench(flags);
