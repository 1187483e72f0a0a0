/** For tests: the form of the cases that hold traced kernels against eager ones. */
import type { TensorSpec } from '../../../program.ts';
import type * as tf from '../../../tf.ts';

export interface KernelCase {
  /** What is particular about it. */
  readonly name: string;
  readonly inputs: readonly TensorSpec[];
  /** Calls the kernel under test; bool results are fine. */
  readonly compute: (...inputs: tf.Tensor[]) => tf.Tensor | tf.Tensor[];
  /** Elements of the inputs in order; inputs that are not given are drawn from [-2, 2), or -3 to 3 for integers. */
  readonly data: readonly (readonly number[] | undefined)[];
}

/** Cases by the kernel's name in tfjs. */
export type KernelCases = Readonly<Record<string, readonly KernelCase[]>>;

export function on(
  name: string,
  inputs: readonly TensorSpec[],
  compute: KernelCase['compute'],
  ...data: readonly (readonly number[] | undefined)[]
): KernelCase {
  return { name, inputs, compute, data };
}
