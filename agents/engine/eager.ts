/** Programs carried by an eager tfjs backend: the function runs anew on each call, for reference and for debugging. */

import { explained, withLongStacks } from './errors.ts';
import { called, outputType } from './outputs.ts';
import {
  type Arrays,
  allocate,
  type Call,
  type CompileOptions,
  checkArrays,
  notHeld,
  type Program,
  type Signature,
  type TensorFunction,
  type TensorSpec,
  withoutHeld,
} from './program.ts';
import * as tf from './tf.ts';

/**
 * @param backend what tfjs calls a backend that is loaded: `tensorflow`, `wasm` or `cpu`.
 * @throws {CompileError} for a function that fails on zeros, naming the op and the line.
 */
export function compileEager(
  backend: string,
  name: string,
  fn: TensorFunction,
  inputs: Signature,
  options: CompileOptions = {},
): Program {
  const { bound, held } = withoutHeld(name, inputs, options);
  let kept: Arrays | null = Object.keys(held).length === 0 ? {} : null;
  const run = (feeds: Arrays): Record<string, tf.Tensor> =>
    called(
      fn,
      Object.fromEntries(
        Object.entries(inputs).map(([input, { dtype, shape }]) => {
          const array = feeds[input]!;
          return dtype === 'float32'
            ? // A copy, since backends keep the array they are given and its owner writes into it.
              [input, tf.tensor((array as Float32Array).slice(), [...shape], 'float32')]
            : [input, tf.tensor(Int32Array.from(array), [...shape], 'int32')];
        }),
      ),
    );
  const specs = () =>
    Object.entries(run(allocate(inputs))).map(([output, { dtype, shape }]): [string, TensorSpec] => [
      output,
      { dtype: outputType(output, dtype), shape },
    ]);
  let outputs: Signature;
  try {
    outputs = Object.fromEntries(withLongStacks(() => within(backend, specs)));
  } catch (error) {
    throw explained(name, backend, error);
  }
  return {
    name,
    inputs: bound,
    held,
    outputs,
    onnx: null,
    bind(feeds, results): Call {
      checkArrays(name, 'input', bound, feeds);
      checkArrays(name, 'output', outputs, results);
      return {
        async run() {
          if (kept === null) throw notHeld(name, held);
          const all = { ...feeds, ...kept };
          within(backend, () => {
            for (const [output, tensor] of Object.entries(run(all))) results[output]!.set(tensor.dataSync());
          });
        },
      };
    },
    async hold(arrays) {
      checkArrays(name, 'held input', held, arrays);
      kept = Object.fromEntries(Object.entries(arrays).map(([input, array]) => [input, array.slice()]));
    },
    async release() {},
  };
}

/** Runs `work` on `backend` and frees what it made. */
function within<T>(backend: string, work: () => T): T {
  if (tf.engine().backendName !== backend) void tf.setBackend(backend);
  return tf.tidy(() => work() as never) as T;
}
