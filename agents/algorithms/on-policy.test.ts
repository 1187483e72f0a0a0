import { beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../shared/random.ts';
import { BACKENDS } from '../engine/index.ts';
import { availableBackends } from '../engine/tensorflow.ts';
import * as tf from '../engine/tf.ts';
import { RunningMoments } from '../math/running.ts';
import { iterations, type SmallRun, smallRun } from './fixture.ts';
import { policyNetwork } from './policy-network.ts';

/** Episodes of three to seven steps: several ends inside of every sequence. */
const CORRIDOR = `
env: {name: memory-corridor, length: 2, episodeLength: 7}
environments: 4
shards: 2
steps: 100000
algo: {name: ppo, segment: 16, sequence: 8, minibatches: 2, learningRate: 0.01}
network: {filters: 0, dense: [8], lstm: 8, activation: tanh}
`;

const HARVEST = `
env: {name: harvest, players: 2, episodeLength: 20}
environments: 4
shards: 2
steps: 100000
algo: {name: ppo, segment: 8, sequence: 4, minibatches: 2, learningRate: 0.01}
network: {filters: 2, dense: [4], lstm: 4, activation: tanh}
`;

describe.each([
  ['one network', CORRIDOR, []],
  ['a network a player', HARVEST, ['network.perPlayer=true']],
  ['no memory', CORRIDOR, ['network.lstm=0', 'algo.sequence=1']],
])('learning sees what acting saw: %s', (_, config, overrides) => {
  it.each(['clip', 'kl'])('with weights that stay, nothing diverges (%s)', async (surrogate) => {
    const settings = [...overrides, `algo.surrogate=${surrogate}`, 'algo.learningRate=0', 'algo.epochs=2'];
    const run = await smallRun(config, settings);
    // Weights far from even policies, on which any mistake shows.
    const random = new Random().seed(3);
    for (let i = 0; i < run.learner.theta.length; i++) run.learner.theta[i] = 2 * random.uniform() - 1;
    for (const measured of await iterations(run, 3)) {
      expect(Math.abs(measured['policy/kl']!)).toBeLessThan(1e-7);
      // -mean A of advantages whose mean is 0: the ratio is 1 everywhere.
      expect(measured['loss/policy']).toBeCloseTo(0, 5);
    }
  });
});

it('with weights that move, the policy does', async () => {
  const run = await smallRun(CORRIDOR, ['algo.epochs=4']);
  const [measured] = await iterations(run, 1);
  expect(measured!['policy/kl']).toBeGreaterThan(1e-5);
});

/** Statistics of the gradient program in their order, by algorithm. */
const STATISTICS = {
  clip: ['loss/value', 'policy/entropy', 'policy/kl', 'policy/clipFraction', 'loss/policy'],
  kl: ['loss/value', 'policy/entropy', 'policy/kl', 'loss/policy'],
  plain: ['loss/policy', 'loss/value', 'policy/entropy'],
} as const;

/** A minibatch for a run's gradient program, away from the places where the loss has a kink. */
function minibatch(run: SmallRun) {
  const { plan, learner } = run;
  const { task, config, options } = plan;
  const { players, actions, observation: spec } = task;
  const { sequence, segment, minibatches } = options as {
    sequence: number;
    segment: number;
    minibatches: number;
  };
  const units = ((segment / sequence) * task.environments) / minibatches;
  const network = policyNetwork(task, config.network, []);
  const random = new Random().seed(11);
  const uniform = (from: number, to: number) => from + (to - from) * random.uniform();
  const shape = [sequence, units, players];
  const size = sequence * units * players;
  const floats = (of: number[], next: () => number) =>
    tf.tensor(Float32Array.from({ length: of.reduce((a, b) => a * b) }, next), of);
  const observation =
    spec.dtype === 'uint8'
      ? tf.tensor(
          Int32Array.from({ length: size * 225 }, () => random.below(9)),
          [...shape, ...spec.shape],
          'int32',
        )
      : floats([...shape, ...spec.shape], () => uniform(-1, 1));
  const action = Int32Array.from({ length: size }, () => random.below(actions));
  const memory = network.stateSize > 0;
  const state = memory ? floats([units, players, network.stateSize], () => uniform(-1, 1)) : null;
  // An episode starts within most sequences.
  const keep = memory ? floats(shape, () => (random.uniform() < 0.3 ? 0 : 1)) : null;
  const theta = floats([learner.theta.length], () => uniform(-0.8, 0.8));

  // What the network says of it now: ratios and values are then put well inside and well outside of the clips.
  const { networks } = network.layout;
  const grouped = (x: tf.Tensor, rank: number) =>
    networks === 1
      ? tf.reshape(x, [1, sequence, units * players, ...x.shape.slice(rank)])
      : tf.transpose(x, [2, 0, 1, ...x.shape.slice(rank).map((_, k) => rank + k)]);
  const { logits, values } = network.learn(
    network.layout.unpack(theta),
    grouped(observation, 3),
    state === null
      ? null
      : networks === 1
        ? tf.reshape(state, [1, units * players, network.stateSize])
        : tf.transpose(state, [1, 0, 2]),
    keep === null ? null : grouped(keep, 3),
  );
  const back = (x: tf.Tensor, ...last: number[]) =>
    networks === 1
      ? tf.reshape(x, [...shape, ...last])
      : tf.transpose(tf.reshape(x, [networks, sequence, units, ...last]), [1, 2, 0, ...last.map(() => 3)]);
  const probabilities = back(tf.softmax(logits), actions).dataSync();
  const value = back(values).dataSync();
  const ratios = [0.5, 0.95, 1.07, 1.6];
  const moves = [-0.7, -0.06, 0.08, 0.9];
  const each = (next: (i: number) => number) =>
    tf.tensor(
      Float32Array.from({ length: size }, (_, i) => next(i)),
      shape,
    );
  const tensors = {
    observation,
    action: tf.tensor(action, shape, 'int32'),
    oldLogProbability: each((i) => Math.log(probabilities[i * actions + action[i]!]! / ratios[i % 4]!)),
    oldProbabilities: tf.softmax(floats([...shape, actions], () => uniform(-1, 1))),
    oldValue: each((i) => value[i]! - moves[(i >> 2) % 4]!),
    advantage: each(() => uniform(-2, 2)),
    target: each((i) => value[i]! + (random.uniform() < 0.5 ? 1 : -1) * uniform(1.5, 2.5)),
    ...(memory ? { state: state!, keep: keep! } : {}),
    entropy: tf.scalar(0.3),
    clip: tf.scalar(0.2),
    beta: tf.scalar(0.7),
  };
  const program = run.programs.get(`${plan.algorithm.name} gradient`)!;
  const feeds = Object.fromEntries(
    Object.keys(program.inputs).map((name) => {
      const data = name === 'theta' ? theta.dataSync() : tensors[name as keyof typeof tensors]!.dataSync();
      const { dtype } = program.inputs[name]!;
      return [
        name,
        dtype === 'uint8'
          ? Uint8Array.from(data)
          : dtype === 'int32'
            ? Int32Array.from(data)
            : Float32Array.from(data),
      ];
    }),
  ) as Record<string, Float32Array>;
  return { program, feeds };
}

describe('gradients agree with finite differences', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  const cases: [string, keyof typeof STATISTICS, string[]][] = [
    ['PPO, clipped', 'clip', ['algo.name=ppo']],
    ['PPO, clipped, values too', 'clip', ['algo.name=ppo', 'algo.valueClip=0.3']],
    ['PPO, KL penalty', 'kl', ['algo.name=ppo', 'algo.surrogate=kl']],
    ['A2C', 'plain', ['algo.name=a2c']],
    ['REINFORCE', 'plain', ['algo.name=reinforce']],
    ['PPO, a network without memory', 'clip', ['algo.name=ppo', 'network.lstm=0', 'algo.sequence=1']],
  ];
  const small = (config: string) => config.replace(/learningRate: 0.01/, 'valueCoefficient: 0.4');

  it.each(cases)('%s', async (_, kind, overrides) => {
    const run = await smallRun(small(CORRIDOR), [
      ...overrides,
      'network.dense=[3]',
      ...(overrides.includes('network.lstm=0') ? [] : ['network.lstm=3']),
    ]);
    await check(run, kind);
  });

  it('PPO, a network a player, on windows', async () => {
    const overrides = [
      'network.perPlayer=true',
      'network.filters=0',
      'network.dense=[1]',
      'network.lstm=2',
      'env.episodeLength=8',
    ];
    const run = await smallRun(small(HARVEST), overrides);
    await check(run, 'clip', 24);
  });

  /** @param last how many parameters from the end on are moved: a window's first layer has very many. */
  async function check(run: SmallRun, kind: keyof typeof STATISTICS, last?: number): Promise<void> {
    const { program, feeds } = minibatch(run);
    const networks = run.plan.config.network.perPlayer ? run.plan.task.players : 1;
    const { theta } = feeds as { theta: Float32Array };
    const gradient = new Float32Array(theta.length);
    const logged = new Float32Array(STATISTICS[kind].length);
    const call = program.bind(feeds, { gradient, statistics: logged });
    const of = (name: string) => logged[(STATISTICS[kind] as readonly string[]).indexOf(name)]!;
    /** The loss with one weight moved, put together from what is logged. */
    const moved = async (i: number, step: number) => {
      const weight = theta[i]!;
      theta[i] = weight + step;
      await call.run();
      theta[i] = weight;
      return networks * (of('loss/policy') + 0.4 * of('loss/value') - 0.3 * of('policy/entropy'));
    };
    await call.run();
    const analytic = gradient.slice();
    const h = 3e-3;
    let largest = 0;
    for (let i = last === undefined ? 0 : theta.length - last; i < theta.length; i++) {
      const numeric = ((await moved(i, h)) - (await moved(i, -h))) / (2 * h);
      largest = Math.max(largest, Math.abs(numeric));
      const error = Math.abs(analytic[i]! - numeric) / Math.max(1, Math.abs(numeric));
      expect(error, `of weight ${i}`).toBeLessThan(2e-3);
    }
    expect(largest).toBeGreaterThan(0.05);
  }
});

