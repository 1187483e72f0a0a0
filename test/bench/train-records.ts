/** What `npm run bench:train -- --json` prints, one of these a line, and how times become figures. */
import * as z from 'zod';
import { BACKENDS } from '../../agents/engine/index.ts';
import { ARMS, type RewardArm } from './train-sizes.ts';

/** How long one call took in a round, milliseconds. */
export interface Round {
  readonly ms: number;
  readonly bestMs: number;
  readonly repeats: number;
}

/** With the processor's time for a call, all threads together: what others run beside it does not count. */
export interface OwnRound extends Round {
  readonly cpuMs: number;
}

const positive = z.number().positive();
const timing = {
  /** Of a call: the median of the rounds' medians, and the least of all. */
  ms: positive,
  bestMs: positive,
  repeats: z.int().positive(),
  /** The processor's time for a call, of all threads of the process, the collector of garbage included. */
  cpuMs: positive,
  /** By `ms`, and by `bestMs`. A sample is one step of one player. */
  samplesPerSecond: positive,
  bestSamplesPerSecond: positive,
};
/**
 * Ours over PyTorch's on one thread, more is better: the median of the rounds, which are next to one another in time,
 * and of the best times of all. Null without PyTorch.
 */
const ratios = { torchRatio: positive.nullable(), bestTorchRatio: positive.nullable() };

/** Printed as soon as a process has its programs. */
const startedSchema = z.strictObject({
  record: z.literal('started'),
  arm: z.enum(ARMS),
  backend: z.enum(BACKENDS),
  /** The library with its version. */
  engine: z.string(),
  network: z.enum(['shared', 'perPlayer']),
  workers: z.int().positive(),
  /** Tracing and compiling until the slowest worker had its programs. */
  compileSeconds: positive,
});

/** Printed as soon as it is measured: one thing, of one process or of PyTorch, in one round. */
const measurementSchema = z.strictObject({
  record: z.literal('measurement'),
  /** From 1. */
  round: z.int().positive(),
  by: z.enum([...BACKENDS, 'torch']),
  arm: z.enum(ARMS),
  /** Null for PyTorch, whose network is the one that all share. */
  network: z.enum(['shared', 'perPlayer']).nullable(),
  workers: z.int().positive(),
  measure: z.enum(['iterations', 'update', 'gemm', 'inference']),
  /** Samples of a call of inference; otherwise null. */
  batch: z.int().positive().nullable(),
  ms: positive,
  bestMs: positive,
  repeats: z.int().positive(),
  /** By `ms`, all workers together. */
  rate: positive,
  unit: z.enum(['samples/s', 'player steps/s', 'GFLOP/s']),
});

const trainingSchema = z.strictObject({
  record: z.literal('training'),
  backend: z.enum(BACKENDS),
  /** The library with its version. */
  engine: z.string(),
  workers: z.int().positive(),
  network: z.enum(['shared', 'perPlayer']),
  players: z.int().positive(),
  parameters: z.int().positive(),
  /** Of the update alone, all workers together: gradient and Adam, medians. */
  samplesPerSecond: positive,
  /** Of whole iterations with one epoch, environments included. */
  playerStepsPerSecond: positive,
  /** playerStepsPerSecond / samplesPerSecond. */
  endToEndFraction: positive,
  /** The same by the processor's time, which holds on a machine that others use too. */
  cpuEndToEndFraction: positive,
  /** Of iterations: how much of the time passed while playing, the rest while learning. */
  actFraction: positive,
  /** The backend's own product of square matrices, all workers at once, 1e9 floating-point operations a second. */
  gemmGflops: positive,
  /** What the update achieves of it, and what each act call does; one multiplication is two operations. */
  fractionOfGemm: positive,
  multiplications: z.strictObject({ forward: positive, training: positive }),
  update: z.strictObject({
    sequences: z.int().positive(),
    steps: z.int().positive(),
    ...timing,
    ...ratios,
  }),
  iteration: z.strictObject({
    environments: z.int().positive(),
    segment: z.int().positive(),
    minibatches: z.int().positive(),
    ...timing,
  }),
  /** With one worker. */
  inference: z.array(
    z.strictObject({ batch: z.int().positive(), ...timing, ...ratios, fractionOfGemm: positive }),
  ),
  /** Tracing and compiling until the slowest worker had its programs. */
  compileSeconds: positive,
  /** Resident memory of a process that trains and does nothing else, at most. */
  memoryBytes: z.int().positive(),
  processor: z.string(),
  node: z.string(),
});

