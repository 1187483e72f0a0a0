/**
 * The LSTM (Hochreiter & Schmidhuber 1997; with forget gates, Gers et al. 2000):
 *
 *   z = x Wx + h' Wh + b,  i, f, o = sigmoid(z_i), sigmoid(z_f), sigmoid(z_o),  g = tanh(z_g)
 *   c = f c' + i g,  h = o tanh(c)
 *
 * where h', c' are the state before, 0 where an episode starts. Gates lie in the order i, f, o, g.
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

/** What a step computes, [G, B, H] each. */
export interface Step {
  readonly i: tf.Tensor;
  readonly f: tf.Tensor;
  readonly o: tf.Tensor;
  readonly g: tf.Tensor;
  /** f c', the part of the cell that is kept. */
  readonly kept: tf.Tensor;
  /** i g, the part that is new. */
  readonly added: tf.Tensor;
  readonly c: tf.Tensor;
  readonly tanhC: tf.Tensor;
  readonly h: tf.Tensor;
}

/** @param z what goes into i, f, o, g, [..., H] each. @param cBefore [..., H], broadcast. */
export function lstmCell(z: readonly tf.Tensor[], cBefore: tf.Tensor): Step {
  const [i, f, o] = z.slice(0, 3).map((x) => tf.sigmoid(x)) as [tf.Tensor, tf.Tensor, tf.Tensor];
  const g = tf.tanh(z[3]!);
  const kept = tf.mul(f, cBefore);
  const added = tf.mul(i, g);
  const c = tf.add(kept, added);
  const tanhC = tf.tanh(c);
  return { i, f, o, g, kept, added, c, tanhC, h: tf.mul(o, tanhC) };
}

/** What the gradient needs of a step, in the order it is saved in. */
const SAVED = ['i', 'f', 'o', 'g', 'kept', 'added', 'tanhC', 'h'] as const;
type Saved = Pick<Step, (typeof SAVED)[number]>;
const restored = (tensors: readonly tf.Tensor[]): Saved =>
  Object.fromEntries(SAVED.map((name, k) => [name, tensors[k]!])) as unknown as Saved;

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
  const [h, c] = tf.split(state, 2, -1) as [tf.Tensor, tf.Tensor];
  const fromX = tf.add(tf.matMul(x, weights[`${name}/x`]!), tf.expandDims(weights[`${name}/bias`]!, 1));
  const z = tf.add(fromX, tf.matMul(h, weights[`${name}/h`]!));
  const step = lstmCell(tf.split(z, 4, -1), c);
  return { h: step.h, state: tf.concat([step.h, step.c], -1) };
}

/**
 * A sequence, for learning. @param x [G, T, B, D] @param state [G, B, 2H] before it, of which no gradient is taken.
 * @param keep [G, T, B] 0 where an episode starts with that step, else 1. @returns h [G, T, B, H].
 *
 * With the input u = [x, h', 1] of a step and W = [Wx; Wh; b] a step is one product, z = u W, its gradient another,
 * du = dz W', and that of all weights one after the last step, dW = U' dZ over all steps. In the products forward the
 * columns of each gate are apart: cutting z up would take a fifth of the time of making it.
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
  /** [G, T * B, K] as [G, B, K] for each step. */
  const along = (tensor: tf.Tensor) => tf.split(tensor, steps, 1);
  const sequence = tf.customGrad((...given: unknown[]) => {
    const [rows, w, before, keepRows, save] = given as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
      tf.GradSaveFunc,
    ];
    const gateColumns = tf.split(w, 4, -1);
    const xs = along(rows);
    const keeps = along(keepRows);
    const one = tf.ones([networks, columns, 1]);
    let [h, c] = tf.split(before, 2, -1) as [tf.Tensor, tf.Tensor];
    const us: tf.Tensor[] = [];
    const taken: Step[] = [];
    for (let t = 0; t < steps; t++) {
      const u = tf.concat([xs[t]!, tf.mul(h, keeps[t]!), one], -1);
      const step = lstmCell(
        gateColumns.map((gate) => tf.matMul(u, gate)),
        tf.mul(c, keeps[t]!),
      );
      us.push(u);
      taken.push(step);
      ({ h, c } = step);
    }
    // What is not saved is freed when the function ends, on the eager backends.
    save([w, ...keeps, ...us, ...taken.flatMap((step) => SAVED.map((part) => step[part]))]);
    return {
      value: stacked(taken.map((step) => step.h)),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [w, ...rest] = saved as [tf.Tensor, ...tf.Tensor[]];
        const take = (count: number) => rest.splice(0, count);
        const keeps = take(steps);
        const us = take(steps);
        const taken = Array.from({ length: steps }, () => restored(take(SAVED.length)));
        const dhs = along(dy);
        const dzs: tf.Tensor[] = [];
        const dxs: tf.Tensor[] = [];
        let dhNext: tf.Tensor | null = null;
        let dcNext: tf.Tensor | null = null;
        for (let t = steps - 1; t >= 0; t--) {
          const step = taken[t]!;
          const dh: tf.Tensor = dhNext === null ? dhs[t]! : tf.add(dhs[t]!, dhNext);
          const { dz, dc } = stepGradient(step, dh, dcNext);
          const du = tf.matMul(dz, w, false, true);
          dzs.push(dz);
          dxs.push(tf.slice(du, [0, 0, 0], [networks, columns, width]));
          if (t > 0) {
            dhNext = tf.mul(tf.slice(du, [0, 0, width], [networks, columns, units]), keeps[t]!);
            dcNext = tf.mul(tf.mul(dc, step.f), keeps[t]!);
          }
        }
        return [
          stacked(dxs.reverse()),
          tf.matMul(stacked(us), stacked(dzs.reverse()), true, false),
          tf.zeros([networks, columns, 2 * units]),
          tf.zeros([networks, steps * columns, 1]),
        ];
      },
    };
  });
  const w = tf.concat(
    [
      weights[`${name}/x`]!,
      weights[`${name}/h`]!,
      tf.reshape(weights[`${name}/bias`]!, [networks, 1, 4 * units]),
    ],
    1,
  );
  const h = sequence(
    tf.reshape(x, [networks, steps * columns, width]),
    w,
    state,
    tf.reshape(keep, [networks, steps * columns, 1]),
  );
  return tf.reshape(h, [networks, steps, columns, units]);
}

/**
 * The gradient through one step: of h (dh [G, B, H]) and, where later steps follow, of c, to dz [G, B, 4H] and dc. Of the
 * forward step's products as few are taken anew as can be: g i (1 - i) is added (1 - i), i (1 - g^2) is i - added g.
 */
function stepGradient(
  { i, f, o, g, kept, added, tanhC, h }: Saved,
  dh: tf.Tensor,
  dcNext: tf.Tensor | null,
): { dz: tf.Tensor; dc: tf.Tensor } {
  const through = tf.mul(dh, tf.sub(o, tf.mul(h, tanhC)));
  const dc = dcNext === null ? through : tf.add(through, dcNext);
  const dz = tf.concat(
    [
      tf.mul(dc, tf.mul(added, tf.sub(1, i))),
      tf.mul(dc, tf.mul(kept, tf.sub(1, f))),
      tf.mul(dh, tf.mul(h, tf.sub(1, o))),
      tf.mul(dc, tf.sub(i, tf.mul(added, g))),
    ],
    -1,
  );
  return { dz, dc };
}

/** [G, B, K] tensors one after another in time as [G, T * B, K]. */
function stacked(tensors: readonly tf.Tensor[]): tf.Tensor {
  return tensors.length === 1 ? tensors[0]! : tf.concat([...tensors], 1);
}
