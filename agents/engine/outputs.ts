/** What a function of tensors may give, and how what it takes and gives may be called. */
import { CompileError } from './errors.ts';
import type { DType, TensorFunction } from './program.ts';
import * as tf from './tf.ts';

/** The rest is for what a graph itself names: `_v0`, and `theta@0` for a piece of theta. */
const NAME = /^[A-Za-z][^@]*$/;

function checkNames(what: string, tensors: object): void {
  for (const name of Object.keys(tensors)) {
    if (!NAME.test(name)) {
      throw new CompileError(
        `${what} ${JSON.stringify(name)} needs another name: one that begins with a letter and has no @`,
      );
    }
  }
}

/** Calls a function. @throws {CompileError} unless it gives tensors by name at once. */
export function called(fn: TensorFunction, inputs: Record<string, tf.Tensor>): Record<string, tf.Tensor> {
  checkNames('input', inputs);
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
  checkNames('output', outputs);
  return outputs as Record<string, tf.Tensor>;
}

/** The dtype of an output. @throws {CompileError} for those that programs do not give. */
export function outputType(name: string, dtype: string): Exclude<DType, 'uint8'> {
  if (dtype !== 'float32' && dtype !== 'int32') {
    throw new CompileError(`output ${name} is ${dtype}: cast it to float32 or int32`);
  }
  return dtype;
}
