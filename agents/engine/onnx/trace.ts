/**
 * Tracing: a tfjs backend that computes nothing. Each of its kernels appends ONNX nodes to the graph under way and
 * returns a handle, so whatever is written in tfjs, `tf.valueAndGrad` and an optimiser's step included, becomes a graph.
 */

import { CompileError, explained, withLongStacks } from '../errors.ts';
import { called, outputType } from '../outputs.ts';
import type { Signature, TensorFunction } from '../program.ts';
import * as tf from '../tf.ts';
import { GraphBuilder, type Value, type ValueType } from './graph.ts';
import type { OnnxGraph } from './model.ts';

export const TRACE_BACKEND = 'onnx-trace';

/** What kernels see of the trace. */
export class Tracer extends tf.KernelBackend {
  /** The graph under way, if any. */
  #graph: GraphBuilder | null = null;
  #values = new WeakMap<object, Value>();
  #count = 0;

  get graph(): GraphBuilder {
    if (this.#graph === null)
      throw new CompileError('a tensor of a trace was used after the trace had ended');
    return this.#graph;
  }

  /** Carries `work` out with `graph` as the one that kernels append to. */
  into<T>(graph: GraphBuilder, work: () => T): T {
    if (this.#graph !== null) throw new CompileError(`compiling ${graph.name} inside ${this.#graph.name}`);
    this.#graph = graph;
    this.#values = new WeakMap();
    try {
      return work();
    } finally {
      this.#graph = null;
    }
  }

  value(info: tf.TensorInfo): Value {
    const value = this.#values.get(info.dataId);
    if (value === undefined) {
      throw new CompileError(
        `a tensor of shape [${info.shape.join(', ')}] comes from outside the function that is compiled: pass it as an input, or make it inside`,
      );
    }
    return value;
  }

  info(value: Value): tf.TensorInfo {
    const dataId = {};
    this.#values.set(dataId, value);
    this.#count++;
    return { dataId, shape: [...value.shape], dtype: value.type };
  }

  override write(values: tf.BackendValues, shape: number[], dtype: tf.DataType): tf.DataId {
    if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') {
      throw new CompileError(`constants of type ${dtype} are not traced`);
    }
    const array = values as Float32Array | Int32Array | Uint8Array;
    return this.info(this.graph.constant(typed(array, dtype), dtype, shape)).dataId;
  }

  override read(): Promise<tf.BackendValues> {
    throw readError();
  }
  override readSync(): tf.BackendValues {
    throw readError();
  }
  override move(): void {
    throw new CompileError('a tensor of another backend was used while tracing');
  }
  override numDataIds(): number {
    return this.#count;
  }
  // Handles are garbage like any object: nothing is freed by hand.
  override disposeData(): boolean {
    return true;
  }
  override incRef(): void {}
  decRef(): void {}
  override refCount(): number {
    return 1;
  }
  override memory() {
    return { unreliable: true, reasons: ['a trace holds no memory'] };
  }
  override floatPrecision(): 32 {
    return 32;
  }
  override epsilon(): number {
    return 1e-7;
  }
  override timerAvailable(): boolean {
    return false;
  }
  override dispose(): void {}
}

const readError = () =>
  new CompileError(
    'a value was read while tracing (dataSync, arraySync, print or a condition on a number): a traced function may only compute with tensors',
  );

function typed(values: Float32Array | Int32Array | Uint8Array, type: ValueType) {
  const Elements = type === 'float32' ? Float32Array : type === 'int32' ? Int32Array : Uint8Array;
  return values instanceof Elements ? values : Elements.from(values as ArrayLike<number>);
}

export const tracer = new Tracer();
tf.registerBackend(TRACE_BACKEND, () => tracer, 0);

export interface Traced {
  readonly graph: OnnxGraph;
  readonly outputs: Signature;
  /** The function's outputs by what the file calls them. */
  readonly outputNames: Readonly<Record<string, string>>;
}

/** Traces `fn` for the shapes in `inputs`. @throws {CompileError} that names the op and the line. */
export function trace(name: string, fn: TensorFunction, inputs: Signature): Traced {
  const graph = new GraphBuilder(name);
  const previous = tf.engine().backendName;
  // Settles at once for a backend that is made without waiting.
  void tf.setBackend(TRACE_BACKEND);
  try {
    const work = () =>
      tf.tidy('trace', () => {
        const feeds = Object.fromEntries(
          Object.entries(inputs).map(([input, spec]) => [
            input,
            tf.engine().makeTensorFromTensorInfo(tracer.info(graph.input(input, spec.dtype, spec.shape))),
          ]),
        );
        const results = Object.entries(called(fn, feeds)).map(
          ([output, tensor]) => [output, tracer.value(tensor)] as const,
        );
        return {
          graph: graph.finish(Object.fromEntries(results)),
          outputs: Object.fromEntries(
            results.map(([output, { type, shape }]) => [output, { dtype: outputType(output, type), shape }]),
          ),
          outputNames: Object.fromEntries(results.map(([output]) => [output, graph.outputName(output)])),
        } as never;
      });
    return withLongStacks(() => tracer.into(graph, work));
  } catch (error) {
    throw explained(name, 'ONNX', error);
  } finally {
    // Null while tfjs is still choosing one, whatever its types say.
    if (previous && previous !== TRACE_BACKEND) void tf.setBackend(previous);
  }
}
