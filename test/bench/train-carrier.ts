/** A process with what it has measured, and the records that come of it. */
import { cpus } from 'node:os';
import { actorCritic } from '../../agents/networks/actor-critic.ts';
import type { Flags } from './train-flags.ts';
import { multiplications } from './train-flops.ts';
import { type Asked, BenchProcess, type Measured, type ProcessSetup } from './train-process.ts';
import {
  combined,
  cpuOf,
  fractionsOf,
  type IntrinsicRecord,
  type MeasurementRecord,
  type Numbered,
  type OwnRound,
  type Round,
  ratiosOf,
  type StartedRecord,
  type TrainingRecord,
} from './train-records.ts';
import { BASELINES, iterationPlan, PLAYERS, type RewardArm, updatePlan } from './train-sizes.ts';
import type { TorchTurns } from './train-torch.ts';
import { GEMM_CHAIN, type Measure } from './train-worker.ts';

export const processor = cpus()[0]?.model ?? 'unknown';

/** Samples of PyTorch's update, and the side of its matrices. */
const TORCH_SAMPLES = 64 * 20;
const TORCH_GEMM = 1024;

/** A call that takes more than this times what all rounds of it may take is measured once. */
const PATIENCE = 4;

type InRound = Measured & Numbered;

export class Carrier {
  readonly setup: ProcessSetup;
  #process: BenchProcess | null = null;
  /** By what was measured. */
  readonly #rounds = new Map<string, InRound[]>();

  constructor(setup: ProcessSetup) {
    this.setup = setup;
  }

  /** @returns null where it had been started. @throws {Error} with the backend's own words where it does not load. */
  async start(): Promise<StartedRecord | null> {
    if (this.#process !== null) return null;
    this.#process = await BenchProcess.start(this.setup);
    const { arm, backend, network, workers } = this.setup;
    return { record: 'started', arm, backend, network, workers, ...this.#process.ready };
  }

  /** Whether it is its turn. @param seconds of all rounds. */
  measures(what: Asked, seconds: number): boolean {
    const { arm, workers, sizes } = this.setup;
    // What others are made of is what plain PPO is made of, or not asked about.
    if (arm !== 'ppo' && what.measure !== 'iterations') return false;
    if (what.measure === 'inference' && (workers > 1 || !sizes.batches.includes(what.batch))) return false;
    return this.#of(what).every(({ ms }) => ms <= PATIENCE * seconds * 1000);
  }

  async measure(what: Asked, round: number, { seconds, rounds }: Flags): Promise<MeasurementRecord> {
    const measured = await this.#process!.measure({
      what,
      seconds: seconds / rounds,
      patience: PATIENCE * seconds,
    });
    this.#rounds.set(JSON.stringify(what), [...this.#of(what), { round, ...measured }]);
    const { arm, backend, network, workers } = this.setup;
    return measurement(what, round, measured, {
      by: backend,
      arm,
      network,
      workers,
      perCall: this.#perCall(what),
    });
  }

  stop(): void {
    this.#process?.stop();
  }

  /** What plain PPO has measured, once its last round is over. */
  record(torch: TorchTurns | null): TrainingRecord {
    const { backend, network, workers, sizes } = this.setup;
    const ratios = (what: Measure, scale: number) => {
      const ours = this.#of(what);
      const rounds = ours.map(({ round }) => round);
      return ratiosOf(ours, torch?.rounds(what, rounds) ?? [], scale);
    };
    const { task, config, parameters } = iterationPlan(network, sizes);
    const { layout } = actorCritic(task.observation, task.actions, config.network, 1);
    const counts = multiplications(layout.specs, task.observation, sizes.steps);
    const gemmGflops = this.#perCall({ measure: 'gemm' }) / combined(this.#of({ measure: 'gemm' })).ms / 1e6;
    const fraction = (samplesPerSecond: number, count: number) =>
      (samplesPerSecond * 2 * count) / (gemmGflops * 1e9);