describe('the KL penalty', () => {
  const settings = (klTarget: number) => [
    'algo.surrogate=kl',
    'algo.klInitial=0.4',
    `algo.klTarget=${klTarget}`,
  ];

  it('doubles where the policy moved by more than one and a half times the target', async () => {
    const run = await smallRun(CORRIDOR, settings(1e-9));
    const [measured] = await iterations(run, 1);
    expect(measured!['schedule/beta']).toBe(0.4);
    expect(run.learner.saveShared().memory![0]).toBe(0.8);
  });

  it('halves where it moved by less than the target over one and a half', async () => {
    const run = await smallRun(CORRIDOR, settings(1e3));
    await iterations(run, 1);
    expect(run.learner.saveShared().memory![0]).toBe(0.2);
  });

  it('stays where it moved as it should, and is used in the next iteration', async () => {
    const probe = await iterations(await smallRun(CORRIDOR, settings(1)), 1);
    const run = await smallRun(CORRIDOR, settings(probe[0]!['policy/kl']!));
    const measured = await iterations(run, 2);
    expect(measured.map((report) => report['schedule/beta'])).toEqual([0.4, 0.4]);
  });
});

describe('PopArt', () => {
  it('leaves what the value head says, in the rewards’ unit, as it was', async () => {
    const run = await smallRun(CORRIDOR, ['algo.popArt=0.3', 'algo.learningRate=0']);
    const { layout } = policyNetwork(run.plan.task, run.plan.config.network, []);
    const head = () => [
      ...layout.view(run.learner.theta, 'value/kernel'),
      layout.view(run.learner.theta, 'value/bias')[0]!,
    ];
    const before = head();
    await iterations(run, 2);
    const [mean, square] = run.learner.saveShared().popArt!;
    const deviation = Math.sqrt(square! - mean! * mean!);
    expect(Math.abs(deviation - 1)).toBeGreaterThan(0.1);
    head().forEach((weight, k, all) => {
      const unit = k === all.length - 1 ? weight * deviation + mean! : weight * deviation;
      expect(unit).toBeCloseTo(before[k]!, 5);
    });
  });

  it('the value head learns targets of its own scale', async () => {
    const scaled = ['algo.rewardScale=1000', 'algo.minibatches=1', 'algo.learningRate=0'];
    const loss = async (popArt: number) => {
      const [measured] = await iterations(await smallRun(CORRIDOR, [...scaled, `algo.popArt=${popArt}`]), 1);
      return measured!['loss/value']!;
    };
    expect(await loss(0)).toBeGreaterThan(1e4);
    expect(await loss(1)).toBeLessThan(2);
  });
});

