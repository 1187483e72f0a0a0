/**
 * The LSTM (Hochreiter & Schmidhuber 1997; with forget gates, Gers et al. 2000):
 *
 *   z = x Wx + h' Wh + b,  i, f, o = sigmoid(z_i), sigmoid(z_f), sigmoid(z_o),  g = tanh(z_g)
 *   c = f c' + i g,  h = o tanh(c)
 *
 * where h', c' are the state before, 0 where an episode starts. Gates lie in the order i, f, o, g, so that three of them
 * take one sigmoid. Over a sequence the products with x are one before the steps begin, and those of the gradient with
 * respect to the weights one after they have ended: only the products with h are left to each step.
 */
import * as tf from '../engine/tf.ts';
import type { ParameterSpec, Weights } from './parameters.ts';

export function lstmParameters(name: string, inputs: number, units: number): ParameterSpec[] {
  return [
    { name: `${name}/x`, shape: [inputs, 4 * units], initializer: { kind: 'orthogonal', gain: 1 } },
    { name: `${name}/h`, shape: [units, 4 * units], initializer: { kind: 'orthogonal', gain: 1 } },
    {
      name: `${name}/bias`,
      shape: [4 * units],
      // The forget gate starts open (Jozefowicz et al. 2015).
      initializer: {
        kind: 'values',
        values: Array.from({ length: 4 * units }, (_, k) => (k >= units && k < 2 * units ? 1 : 0)),
      },
    },
  ];
}

interface Step {
  /** [G, B, 3H] sigmoids of i, f, o. */
  readonly gates: tf.Tensor;
  /** [G, B, H] each. */
  readonly i: tf.Tensor;
  readonly f: tf.Tensor;
  readonly o: tf.Tensor;
  readonly g: tf.Tensor;
  readonly c: tf.Tensor;
  readonly tanhC: tf.Tensor;
  readonly h: tf.Tensor;
}

/** What the gradient needs of a step. */
type Taken = Pick<Step, 'gates' | 'i' | 'f' | 'o' | 'g' | 'tanhC'>;
const KEPT = 6;
const kept = ({ gates, i, f, o, g, tanhC }: Taken): tf.Tensor[] => [gates, i, f, o, g, tanhC];

function restored(tensors: readonly tf.Tensor[]): Taken {
  const [gates, i, f, o, g, tanhC] = tensors as [
    tf.Tensor,
    tf.Tensor,
    tf.Tensor,
    tf.Tensor,
    tf.Tensor,
    tf.Tensor,
  ];
  return { gates, i, f, o, g, tanhC };
}

function gatesOf(z: tf.Tensor, c: tf.Tensor, units: number): Step {
  const [zs, zg] = tf.split(z, [3 * units, units], -1) as [tf.Tensor, tf.Tensor];
  const gates = tf.sigmoid(zs);
  const [i, f, o] = tf.split(gates, 3, -1) as [tf.Tensor, tf.Tensor, tf.Tensor];
  const g = tf.tanh(zg);
  const next = tf.add(tf.mul(f, c), tf.mul(i, g));
  const tanhC = tf.tanh(next);
  return { gates, i, f, o, g, c: next, tanhC, h: tf.mul(o, tanhC) };
}

/** x [G, B, D] W [G, D, 4H] + bias [G, 4H]. */
function project(x: tf.Tensor, w: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  return tf.add(tf.matMul(x, w), tf.expandDims(bias, 1));
}

/**
 * One step, for acting. @param x [G, B, D] @param state [G, B, 2H], h then c.
 * @returns h [G, B, H] and the state after.
 */
export function lstmStep(
  weights: Weights,
  name: string,
  x: tf.Tensor,
  state: tf.Tensor,
): { h: tf.Tensor; state: tf.Tensor } {
  const units = state.shape.at(-1)! / 2;
  const [h, c] = tf.split(state, 2, -1) as [tf.Tensor, tf.Tensor];
  const z = tf.add(
    project(x, weights[`${name}/x`]!, weights[`${name}/bias`]!),
    tf.matMul(h, weights[`${name}/h`]!),
  );
  const step = gatesOf(z, c, units);
  return { h: step.h, state: tf.concat([step.h, step.c], -1) };
}

