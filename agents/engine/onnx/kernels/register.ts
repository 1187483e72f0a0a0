/** How a tfjs kernel becomes ONNX nodes: registered by its tfjs name for the tracing backend. */
import * as tf from '../../tf.ts';
import type { GraphBuilder, Value } from '../graph.ts';
import { TRACE_BACKEND, tracer } from '../trace.ts';

export interface KernelCall<A> {
  readonly graph: GraphBuilder;
  readonly inputs: Readonly<Record<string, Value>>;
  /** Inputs in order, for kernels that take any number of them. */
  readonly list: readonly Value[];
  readonly attributes: A;
}

/** @param body returns what the kernel computes, as values of the graph. */
export function onnxKernel<A = Record<string, never>>(
  kernelName: string,
  body: (call: KernelCall<A>) => Value | Value[],
): void {
  tf.registerKernel({
    kernelName,
    backendName: TRACE_BACKEND,
    kernelFunc: ({ inputs, attrs }) => {
      // An input that is left out is undefined.
      const given = Object.entries(inputs).filter(([, info]) => info !== undefined && info !== null);
      const named = given.map(([name, info]) => [name, tracer.value(info as tf.TensorInfo)] as const);
      const result = body({
        graph: tracer.graph,
        inputs: Object.fromEntries(named),
        list: named.map(([, value]) => value),
        attributes: attrs as A,
      });
      return Array.isArray(result) ? result.map((value) => tracer.info(value)) : tracer.info(result);
    },
  });
}