describe('a run goes on from what was saved as it would have', () => {
  it.each([
    [
      'PPO with a KL penalty, running scale and PopArt',
      CORRIDOR,
      ['algo.surrogate=kl', 'algo.rewardScale=running', 'algo.popArt=0.1'],
    ],
    ['PPO, a network a player', HARVEST, ['network.perPlayer=true']],
    ['A2C', CORRIDOR, ['algo.name=a2c']],
    ['REINFORCE', CORRIDOR, ['algo.name=reinforce', 'shards=1']],
  ])('%s', async (_, config, overrides) => {
    const first = await smallRun(config, overrides);
    await iterations(first, 2);
    const { shards } = first.plan.config;
    const saved = structuredClone({
      shared: first.learner.saveShared(),
      shards: Array.from({ length: shards }, (_, shard) => first.learner.saveShard(shard)),
    });
    const second = await smallRun(config, overrides);
    second.learner.load(saved.shared, (shard) => saved.shards[shard]!);
    const from = 2 * first.plan.stepsPerIteration;
    expect(await iterations(second, 3, from)).toEqual(await iterations(first, 3, from));
    expect(second.learner.theta).toEqual(first.learner.theta);
  });
});

describe('with a network a player', () => {
  const settings = ['network.perPlayer=true', 'network.lstm=2', 'network.dense=[2]'];

  it('what one player is told changes its own gradient only', async () => {
    const run = await smallRun(HARVEST, settings);
    const { program, feeds } = minibatch(run);
    const gradients = async () => {
      const gradient = new Float32Array(feeds.theta!.length);
      await program.bind(feeds, { gradient, statistics: new Float32Array(STATISTICS.clip.length) }).run();
      const { layout } = policyNetwork(run.plan.task, run.plan.config.network, []);
      return [0, 1].map((player) =>
        layout.specs.map(({ name }) => Array.from(layout.view(gradient, name, player))),
      );
    };
    const before = await gradients();
    // [L, U, N]: every second is player 1's.
    for (let i = 1; i < feeds.target!.length; i += 2) {
      feeds.advantage![i]! += 1;
      feeds.target![i]! += 1;
    }
    const after = await gradients();
    expect(after[0]).toEqual(before[0]);
    expect(after[1]).not.toEqual(before[1]);
  });

  it('advantages are normalized over what each network learns from', async () => {
    const whole = ['shards=1', 'algo.minibatches=1', 'algo.segment=40', 'env.reward=svo', 'env.svoAngle=90'];
    const run = await smallRun(HARVEST, [...settings, ...whole]);
    await iterations(run, 1);
    const { advantage } = run.feeds.get('ppo update')!;
    for (const player of [0, 1]) {
      const own = new RunningMoments().add(Array.from(advantage!).filter((_, i) => i % 2 === player));
      expect(own.mean).toBeCloseTo(0, 5);
      expect(own.variance).toBeCloseTo(1, 4);
    }
  });
});

