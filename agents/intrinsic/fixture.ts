/** For tests: small runs whose intrinsic rewards are looked at as they are computed. */
import type { Learner, Saved } from '../algorithms/algorithm.ts';
import { withoutTimes } from '../algorithms/fixture.ts';
import { type BackendName, openEngine } from '../engine/index.ts';
import { Collective, collectiveMemory } from '../training/collective.ts';
import { type Plan, readPlan } from '../training/config.ts';
import type { IntrinsicPlan, IntrinsicSetup } from './intrinsic.ts';

/** A rollout's arrays, copied, without what is computed from rewards later. */
export interface Segment {
  /** P */
  readonly theta: Float32Array;
  readonly observations: Uint8Array | Float32Array;
  readonly actions: Uint8Array;
  readonly probabilities: Float32Array;
  readonly starts: Uint8Array;
  readonly ended: Uint8Array;
  /** [T / L, B, S] of the policy. */
  readonly states: Float32Array;
  /** What was said, if anything: [T, B], its probabilities [T, B, M], and what was paid for it before the reward. */
  readonly symbols: {
    readonly actions: Uint8Array;
    readonly probabilities: Float32Array;
    readonly rewards: Float32Array;
    /** As `after`. */
    readonly after: Float32Array;
  } | null;
  /** Of the environment. */
  readonly rewards: Float32Array;
  readonly fields: Readonly<Record<string, Uint8Array | Int32Array | Float32Array>>;
  /** [T, B] what the reward computed. */
  readonly values: Float32Array | Float64Array;
  /** [T, B] what the stages made of `rewards`; filled by the end of the iteration. */
  readonly after: Float32Array;
  /** What the reward saved of the shard once it had computed. */
  readonly saved: Saved;
}

export interface Watched {
  readonly plan: Plan;
  readonly learner: Learner;
  /** Of the first reward. */
  readonly setup: IntrinsicSetup;
  /** [iterations][shards] */
  readonly segments: readonly (readonly Segment[])[];
  /** Goes on for so many iterations; what was measured after each. */
  iterate(times: number): Promise<Readonly<Record<string, number>>[]>;
}

interface Watching {
  readonly backend?: BackendName;
  /** What is done to the rollouts before the reward is computed. */
  readonly before?: (setup: IntrinsicSetup) => void;
}

/** The only worker of a run. @param config YAML. */
export async function watchedRun(
  config: string,
  overrides: readonly string[] = [],
  { backend = 'onnx', before }: Watching = {},
): Promise<Watched> {
  const plan = readPlan(config, 'a test', overrides);
  const segments: Segment[][] = [];
  let setup: IntrinsicSetup | null = null;
  const watched = (inner: IntrinsicPlan): IntrinsicPlan => ({
    ...inner,
    async create(given) {
      setup ??= given;
      const reward = await inner.create(given);
      const { compute } = reward;
      reward.compute = async (out) => {
        before?.(given);
        const said = given.rollouts.map(({ symbols }) => symbols?.rewards.slice() ?? new Float32Array());
        await compute.call(reward, out);
        segments.push(
          given.rollouts.map(
            (rollout, k): Segment => ({
              theta: given.theta.slice(),
              observations: rollout.observations.slice(),
              actions: rollout.actions.slice(),
              probabilities: rollout.probabilities.slice(),
              starts: rollout.starts.slice(),
              ended: rollout.ended.slice(),
              states: rollout.states.slice(),
              symbols:
                rollout.symbols === null
                  ? null
                  : {
                      actions: rollout.symbols.actions.slice(),
                      probabilities: rollout.symbols.probabilities.slice(),
                      rewards: said[k]!,
                      after: new Float32Array(rollout.rewards.length),
                    },
              rewards: rollout.rewards.slice(),
              fields: Object.fromEntries(
                Object.entries(rollout.fields).map(([name, array]) => [name, array.slice()]),
              ),
              values: out[k]!.slice(),
              after: new Float32Array(rollout.rewards.length),
              saved: reward.saveShard?.(k) ?? {},
            }),
          ),
        );
      };
      return reward;
    },
  });
  const { shards, network, seed, steps } = plan.config;
  const learner = await plan.algorithm.create(plan.options, {
    engine: await openEngine(backend),
    task: plan.task,
    network,
    intrinsic: plan.intrinsic.map((inner, k) => (k === 0 ? watched(inner) : inner)),
    collective: new Collective(collectiveMemory(1, shards, plan.parameters), 0),
    seed,
    totalSteps: steps,
  });
  let done = 0;
  return {
    plan,
    learner,
    setup: setup!,
    segments,
    async iterate(times) {
      const measured = [];
      for (let k = 0; k < times; k++) {
        await learner.iterate(done * plan.stepsPerIteration);
        done++;
        segments.at(-1)?.forEach(({ after, symbols }, shard) => {
          const rollout = setup!.rollouts[shard]!;
          after.set(rollout.rewards);
          symbols?.after.set(rollout.symbols!.rewards);
        });
        measured.push(withoutTimes(learner.measure()));
      }
      return measured;
    },
  };
}