/** Whole iterations of PPO with an intrinsic reward. */
const intrinsicSchema = z.strictObject({
  record: z.literal('intrinsic'),
  arm: z.enum(['moa', 'communication', 'basic']),
  /** The same without the reward, measured in the same rounds. */
  baseline: z.enum(ARMS),
  backend: z.enum(BACKENDS),
  workers: z.int().positive(),
  network: z.enum(['shared', 'perPlayer']),
  parameters: z.int().positive(),
  playerStepsPerSecond: positive,
  /** Of the baseline's player steps a second: the median of the rounds, by best times, and by the processor's time. */
  fraction: positive,
  bestFraction: positive,
  cpuFraction: positive,
  /** Shares of an iteration's time that pass while playing and while computing the reward; the rest is learning. */
  actFraction: positive,
  rewardFraction: positive,
  iteration: z.strictObject(timing),
  compileSeconds: positive,
  memoryBytes: z.int().positive(),
  processor: z.string(),
  node: z.string(),
});

const torchSchema = z.strictObject({
  record: z.literal('torch'),
  torch: z.string(),
  measure: z.enum(['gemm', 'inference', 'update']),
  batch: z.int().positive(),
  /** Of its variants the fastest. */
  variant: z.string(),
  ms: positive,
  bestMs: positive,
  repeats: z.int().positive(),
  processor: z.string(),
});

const figureSchema = z.strictObject({
  record: z.literal('figure'),
  figure: z.string(),
  unit: z.string(),
  /** Null where it was not measured. */
  value: z.number().nullable(),
  /** By best times instead of medians, where there are both. */
  best: z.number().nullable(),
  /** By the processor's time, where PyTorch is not part of it. */
  cpu: z.number().nullable(),
  /** Null where nothing is. */
  asked: z.number().nullable(),
  aim: z.number().nullable(),
  /** Whether less is better. */
  atMost: z.boolean(),
  met: z.boolean().nullable(),
});

export const recordSchema = z.discriminatedUnion('record', [
  startedSchema,
  measurementSchema,
  trainingSchema,
  intrinsicSchema,
  torchSchema,
  figureSchema,
]);
export type StartedRecord = z.infer<typeof startedSchema>;
export type MeasurementRecord = z.infer<typeof measurementSchema>;
export type TrainingRecord = z.infer<typeof trainingSchema>;
export type IntrinsicRecord = z.infer<typeof intrinsicSchema>;
export type TorchPoint = z.infer<typeof torchSchema>;
export type Figure = z.infer<typeof figureSchema>;
export type BenchRecord = z.infer<typeof recordSchema>;

/** The middle one, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('no values have no median');
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

/** The processor's time for a call: the median of the rounds. */
export const cpuOf = (rounds: readonly OwnRound[]): number => median(rounds.map(({ cpuMs }) => cpuMs));

/** Rounds as one. */
export function combined(rounds: readonly Round[]): Round {
  return {
    ms: median(rounds.map(({ ms }) => ms)),
    bestMs: Math.min(...rounds.map(({ bestMs }) => bestMs)),
    repeats: rounds.reduce((sum, { repeats }) => sum + repeats, 0),
  };
}

/**
 * How many times as many samples a second ours are as theirs.
 * @param scale our samples a call over theirs. @param ours @param theirs by round, as many.
 */
export function ratiosOf(
  ours: readonly Round[],
  theirs: readonly Round[],
  scale: number,
): { torchRatio: number | null; bestTorchRatio: number | null } {
  if (theirs.length === 0) return { torchRatio: null, bestTorchRatio: null };
  return {
    torchRatio: scale * median(ours.map(({ ms }, round) => theirs[round]!.ms / ms)),
    bestTorchRatio: (scale * combined(theirs).bestMs) / combined(ours).bestMs,
  };
}

/** Which round it was. */
export interface Numbered {
  readonly round: number;
}

