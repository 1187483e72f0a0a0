/** What a function of tensors may give. */
import { CompileError } from './errors.ts';
import type { DType, TensorFunction } from './program.ts';
import * as tf from './tf.ts';

/** Calls a function. @throws {CompileError} unless it gives tensors by name at once. */
export function called(fn: TensorFunction, inputs: Record<string, tf.Tensor>): Record<string, tf.Tensor> {
  const outputs: unknown = fn(inputs);
  if (outputs instanceof Promise) {
    // What it fails of is no news: it was not to be waited for.
    outputs.catch(() => {});
    throw new CompileError(
      'the function is async: it must return its outputs at once, so it cannot await values',
    );
  }
  if (typeof outputs !== 'object' || outputs === null || outputs instanceof tf.Tensor) {
    throw new CompileError('the function must return its outputs by name, as in { loss, gradient }');
  }
  const entries = Object.entries(outputs);
  if (entries.length === 0) throw new CompileError('the function returns no outputs');
  for (const [name, output] of entries) {
    if (!(output instanceof tf.Tensor)) {
      throw new CompileError(
        `output ${name} is no tensor but ${output === null ? 'null' : `a ${typeof output}`}`,
      );
    }
  }
  return outputs as Record<string, tf.Tensor>;
}

/** The dtype of an output. @throws {CompileError} for those that programs do not give. */
export function outputType(name: string, dtype: string): Exclude<DType, 'uint8'> {
  if (dtype !== 'float32' && dtype !== 'int32') {
    throw new CompileError(`output ${name} is ${dtype}: cast it to float32 or int32`);
  }
  return dtype;
}
