/** That the benchmark of learning runs, prints what its schema says, and computes its figures rightly. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { BackendName } from '../../agents/engine/index.ts';
import { actorCritic, networkSchema } from '../../agents/networks/actor-critic.ts';
import { parseFlags } from './train-flags.ts';
import { multiplications } from './train-flops.ts';
import {
  type BenchRecord,
  combined,
  figures,
  fractionsOf,
  geometricMean,
  type IntrinsicRecord,
  type MeasurementRecord,
  median,
  ratiosOf,
  recordSchema,
  type TrainingRecord,
} from './train-records.ts';
import { ARMS, armsOf, iterationPlan, sizesOf, takesPart, updatePlan } from './train-sizes.ts';
import { progressLine, table } from './train-tables.ts';

const BENCH = fileURLToPath(new URL('train.ts', import.meta.url));

describe('flags', () => {
  it('measure every backend and PyTorch by default', () => {
    expect(parseFlags([])).toEqual({
      json: false,
      seconds: 1.5,
      rounds: 3,
      backends: ['onnx', 'tfjs-node', 'wasm', 'cpu'],
      torch: true,
      intrinsic: true,
      quick: false,
    });
  });

  it('are taken as given, a backend named twice once', () => {
    expect(
      parseFlags([
        '--json',
        '--seconds',
        '0.5',
        '--rounds=2',
        '--backends',
        'cpu,onnx, cpu',
        '--no-torch',
        '--no-intrinsic',
      ]),
    ).toMatchObject({
      json: true,
      seconds: 0.5,
      rounds: 2,
      backends: ['cpu', 'onnx'],
      torch: false,
      intrinsic: false,
    });
  });

  it.each([
    [['--seconds', '0'], '--seconds 0: must be a positive number of seconds, such as 1.5'],
    [['--seconds', 'long'], '--seconds long: must be a positive number of seconds, such as 1.5'],
    [['--seconds', '601'], '--seconds 601: must be at most 600'],
    [['--rounds', '1.5'], '--rounds 1.5: must be a whole number from 1 to 100'],
    [['--backends', 'onnx,cuda'], '--backends onnx,cuda: has "cuda": it must be a list such as onnx,wasm of'],
    [['--batches', '3'], "Unknown option '--batches'"],
  ])('%j is refused: %s', (argv, message) => {
    expect(() => parseFlags(argv)).toThrow(message);
  });

  it('that are wrong end the command with 2 and the reason, before anything is measured', () => {
    const { status, stderr, stdout } = spawnSync(process.execPath, [BENCH, '--seconds=-1'], {
      encoding: 'utf8',
    });
    expect([status, stdout, stderr]).toEqual([
      2,
      '',
      'bench:train: --seconds -1: must be a positive number of seconds, such as 1.5\n',
    ]);
  });
});

describe('multiplications', () => {
  const window = { dtype: 'uint8', shape: [15, 15], low: 0, high: 13 } as const;

  it('of the paper’s network with 8 actions are 143,922 forward', () => {
    // 13 * 13 * 27 * 6 + 1014 * 32 + 32 * 32 + (32 + 128) * 512 + 128 * (8 + 1).
    const { layout } = actorCritic(window, 8, networkSchema.parse({}), 1);
    expect(multiplications(layout.specs, window, 20).forward).toBe(143_922);
  });

  it('of its training are three times as many without the gradients of the input and the first state', () => {
    // 3 * 143922 - 13 * 13 * 27 * 6 - 128 * 512 / 20.
    const { layout } = actorCritic(window, 8, networkSchema.parse({}), 1);
    expect(multiplications(layout.specs, window, 20).training).toBeCloseTo(401_111.2, 6);
  });

  it('of a dense network are those of its matrices, the first of which needs no gradient of its input', () => {
    const numbers = { dtype: 'float32', shape: [4], low: -1, high: 1 } as const;
    const options = networkSchema.parse({ filters: 0, dense: [10], lstm: 0 });
    const { layout } = actorCritic(numbers, 2, options, 1);
    // 4 * 10 + 10 * 2 + 10 * 1 forward.
    expect(multiplications(layout.specs, numbers, 1)).toEqual({ forward: 70, training: 3 * 70 - 40 });
  });

  it('do not grow with the networks, of which each sample passes one', () => {
    const [one, five] = [1, 5].map((networks) =>
      multiplications(actorCritic(window, 8, networkSchema.parse({}), networks).layout.specs, window, 20),
    );
    expect(five).toEqual(one);
  });
});

describe('sizes', () => {
  it('of an update are 64 sequences of 20 steps a worker, with one network a player the next multiple of 5', () => {
    const sequences = (network: 'shared' | 'perPlayer', workers: number) => {
      const { task, stepsPerIteration } = updatePlan(network, workers, sizesOf('onnx', false));
      return [task.environments * task.players, stepsPerIteration];
    };
    expect(sequences('shared', 1)).toEqual([64, 64 * 20]);
    expect(sequences('shared', 2)).toEqual([64, 2 * 64 * 20]);
    expect(sequences('perPlayer', 2)).toEqual([65, 2 * 65 * 20]);
  });

  it('of iterations are those of `arena train` with one epoch', () => {
    const { config } = iterationPlan('perPlayer', sizesOf('onnx', false));
    expect(config).toMatchObject({
      env: { name: 'harvest', players: 5 },
      algo: { name: 'ppo', epochs: 1, segment: 100, sequence: 20, minibatches: 8 },
      network: { perPlayer: true, lstm: 128 },
      environments: 32,
      shards: 2,
    });
  });
});

describe('arms', () => {
  it('with a reward have the environment of what they are compared with, and the paper’s sizes', () => {
    const [moa, revealed, communication, plain] = (
      ['moa', 'ppo-revealed', 'communication', 'ppo'] as const
    ).map((arm) => iterationPlan('shared', sizesOf('onnx', false), arm).config);
    expect(moa!.env).toEqual(revealed!.env);
    expect(moa!.env).toMatchObject({ players: 5, revealActions: true });
    expect(moa!.intrinsic).toMatchObject({ 'influence-moa': { dense: [32, 32], lstm: 128 } });
    expect(communication!.env).toEqual(plain!.env);
    expect(communication!.intrinsic).toMatchObject({ 'influence-communication': { vocabulary: 10 } });
    expect(revealed!.intrinsic).toEqual({});
  });

  it('are as large as one another', () => {
    for (const arm of ARMS) {
      const { task, stepsPerIteration } = iterationPlan('perPlayer', sizesOf('onnx', false), arm);
      expect([task.players, stepsPerIteration]).toEqual([5, 32 * 100 * 5]);
    }
  });

  it('beside plain PPO are on onnx alone, and of two workers what something is asked of', () => {
    expect([armsOf('onnx', 1), armsOf('onnx', 2), armsOf('wasm', 1)]).toEqual([
      ARMS,
      ['ppo', 'ppo-revealed', 'moa'],
      ['ppo'],
    ]);
  });

  it('are fractions of their baselines round by round, of rounds that both had', () => {
    const round = (number: number, ms: number, cpuMs: number) => ({
      round: number,
      ms,
      bestMs: ms - 1,
      cpuMs,
      repeats: 1,
    });
    // 5 / 10, 20 / 60 and, of what the other missed, nothing; by the processor 4 / 5 and 4 / 8.
    const ours = [round(1, 10, 5), round(2, 60, 8), round(3, 500, 5)];
    const baseline = [round(1, 5, 4), round(2, 20, 4)];
    const { fraction, bestFraction, cpuFraction } = fractionsOf(ours, baseline);
    expect(fraction).toBeCloseTo((0.5 + 1 / 3) / 2, 12);
    expect(bestFraction).toBeCloseTo(4 / 9, 12);
    expect(cpuFraction).toBeCloseTo(0.65, 12);
  });
});

describe('rounds', () => {
  const asked = (...backends: BackendName[]) => ({ backends, rounds: 3 });
  const turns = (backend: BackendName, flags: ReturnType<typeof asked>) =>
    [1, 2, 3].filter((round) => takesPart(backend, round, flags));

  it('are all for onnx, and only the last for others beside it', () => {
    const flags = asked('onnx', 'wasm');
    expect([turns('onnx', flags), turns('wasm', flags)]).toEqual([[1, 2, 3], [3]]);
  });

  it('are all for the others where onnx is not asked for', () => {
    expect(turns('wasm', asked('wasm', 'cpu'))).toEqual([1, 2, 3]);
  });
});

const rounds = (...pairs: readonly (readonly [number, number])[]) =>
  pairs.map(([ms, bestMs]) => ({ ms, bestMs, repeats: 10 }));

describe('times', () => {
  it('have the value in the middle as their median, or the mean of two', () => {
    expect([median([9, 1, 4]), median([4, 1, 2, 9])]).toEqual([4, 3]);
  });

  it('of rounds are the median of medians, the best of all and all repeats', () => {
    expect(combined(rounds([3, 2], [9, 1], [4, 3]))).toEqual({ ms: 4, bestMs: 1, repeats: 30 });
  });

  it('have a geometric mean', () => {
    expect(geometricMean([1, 2, 4])).toBeCloseTo(2, 12);
  });

  it('are compared round by round, so that a slow round slows both', () => {
    // 10 / 5, 40 / 20 and 12 / 4 by round; 9 over 3 by the best. Ours has twice the samples.
    const ours = rounds([5, 4], [20, 15], [4, 3]);
    const theirs = rounds([10, 9], [40, 30], [12, 11]);
    expect(ratiosOf(ours, theirs, 2)).toEqual({ torchRatio: 4, bestTorchRatio: 6 });
  });

  it('have no ratio where PyTorch is missing', () => {
    expect(ratiosOf(rounds([5, 4]), [], 1)).toEqual({ torchRatio: null, bestTorchRatio: null });
  });
});

it('tables are as wide as their widest cells', () => {
  expect(
    table([
      ['a', 'long'],
      ['wide', '1'],
    ]),
  ).toEqual(['a     long', 'wide     1']);
});

describe('progress is a line', () => {
  const measured: MeasurementRecord = {
    record: 'measurement',
    round: 2,
    by: 'onnx',
    arm: 'ppo',
    network: 'perPlayer',
    workers: 2,
    measure: 'update',
    batch: null,
    ms: 65,
    bestMs: 60,
    repeats: 4,
    rate: 40_000,
    unit: 'samples/s',
  };

  it('for what a backend measured', () => {
    expect(progressLine(measured)).toBe(
      '  onnx, per player, 2 workers: update 65.0 ms, 40000 samples/s (4 times)',
    );
  });

  it('for what an arm with a reward measured', () => {
    expect(progressLine({ ...measured, arm: 'moa', measure: 'iterations' })).toBe(
      '  onnx, moa, per player, 2 workers: iterations 65.0 ms, 40000 samples/s (4 times)',
    );
  });

  it('for what PyTorch measured', () => {
    const { by, network, workers, measure, batch, repeats } = {
      by: 'torch',
      network: null,
      workers: 1,
      measure: 'inference',
      batch: 40,
      repeats: 1,
    } as const;
    expect(progressLine({ ...measured, by, network, workers, measure, batch, repeats })).toBe(
      '  PyTorch: inference of 40 65.0 ms, 40000 samples/s (once)',
    );
  });

  it('for a process that has its programs', () => {
    expect(
      progressLine({
        record: 'started',
        arm: 'ppo',
        backend: 'wasm',
        engine: 'wasm 1',
        network: 'shared',
        workers: 1,
        compileSeconds: 1.234,
      }),
    ).toBe('  wasm, shared, 1 worker: ready, compiled in 1.23 s');
  });
});

it('a run that is killed has printed what it had measured', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  // A hundred rounds: figures are far.
  const child = spawn(
    process.execPath,
    [BENCH, '--json', '--quick', '--no-torch', '--seconds', '1', '--rounds', '100', '--backends', 'onnx'],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const kinds: string[] = [];
  createInterface(child.stdout).on('line', (line) => {
    const { record } = recordSchema.parse(JSON.parse(line));
    kinds.push(record);
    if (record === 'measurement') resolve();
  });
  await Promise.race([promise, once(child, 'exit')]);
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  const [, signal] = await closed;
  expect([signal, kinds.slice(0, 2), kinds.includes('training')]).toEqual([
    'SIGKILL',
    ['started', 'measurement'],
    false,
  ]);
});

describe('a quick run on onnx', () => {
  let records: BenchRecord[] = [];
  let measurements: MeasurementRecord[] = [];
  let training: TrainingRecord[] = [];
  let intrinsic: IntrinsicRecord[] = [];
  beforeAll(() => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [BENCH, '--json', '--quick', '--no-torch', '--seconds', '0.01', '--rounds', '2', '--backends', 'onnx'],
      { encoding: 'utf8' },
    );
    expect(status, stderr).toBe(0);
    records = stdout
      .trim()
      .split('\n')
      .map((line) => recordSchema.parse(JSON.parse(line)));
    training = records.filter((record) => record.record === 'training');
    intrinsic = records.filter((record) => record.record === 'intrinsic');
    measurements = records.filter((record) => record.record === 'measurement');
    // Only ends what hangs.
  }, 900_000);

  it('measures both kinds of network with one and two workers', () => {
    expect(training.map(({ backend, network, workers }) => [backend, network, workers])).toEqual([
      ['onnx', 'shared', 1],
      ['onnx', 'shared', 2],
      ['onnx', 'perPlayer', 1],
      ['onnx', 'perPlayer', 2],
    ]);
  });

  it('tells each process and measurement before what comes of them', () => {
    const kinds = records.map(({ record }) => record);
    const last = Math.max(kinds.lastIndexOf('measurement'), kinds.lastIndexOf('started'));
    expect(last).toBeLessThan(kinds.indexOf('training'));
    expect(kinds.lastIndexOf('training')).toBeLessThan(kinds.indexOf('figure'));
  });

  it('tells all that its results are made of', () => {
    for (const { network, workers, update, iteration } of training) {
      for (const [measure, result] of Object.entries({ update, iterations: iteration })) {
        const own = measurements.filter(
          (record) =>
            record.arm === 'ppo' &&
            record.network === network &&
            record.workers === workers &&
            record.measure === measure,
        );
        expect(combined(own)).toEqual({ ms: result.ms, bestMs: result.bestMs, repeats: result.repeats });
      }
    }
  });

  it('has rates that follow from the times of its measurements', () => {
    const of = (measure: string) => measurements.find((record) => record.measure === measure)!;
    // By one worker: 4 environments of 5 players over 20 steps; 8 sequences of 4 steps; 4 products of side 64; 5 windows.
    expect(of('iterations').rate).toBeCloseTo((1000 * 4 * 5 * 20) / of('iterations').ms, 6);
    expect(of('update').rate).toBeCloseTo((1000 * 8 * 4) / of('update').ms, 6);
    expect(of('gemm').rate).toBeCloseTo((4 * 2 * 64 ** 3) / of('gemm').ms / 1e6, 6);
    expect(of('inference').rate).toBeCloseTo((1000 * 5) / of('inference').ms, 6);
  });

  it('counts five times the parameters where every player has a network', () => {
    expect(training[2]!.parameters).toBe(5 * training[0]!.parameters);
  });

  it('measures inference of every batch with one worker', () => {
    expect(training.map(({ inference }) => inference.map(({ batch }) => batch))).toEqual([[5], [], [5], []]);
  });

  it('has rates and fractions that follow from its times', () => {
    for (const record of training) {
      const samples = record.workers * record.update.sequences * record.update.steps;
      expect(record.samplesPerSecond).toBeCloseTo((1000 * samples) / record.update.ms, 6);
      expect(record.endToEndFraction).toBeCloseTo(record.playerStepsPerSecond / record.samplesPerSecond, 9);
      const operations = 2 * record.multiplications.training * record.samplesPerSecond;
      expect(record.fractionOfGemm).toBeCloseTo(operations / (record.gemmGflops * 1e9), 9);
    }
  });

  it('measures PPO with a model of others by one worker and two, and the other rewards by one', () => {
    expect(intrinsic.map(({ arm, baseline, network, workers }) => [arm, baseline, network, workers])).toEqual(
      (['shared', 'perPlayer'] as const).flatMap((network) => [
        ['moa', 'ppo-revealed', network, 1],
        ['communication', 'ppo', network, 1],
        ['basic', 'ppo', network, 1],
        ['moa', 'ppo-revealed', network, 2],
      ]),
    );
  });

  it('has fractions that follow from the times of arms and baselines', () => {
    for (const { arm, baseline, network, workers, fraction } of intrinsic) {
      const times = (which: string) =>
        measurements
          .filter(
            (record) => record.arm === which && record.network === network && record.workers === workers,
          )
          .filter(({ measure }) => measure === 'iterations')
          .map(({ ms }) => ms);
      const [own, others] = [times(arm), times(baseline)];
      const pairs = own.slice(0, others.length).map((ms, round) => others[round]! / ms);
      expect(fraction).toBeCloseTo(median(pairs), 9);
    }
  });

  it('of a reward says what an iteration of it is made of', () => {
    for (const { actFraction, rewardFraction } of intrinsic) {
      expect(actFraction + rewardFraction).toBeLessThan(1);
    }
  });

  it('counts a model of others among the parameters: 139,968 weights that multiply, and biases', () => {
    const { parameters } = iterationPlan('shared', sizesOf('onnx', true), 'ppo-revealed');
    // 1014 * 32 + 32 * 32 + (32 + 40 + 128) * 512 + 128 * 32 weights; biases 32 + 32 + 512 + 32.
    expect(intrinsic[0]!.parameters - parameters).toBe(139_968 + 608);
  });

  it('ends with what was asked, beside what was measured', () => {
    const asked = records.filter((record) => record.record === 'figure');
    expect(asked).toEqual(figures(training, intrinsic));
    expect(asked.map(({ figure, met }) => [figure, met === null])).toEqual([
      ['update over PyTorch, 1 worker', true],
      ['update over PyTorch, 2 workers', true],
      ['inference over PyTorch, batch 5', true],
      ['inference over PyTorch, geometric mean', true],
      ['end to end over update, shared, 1 worker', false],
      ['end to end over update, shared, 2 workers', false],
      ['end to end over update, per player, 1 worker', false],
      ['end to end over update, per player, 2 workers', false],
      ['moaFraction, shared, 1 worker', false],
      ['communicationFraction, shared, 1 worker', true],
      ['basicFraction, shared, 1 worker', true],
      ['moaFraction, shared, 2 workers', false],
      ['moaFraction, per player, 1 worker', false],
      ['communicationFraction, per player, 1 worker', true],
      ['basicFraction, per player, 1 worker', true],
      ['moaFraction, per player, 2 workers', false],
      ['tracing and compiling', false],
      ['memory', false],
    ]);
  });

  it('calls a figure met when it reaches what is asked, or stays under it', () => {
    const changed = training.map((record) => ({ ...record, endToEndFraction: 0.6, compileSeconds: 2 }));
    const met = Object.fromEntries(figures(changed).map(({ figure, met }) => [figure, met]));
    expect(met['end to end over update, shared, 1 worker']).toBe(true);
    expect(met['tracing and compiling']).toBe(false);
  });
});