/** Calls a second over the baseline's, in the rounds that both had: what is slow may have had one only. */
export function fractionsOf(
  ours: readonly (OwnRound & Numbered)[],
  baseline: readonly (OwnRound & Numbered)[],
): Pick<IntrinsicRecord, 'fraction' | 'bestFraction' | 'cpuFraction'> {
  const pairs = ours.flatMap((own) =>
    baseline.filter(({ round }) => round === own.round).map((other) => [own, other] as const),
  );
  return {
    fraction: median(pairs.map(([own, other]) => other.ms / own.ms)),
    bestFraction: combined(baseline).bestMs / combined(ours).bestMs,
    cpuFraction: median(pairs.map(([own, other]) => other.cpuMs / own.cpuMs)),
  };
}

/** What is asked of arms with a reward, as a fraction of their baseline, and the aim. */
const ASKED: Readonly<Partial<Record<RewardArm, { readonly asked: number; readonly aim: number }>>> = {
  moa: { asked: 0.4, aim: 0.5 },
};

const INFERENCE_EACH = 1.6;
const GIB = 2 ** 30;

/** A kind of network and a number of workers, in words. */
export const people = (network: 'shared' | 'perPlayer', workers: number) =>
  `${network === 'shared' ? 'shared' : 'per player'}, ${workers} worker${workers === 1 ? '' : 's'}`;

/** What is asked of the default backend, beside what was measured. @param records @param intrinsic of one backend. */
export function figures(
  records: readonly TrainingRecord[],
  intrinsic: readonly IntrinsicRecord[] = [],
): Figure[] {
  const of = (network: string, workers: number) =>
    records.find((record) => record.network === network && record.workers === workers);
  const figure = (
    name: string,
    value: number | null | undefined,
    asked: number | null,
    rest: Partial<Pick<Figure, 'unit' | 'best' | 'cpu' | 'aim' | 'atMost'>> = {},
  ): Figure => {
    const { unit = '', best = null, cpu = null, aim = null, atMost = false } = rest;
    const known = value ?? null;
    const met = known === null || asked === null ? null : atMost ? known < asked : known >= asked;
    return { record: 'figure', figure: name, unit, value: known, best, cpu, asked, aim, atMost, met };
  };
  const [one, two] = [of('shared', 1), of('shared', 2)];
  const inference = one?.inference ?? [];
  const means = (['torchRatio', 'bestTorchRatio'] as const).map((key) => {
    const known = inference.map((point) => point[key]).filter((ratio) => ratio !== null);
    return known.length === 0 ? null : geometricMean(known);
  });
  return [
    figure('update over PyTorch, 1 worker', one?.update.torchRatio, 1, {
      best: one?.update.bestTorchRatio ?? null,
    }),
    figure('update over PyTorch, 2 workers', two?.update.torchRatio, 1.8, {
      best: two?.update.bestTorchRatio ?? null,
      aim: 3,
    }),
    ...inference.map(({ batch, torchRatio, bestTorchRatio }) =>
      figure(`inference over PyTorch, batch ${batch}`, torchRatio, INFERENCE_EACH, { best: bestTorchRatio }),
    ),
    figure('inference over PyTorch, geometric mean', means[0], 2, { best: means[1] ?? null }),
    ...records.map(({ network, workers, endToEndFraction, cpuEndToEndFraction, iteration, update }) =>
      figure(`end to end over update, ${people(network, workers)}`, endToEndFraction, 0.6, {
        best: iteration.bestSamplesPerSecond / update.bestSamplesPerSecond,
        cpu: cpuEndToEndFraction,
        aim: 0.75,
      }),
    ),
    ...intrinsic.map(({ arm, network, workers, fraction, bestFraction, cpuFraction }) =>
      figure(`${arm}Fraction, ${people(network, workers)}`, fraction, ASKED[arm]?.asked ?? null, {
        best: bestFraction,
        cpu: cpuFraction,
        aim: ASKED[arm]?.aim ?? null,
      }),
    ),
    figure('tracing and compiling', Math.max(...records.map(({ compileSeconds }) => compileSeconds)), 2, {
      unit: 's',
      atMost: true,
    }),
    figure('memory', Math.max(...records.map(({ memoryBytes }) => memoryBytes)) / GIB, 2, {
      unit: 'GiB',
      atMost: true,
    }),
  ];
}
