/** Networks that value each action, Q(o, .): the torso of the policies, and one head, or two where they duel. */
import type { ArraySpec } from '../../shared/environment.ts';
import type { Engine } from '../engine/index.ts';
import { float32, type Program } from '../engine/program.ts';
import type * as tf from '../engine/tf.ts';
import { dueling } from '../math/q-learning.ts';
import type { NetworkOptions } from './actor-critic.ts';
import { dense, denseParameters } from './layers.ts';
import { ParameterLayout, type Weights } from './parameters.ts';
import { byColumn, byNetwork } from './programs.ts';
import { torso } from './torso.ts';

export interface QNetwork {
  readonly layout: ParameterLayout;
  /** observation [G, M, ...] to Q [G, M, A]. @param purpose see `Torso.apply`. */
  values(weights: Weights, observation: tf.Tensor, purpose?: 'act' | 'learn'): tf.Tensor;
}

/**
 * @param duel whether Q is the sum of a value and advantages (see `dueling`); with `separateValue` the value has layers
 * of its own. @param networks G: 1, or one a player.
 * @throws {RangeError} for options that are of no use to it.
 */
export function qNetwork(
  observation: ArraySpec,
  actions: number,
  options: NetworkOptions,
  duel: boolean,
  networks: number,
): QNetwork {
  if (options.lstm > 0) {
    throw new RangeError(
      `network.lstm is ${options.lstm}: what is replayed are single steps, which have no memory; it must be 0`,
    );
  }
  if (options.separateValue && !duel) {
    throw new RangeError('network.separateValue needs algo.dueling: there is no value beside Q without it');
  }
  const body = torso('torso', observation, options);
  const valueBody = options.separateValue ? torso('value-torso', observation, options) : null;
  const layout = new ParameterLayout(
    [
      ...body.parameters,
      ...(valueBody?.parameters ?? []),
      ...denseParameters('advantage', body.units, actions, HEAD_GAIN),
      ...(duel ? denseParameters('value', (valueBody ?? body).units, 1, HEAD_GAIN) : []),
    ],
    networks,
  );
  return {
    layout,
    values(weights, observations, purpose) {
      const x = body.apply(weights, observations, purpose);
      const advantages = dense(weights, 'advantage', x);
      if (!duel) return advantages;
      const valued = valueBody?.apply(weights, observations, purpose) ?? x;
      return dueling(dense(weights, 'value', valued), advantages);
    },
  };
}

const HEAD_GAIN = 1;

/** One step for `environments` times `players` columns: theta [P], observation [E, N, ...]; gives q [E * N, A]. */
export function qProgram(
  engine: Engine,
  { layout, values }: QNetwork,
  observation: ArraySpec,
  environments: number,
  players: number,
): Promise<Program> {
  return engine.compile(
    `q ${environments}x${players}`,
    (inputs) => {
      const observed = byNetwork(inputs.observation!, layout.networks);
      const q = values(layout.unpack(inputs.theta!), observed, 'act');
      return { q: byColumn(q, environments, players) };
    },
    {
      theta: float32(layout.size),
      observation: { dtype: observation.dtype, shape: [environments, players, ...observation.shape] },
    },
  );
}
