/**
 * How a gradient becomes new weights, whatever the loss: in one call where a run has one shard, in two with the average of
 * all shards' gradients between where it has several.
 */
import { type Arrays, type Call, float32, type Program, type Signature } from '../engine/program.ts';
import type * as tf from '../engine/tf.ts';
import type { ParameterLayout } from '../networks/parameters.ts';
import type { LearnerSetup } from './algorithm.ts';
import { type Optimizer, type OptimizerOptions, stepInputs, stepOf } from './optimizer.ts';

export type Updating = { readonly update: Program } | { readonly gradient: Program; readonly apply: Program };

type Gradient = (tensors: Readonly<Record<string, tf.Tensor>>) => {
  gradient: tf.Tensor;
  statistics: tf.Tensor;
};

/** @param inputs of `gradientOf`, theta [P] among them. @param gradientOf the gradient [P] and statistics of one minibatch. */
export async function compileUpdate(
  { engine, collective }: LearnerSetup,
  name: string,
  options: OptimizerOptions,
  layout: ParameterLayout,
  inputs: Signature,
  gradientOf: Gradient,
): Promise<Updating> {
  if (collective.shards === 1) {
    const update = await engine.compile(
      `${name} update`,
      (tensors) => {
        const { gradient, statistics } = gradientOf(tensors);
        return { ...stepOf(options, layout, tensors, gradient), statistics };
      },
      { ...inputs, ...stepInputs(layout) },
    );
    return { update };
  }
  const [gradient, apply] = await Promise.all([
    engine.compile(`${name} gradient`, gradientOf, inputs),
    engine.compile('adam', (tensors) => stepOf(options, layout, tensors, tensors.gradient!), {
      ...stepInputs(layout),
      theta: float32(layout.size),
      gradient: float32(layout.size),
    }),
  ]);
  return { gradient, apply };
}

export interface BoundUpdate {
  /** Of a shard, by the turn of the collective: computes the gradient, or is the whole update where there is one shard. */
  learn(shard: number): readonly [Call, Call];
  /** The step along the mean gradient; null where the update is one call. */
  readonly apply: Call | null;
}

/** @param feeds of the gradient. @param mean [P], the shards' mean gradient. @param statistics written by each call. */
export function bindUpdate(
  updating: Updating,
  { collective }: LearnerSetup,
  { feeds: stepFeeds, results }: Optimizer,
  feeds: Arrays,
  mean: Float32Array,
  statistics: Float32Array,
): BoundUpdate {
  if ('update' in updating) {
    const whole = updating.update.bind({ ...feeds, ...stepFeeds }, { ...results, statistics });
    return { learn: () => [whole, whole], apply: null };
  }
  const bound = (gradient: Float32Array) => updating.gradient.bind(feeds, { gradient, statistics });
  return {
    learn(shard) {
      const [first, second] = collective.gradientMemories(shard);
      return [bound(first), bound(second)];
    },
    apply: updating.apply.bind({ ...stepFeeds, gradient: mean }, results),
  };
}
