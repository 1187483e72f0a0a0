/** Adam along a clipped gradient, as part of a program, with the memory that the program is bound to. */
import { float32, type Signature } from '../engine/program.ts';
import * as tf from '../engine/tf.ts';
import { adam, biasCorrection, clipByGlobalNorm } from '../math/adam.ts';
import { clipByNetwork, type ParameterLayout } from '../networks/parameters.ts';
import type { Saved } from './algorithm.ts';
import { restore } from './restore.ts';

const ADAM = { beta1: 0.9, beta2: 0.999 };

export interface OptimizerOptions {
  /** Greatest norm of a network's gradient. */
  readonly gradientClip: number;
  readonly adamEpsilon: number;
}

/** What a step takes beside theta and the gradient. */
export function stepInputs({ size }: ParameterLayout): Signature {
  return {
    m: float32(size),
    v: float32(size),
    learningRate: float32(),
    correction1: float32(),
    correction2: float32(),
  };
}

/** New theta, m and v [P], and the norm [1] that the gradient had. */
export function stepOf(
  { gradientClip, adamEpsilon }: OptimizerOptions,
  layout: ParameterLayout,
  { theta, m, v, learningRate, correction1, correction2 }: Readonly<Record<string, tf.Tensor>>,
  gradient: tf.Tensor,
): Record<'theta' | 'm' | 'v' | 'norm', tf.Tensor> {
  const clipped =
    layout.networks === 1
      ? clipByGlobalNorm(gradient, gradientClip)
      : clipByNetwork(layout, gradient, gradientClip);
  return {
    ...adam(
      theta!,
      clipped.gradient,
      m!,
      v!,
      { learningRate: learningRate!, correction1: correction1!, correction2: correction2! },
      { ...ADAM, epsilon: adamEpsilon },
    ),
    norm: tf.reshape(clipped.norm, [1]),
  };
}

/** Weights and the optimizer's state of them. */
export class Optimizer {
  /** [P] */
  readonly theta: Float32Array;
  readonly #m: Float32Array;
  readonly #v: Float32Array;
  readonly #updates = new Float64Array(1);
  readonly learningRate = new Float32Array(1);
  readonly #correction1 = new Float32Array(1);
  readonly #correction2 = new Float32Array(1);
  /** To be bound as the program's results: a program may not write what it reads. */
  readonly results: Readonly<Record<'theta' | 'm' | 'v' | 'norm', Float32Array>>;

  constructor(size: number) {
    const vector = () => new Float32Array(size);
    this.theta = vector();
    this.#m = vector();
    this.#v = vector();
    this.results = { theta: vector(), m: vector(), v: vector(), norm: new Float32Array(1) };
  }

  /** To be bound as the program's inputs. */
  get feeds(): Record<string, Float32Array> {
    return {
      theta: this.theta,
      m: this.#m,
      v: this.#v,
      learningRate: this.learningRate,
      correction1: this.#correction1,
      correction2: this.#correction2,
    };
  }

  /** Steps taken so far. */
  get updates(): number {
    return this.#updates[0]!;
  }

  /** Before the program runs. */
  prepare(): void {
    const t = ++this.#updates[0]!;
    this.#correction1[0] = biasCorrection(ADAM.beta1, t);
    this.#correction2[0] = biasCorrection(ADAM.beta2, t);
  }

  /** After it. */
  accept(): void {
    this.theta.set(this.results.theta);
    this.#m.set(this.results.m);
    this.#v.set(this.results.v);
  }

  save(): Saved {
    return {
      theta: this.theta.slice(),
      m: this.#m.slice(),
      v: this.#v.slice(),
      updates: this.#updates.slice(),
    };
  }

  /** @throws {Error} for what another saved. */
  load(saved: Saved): void {
    restore(saved, 'theta', this.theta);
    restore(saved, 'm', this.#m);
    restore(saved, 'v', this.#v);
    restore(saved, 'updates', this.#updates);
  }
}
