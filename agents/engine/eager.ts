/** Programs carried by an eager tfjs backend: the function runs anew on each call, for reference and for debugging. */

import {
  type Arrays,
  type Call,
  checkArrays,
  type Program,
  type Signature,
  sizeOf,
  type TensorFunction,
  type TensorSpec,
} from './program.ts';
import * as tf from './tf.ts';

/** @param backend a tfjs backend that is registered. */
export function compileEager(backend: string, name: string, fn: TensorFunction, inputs: Signature): Program {
  const run = (feeds: Arrays): Record<string, tf.Tensor> =>
    fn(
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
  const outputs = within(backend, () =>
    Object.fromEntries(
      Object.entries(run(zeros(inputs))).map(([output, tensor]): [string, TensorSpec] => {
        if (tensor.dtype !== 'float32' && tensor.dtype !== 'int32') {
          throw new TypeError(`output ${output} of ${name} is ${tensor.dtype}: cast it to float32 or int32`);
        }
        return [output, { dtype: tensor.dtype, shape: tensor.shape }];
      }),
    ),
  );
  return {
    name,
    inputs,
    outputs,
    onnx: null,
    bind(feeds, results): Call {
      checkArrays(name, 'input', inputs, feeds);
      checkArrays(name, 'output', outputs, results);
      return {
        async run() {
          within(backend, () => {
            for (const [output, tensor] of Object.entries(run(feeds)))
              results[output]!.set(tensor.dataSync());
          });
        },
      };
    },
    async release() {},
  };
}

/** Runs `work` on `backend` and frees what it made. */
function within<T>(backend: string, work: () => T): T {
  if (tf.engine().backendName !== backend) void tf.setBackend(backend);
  return tf.tidy(() => work() as never) as T;
}

function zeros(signature: Signature): Arrays {
  return Object.fromEntries(
    Object.entries(signature).map(([name, { dtype, shape }]) => [
      name,
      dtype === 'float32' ? new Float32Array(sizeOf(shape)) : new Int32Array(sizeOf(shape)),
    ]),
  );
}