    const timed = (what: Asked) => timing(this.#of(what), this.#perCall(what));
    const samples = this.#perCall({ measure: 'update' });
    const update = timed({ measure: 'update' });
    const iterations = this.#of({ measure: 'iterations' });
    const iteration = timed({ measure: 'iterations' });
    const steps = this.#perCall({ measure: 'iterations' });
    const sum = (key: 'actSeconds' | 'learnSeconds') =>
      iterations.reduce((all, round) => all + round[key], 0);
    const { engine, compileSeconds } = this.#process!.ready;
    return {
      record: 'training',
      backend,
      engine,
      workers,
      network,
      players: PLAYERS,
      parameters,
      samplesPerSecond: update.samplesPerSecond,
      playerStepsPerSecond: iteration.samplesPerSecond,
      endToEndFraction: iteration.samplesPerSecond / update.samplesPerSecond,
      cpuEndToEndFraction: update.cpuMs / samples / (iteration.cpuMs / steps),
      actFraction: sum('actSeconds') / (sum('actSeconds') + sum('learnSeconds')),
      gemmGflops,
      fractionOfGemm: fraction(update.samplesPerSecond, counts.training),
      multiplications: counts,
      update: {
        sequences: samples / workers / sizes.steps,
        steps: sizes.steps,
        ...update,
        ...ratios({ measure: 'update' }, samples / TORCH_SAMPLES),
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
              const times = timed(what);
              return {
                batch,
                ...times,
                ...ratios(what, 1),
                fractionOfGemm: fraction(times.samplesPerSecond, counts.forward),
              };
            }),
      compileSeconds,
      // Before anything but iterations has been in its memory.
      memoryBytes: iterations[0]!.memoryBytes,
      processor,
      node: process.version,
    };
  }

  /** What an arm with a reward has measured. @param carriers among them its baseline's. */
  intrinsicRecord(arm: RewardArm, carriers: readonly Carrier[]): IntrinsicRecord {
    const { backend, network, workers, sizes } = this.setup;
    const baseline = carriers.find(
      ({ setup }) =>
        setup.arm === BASELINES[arm] &&
        setup.backend === backend &&
        setup.network === network &&
        setup.workers === workers,
    )!;
    const what = { measure: 'iterations' } as const;
    const iterations = this.#of(what);
    const iteration = timing(iterations, this.#perCall(what));
    const sum = (key: 'actSeconds' | 'rewardSeconds' | 'learnSeconds') =>
      iterations.reduce((all, round) => all + round[key], 0);
    const all = sum('actSeconds') + sum('rewardSeconds') + sum('learnSeconds');
    return {
      record: 'intrinsic',
      arm,
      baseline: BASELINES[arm],
      backend,
      workers,
      network,
      parameters: iterationPlan(network, sizes, arm).parameters,
      playerStepsPerSecond: iteration.samplesPerSecond,
      ...fractionsOf(iterations, baseline.#of(what)),
      actFraction: sum('actSeconds') / all,
      rewardFraction: sum('rewardSeconds') / all,
      iteration,
      compileSeconds: this.#process!.ready.compileSeconds,
      memoryBytes: iterations[0]!.memoryBytes,
      processor,
      node: process.version,
    };
  }

  #of(what: Asked): readonly InRound[] {
    return this.#rounds.get(JSON.stringify(what)) ?? [];
  }

  /** What a call does, of all workers: samples, player steps, or floating-point operations. */
  #perCall(what: Asked): number {
    const { network, workers, sizes } = this.setup;
    if (what.measure === 'gemm') return workers * GEMM_CHAIN * 2 * sizes.gemm ** 3;
    if (what.measure === 'inference') return what.batch;
    if (what.measure === 'iterations') return iterationPlan(network, sizes).stepsPerIteration;
    return updatePlan(network, workers, sizes).stepsPerIteration;
  }
}

/** What PyTorch has just measured. */
export function torchMeasurement(what: Measure, round: number, measured: Round): MeasurementRecord {
  const perCall =
    what.measure === 'gemm' ? 2 * TORCH_GEMM ** 3 : what.measure === 'inference' ? what.batch : TORCH_SAMPLES;
  return measurement(what, round, measured, { by: 'torch', arm: 'ppo', network: null, workers: 1, perCall });
}

interface Who extends Pick<MeasurementRecord, 'by' | 'arm' | 'network' | 'workers'> {
  /** Samples, player steps or operations of a call. */
  readonly perCall: number;
}

function measurement(
  what: Asked,
  round: number,
  { ms, bestMs, repeats }: Round,
  { perCall, ...who }: Who,
): MeasurementRecord {
  const { measure } = what;
  const perSecond = (perCall / ms) * 1000;
  return {
    record: 'measurement',
    round,
    ...who,
    measure,
    batch: what.measure === 'inference' ? what.batch : null,
    ms,
    bestMs,
    repeats,
    rate: measure === 'gemm' ? perSecond / 1e9 : perSecond,
    unit: measure === 'gemm' ? 'GFLOP/s' : measure === 'iterations' ? 'player steps/s' : 'samples/s',
  };
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
