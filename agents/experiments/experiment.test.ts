import { describe, expect, it } from 'vitest';
import { type Experiment, planArms, stepsToFirstReturn } from './experiment.ts';
import { IDENTITY } from './fixture.ts';
import { EXPERIMENTS, experimentOf } from './index.ts';
import { flat } from './runs.ts';

const plan = (set: readonly string[] = [], more: object = {}) =>
  planArms(IDENTITY, { env: 'identity', set, ...more });
const settingOf = (set: readonly string[], path: string) =>
  plan(set).map(({ plan: { config } }) => flat(config).get(path));

const registered = EXPERIMENTS.flatMap((experiment) =>
  Object.keys(experiment.bases).map((env) => ({ name: experiment.name, env, experiment })),
);

/** Settings in which two arms differ. */
function differences(experiment: Experiment, env: string, a: number, b: number): string[] {
  const planned = planArms(experiment, { env });
  const [x, y] = [a, b].map((k) => flat(planned[k]!.plan.config)) as [
    Map<string, string>,
    Map<string, string>,
  ];
  return [...new Set([...x.keys(), ...y.keys()])].filter((key) => x.get(key) !== y.get(key));
}

describe.each(registered)('$name on $env', ({ experiment, env }) => {
  it('has arms that differ only in what they set', () => {
    const arms = experiment.arms(env);
    for (let a = 0; a < arms.length; a++) {
      for (let b = 0; b < a; b++) {
        const own = [...Object.keys(arms[a]!.set), ...Object.keys(arms[b]!.set)];
        // An intrinsic reward that is set at all has all of its settings.
        const listed = own.map((path) =>
          path.startsWith('intrinsic.') ? path.split('.', 2).join('.') : path,
        );
        const stray = differences(experiment, env, a, b).filter(
          (key) => !listed.some((path) => key === path || key.startsWith(`${path}.`)),
        );
        expect(stray).toEqual([]);
      }
    }
  });

  it('holds the method against itself with weight 0 and nothing else changed', () => {
    const [difference, ...others] = differences(experiment, env, 0, 1);
    expect(difference).toBe(`intrinsic.${experiment.name}.weight`);
    expect(others).toEqual([]);
    expect(flat(planArms(experiment, { env })[1]!.plan.config).get(difference!)).toBe('0');
  });

  it('ends with plain PPO', () => {
    const { config } = planArms(experiment, { env }).at(-1)!.plan;
    expect([...flat(config).keys()].filter((key) => key.startsWith('intrinsic.'))).toEqual([]);
    expect(config.algo.name).toBe('ppo');
  });
});

describe('planArms', () => {
  it('gives all arms what the experiment sets for all', () => {
    expect(settingOf([], 'algo.clip')).toEqual(['0.3', '0.3']);
  });

  it('gives each arm what it sets', () => {
    expect(settingOf([], 'algo.learningRate')).toEqual(['0.01', '0.00001']);
  });

  it('lets a setting for all win over the experiment', () => {
    expect(settingOf(['algo.clip=0.1'], 'algo.clip')).toEqual(['0.1', '0.1']);
  });

  it('gives a setting for one arm to that arm', () => {
    expect(settingOf(['slow:algo.learningRate=0.5'], 'algo.learningRate')).toEqual(['0.01', '0.5']);
  });

  it('takes the steps of the base where nobody says how many', () => {
    expect(plan().map(({ plan: { config } }) => config.steps)).toEqual([2048, 2048]);
    expect(plan([], { steps: 4096 })[0]!.plan.config.steps).toBe(4096);
  });

  it('keeps to the arms that are wanted, in its own order', () => {
    expect(plan([], { arms: ['slow', 'fast'] }).map(({ arm }) => arm.name)).toEqual(['fast', 'slow']);
    expect(plan([], { arms: ['slow'] }).map(({ arm }) => arm.name)).toEqual(['slow']);
  });

  it.each([
    [
      ['algo.learningRate=1'],
      /arms differ in algo.learningRate; say which one is meant, for example --set fast:algo/,
    ],
    [['algo=1'], /arms differ in algo; say which/],
    [['fats:algo.gamma=1'], /there is no arm fats, did you mean fast\?/],
    [['algo.gama=1'], /algo.gama is unknown, did you mean algo.gamma\?/],
    [['algo.gamma'], /--set algo.gamma: give path=value/],
    [['seed=3'], /--set seed=3: use --seeds/],
    [['steps=3'], /--set steps=3: use --steps/],
    [['env.name=harvest'], /use --env/],
  ])('refuses %j', (set, message) => {
    expect(() => plan(set)).toThrow(message);
  });

  it('refuses another environment, arm or experiment, with what was probably meant', () => {
    expect(() => planArms(IDENTITY, { env: 'identty' })).toThrow(/did you mean identity\?/);
    expect(() => plan([], { arms: ['slw'] })).toThrow(/has no arm "slw", did you mean slow\?/);
    expect(() => experimentOf('influence-mao')).toThrow(/did you mean influence-moa\?/);
  });

  it('refuses fewer steps than one iteration has', () => {
    // 4 environments, 1 player, 64 steps.
    expect(() => plan([], { steps: 255 })).toThrow(/--steps 255: one iteration of fast is 256 player steps/);
    expect(() => plan([], { steps: 256 })).not.toThrow();
  });
});

describe('stepsToFirstReturn', () => {
  it('is the steps of an episode in every environment', () => {
    const [{ plan: own }] = planArms(experimentOf('influence-moa'), {
      env: 'harvest',
      set: ['environments=8', 'env.players=3', 'env.episodeLength=50', 'shards=1'],
      arms: ['ppo'],
    }) as [ReturnType<typeof planArms>[number]];
    expect(stepsToFirstReturn(own)).toBe(8 * 3 * 50);
  });
});