it.each([
  ['PPO', CORRIDOR, []],
  ['A2C', CORRIDOR, ['algo.name=a2c', 'network.lstm=0', 'algo.sequence=1']],
])('%s: backend cpu agrees with onnx within float error', async (_, config, overrides) => {
  const [onnx, cpu] = [await smallRun(config, overrides), await smallRun(config, overrides, 'cpu')];
  const [expected] = await iterations(onnx, 1);
  const [found] = await iterations(cpu, 1);
  for (const [name, value] of Object.entries(expected!)) expect(found![name], name).toBeCloseTo(value, 4);
  for (let i = 0; i < onnx.learner.theta.length; i++) {
    expect(cpu.learner.theta[i]).toBeCloseTo(onnx.learner.theta[i]!, 4);
  }
});

const loaded = new Set(
  (await availableBackends()).filter((found) => 'version' in found).map(({ name }) => name as string),
);

describe.each(BACKENDS.filter((name) => name !== 'onnx'))('on %s', (backend) => {
  // The activation that is fused with a convolution, of which the backends have kernels of their own.
  it.skipIf(!loaded.has(backend)).each([
    ['one network', []],
    ['a network a player', ['network.perPlayer=true']],
  ])('windows are acted on and learned from as on onnx: %s', async (_, overrides) => {
    const settings = [...overrides, 'network.activation=relu'];
    const [onnx, other] = [await smallRun(HARVEST, settings), await smallRun(HARVEST, settings, backend)];
    const [expected] = await iterations(onnx, 1);
    const [found] = await iterations(other, 1);
    for (const [name, value] of Object.entries(expected!)) expect(found![name], name).toBeCloseTo(value, 4);
  });
});

describe('options that do not fit one another are refused', () => {
  it.each([
    [['algo.sequence=5'], 'algo.segment (16) must be a multiple of algo.sequence (5)'],
    [['algo.minibatches=3'], 'algo.minibatches (3) must divide the 4 sequences of a shard'],
    [['environments=5'], 'environments (5) must be a multiple of shards (2)'],
    [['network.separateValue=true'], 'separateValue goes without an lstm'],
  ])('%j', async (overrides, message) => {
    await expect(smallRun(CORRIDOR, overrides)).rejects.toThrow(message);
  });
});

it('REINFORCE is told no lambda', async () => {
  await expect(smallRun(CORRIDOR, ['algo.name=reinforce', 'algo.lambda=0.5'])).rejects.toThrow(
    /algo.lambda on the command line: algo.lambda is unknown/,
  );
});