/**
 * A sequence, for learning. @param x [G, T, B, D] @param state [G, B, 2H] before it, of which no gradient is taken.
 * @param keep [G, T, B] 0 where an episode starts with that step, else 1. @returns h [G, T, B, H].
 */
export function lstmSequence(
  weights: Weights,
  name: string,
  x: tf.Tensor,
  state: tf.Tensor,
  keep: tf.Tensor,
): tf.Tensor {
  const [networks, steps, columns, width] = x.shape as [number, number, number, number];
  const units = state.shape.at(-1)! / 2;
  const rows = tf.reshape(x, [networks, steps * columns, width]);
  const sequence = tf.customGrad((...given: unknown[]) => {
    const [input, wx, wh, bias, before, keepAll, save] = given as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
      tf.GradSaveFunc,
    ];
    const along = (tensor: tf.Tensor, last: number) =>
      tf
        .split(tf.reshape(tensor, [networks, steps, columns, last]), steps, 1)
        .map((part) => tf.reshape(part, [networks, columns, last]));
    const projected = along(project(input, wx, bias), 4 * units);
    const keeps = along(keepAll, 1);
    let [h, c] = tf.split(before, 2, -1) as [tf.Tensor, tf.Tensor];
    const taken: Step[] = [];
    const beforeH: tf.Tensor[] = [];
    const beforeC: tf.Tensor[] = [];
    for (let t = 0; t < steps; t++) {
      h = tf.mul(h, keeps[t]!);
      c = tf.mul(c, keeps[t]!);
      beforeH.push(h);
      beforeC.push(c);
      const step = gatesOf(tf.add(projected[t]!, tf.matMul(h, wh)), c, units);
      taken.push(step);
      ({ h, c } = step);
    }
    const value = stacked(taken.map((step) => step.h));
    // What is not saved is freed when the function ends, on the eager backends.
    save([input, wx, wh, ...keeps, ...beforeH, ...beforeC, ...taken.flatMap(kept)]);
    return {
      value,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [input, wx, wh, ...rest] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, ...tf.Tensor[]];
        const take = (count: number) => rest.splice(0, count);
        const keeps = take(steps);
        const beforeH = take(steps);
        const beforeC = take(steps);
        const taken = Array.from({ length: steps }, () => restored(take(KEPT)));
        const dhs = along(dy, units);
        const dzs: tf.Tensor[] = [];
        let dhNext: tf.Tensor | null = null;
        let dcNext: tf.Tensor | null = null;
        for (let t = steps - 1; t >= 0; t--) {
          const { gates, i, f, o, g, tanhC } = taken[t]!;
          const dh: tf.Tensor = dhNext === null ? dhs[t]! : tf.add(dhs[t]!, dhNext);
          const through = tf.mul(tf.mul(dh, o), tf.sub(1, tf.square(tanhC)));
          const dc: tf.Tensor = dcNext === null ? through : tf.add(through, dcNext);
          const dGates = tf.concat([tf.mul(dc, g), tf.mul(dc, beforeC[t]!), tf.mul(dh, tanhC)], -1);
          const dz = tf.concat(
            [tf.mul(dGates, tf.mul(gates, tf.sub(1, gates))), tf.mul(tf.mul(dc, i), tf.sub(1, tf.square(g)))],
            -1,
          );
          dzs.push(dz);
          if (t > 0) {
            dhNext = tf.mul(tf.matMul(dz, wh, false, true), keeps[t]!);
            dcNext = tf.mul(tf.mul(dc, f), keeps[t]!);
          }
        }
        const dZ = stacked(dzs.reverse());
        return [
          tf.matMul(dZ, wx, false, true),
          tf.matMul(input, dZ, true, false),
          tf.matMul(stacked(beforeH), dZ, true, false),
          tf.sum(dZ, 1),
          tf.zeros([networks, columns, 2 * units]),
          tf.zeros([networks, steps, columns]),
        ];
      },
    };
  });
  const h = sequence(
    rows,
    weights[`${name}/x`]!,
    weights[`${name}/h`]!,
    weights[`${name}/bias`]!,
    state,
    keep,
  );
  return tf.reshape(h, [networks, steps, columns, units]);
}

/** [G, B, K] tensors one after another in time as [G, T * B, K]. */
function stacked(tensors: readonly tf.Tensor[]): tf.Tensor {
  return tensors.length === 1 ? tensors[0]! : tf.concat([...tensors], 1);
}
