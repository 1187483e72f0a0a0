/** Programs carried by ONNX Runtime: traced once, compiled once, run over memory that is bound once. */
import * as ort from 'onnxruntime-node';
import { CompileError } from '../errors.ts';
import {
  type Arrays,
  type Call,
  checkArrays,
  type Program,
  type Signature,
  sizeOf,
  type TensorFunction,
} from '../program.ts';
import { leadingOnes } from './graph.ts';
import './kernels/index.ts';
import { encodeModel } from './model.ts';
import { type Traced, trace } from './trace.ts';
import { type Viewed, withViews } from './views.ts';

/**
 * One thread a session: at the sizes of these networks a second one made each call slower, and a worker beside it makes
 * twice as many.
 */
const SESSION: ort.InferenceSession.SessionOptions = {
  executionProviders: ['cpu'],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  // Pairs of a transposed product and the like are left as they were traced.
  logSeverityLevel: 3,
};

export interface OnnxOptions {
  /** Where ONNX Runtime writes a profile of each node's time, as the start of a file's path; none by default. */
  readonly profile?: string;
}

export async function compileOnnx(
  name: string,
  fn: TensorFunction,
  inputs: Signature,
  options: OnnxOptions = {},
): Promise<Program> {
  const traced = trace(name, fn, inputs);
  const { graph, views } = withViews(traced.graph);
  const model = encodeModel(graph);
  let session: ort.InferenceSession;
  try {
    session = await createSession(model, options);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CompileError(`compiling ${name}: ONNX Runtime refuses the graph: ${why}`, { cause: error });
  }
  return new OnnxProgram(name, inputs, traced, views, model, session);
}

function createSession(model: Uint8Array, { profile }: OnnxOptions = {}): Promise<ort.InferenceSession> {
  return ort.InferenceSession.create(
    model,
    profile === undefined ? SESSION : { ...SESSION, enableProfiling: true, profileFilePrefix: profile },
  );
}

class OnnxProgram implements Program {
  readonly name: string;
  readonly inputs: Signature;
  readonly outputs: Signature;
  readonly onnx: Uint8Array;
  readonly #session: ort.InferenceSession;
  readonly #outputNames: Traced['outputNames'];
  readonly #views: Viewed['views'];

  constructor(
    name: string,
    inputs: Signature,
    { outputs, outputNames }: Traced,
    views: Viewed['views'],
    onnx: Uint8Array,
    session: ort.InferenceSession,
  ) {
    this.name = name;
    this.inputs = inputs;
    this.outputs = outputs;
    this.#outputNames = outputNames;
    this.#views = views;
    this.onnx = onnx;
    this.#session = session;
  }

  bind(feeds: Arrays, results: Arrays): Call {
    checkArrays(this.name, 'input', this.inputs, feeds);
    checkArrays(this.name, 'output', this.outputs, results);
    const session = this.#session;
    // An input that the graph does not need is no input of the session.
    const needed = new Set(session.inputNames);
    const bound = Object.fromEntries(
      [...Object.entries(tensors(this.inputs, feeds)), ...this.#pieces(feeds)].filter(([name]) =>
        needed.has(name),
      ),
    );
    const fetches = Object.fromEntries(
      Object.entries(tensors(this.outputs, results)).map(([output, tensor]) => [
        this.#outputNames[output]!,
        tensor,
      ]),
    );
    return {
      async run() {
        await session.run(bound, fetches);
      },
    };
  }

  /** Views of the vectors that the graph takes in pieces: what is written into a vector is there at the next run. */
  #pieces(feeds: Arrays): [string, ort.Tensor][] {
    return Object.entries(this.#views).flatMap(([input, views]) =>
      views.map(({ name, offset, shape }): [string, ort.Tensor] => {
        const piece = (feeds[input] as Float32Array).subarray(offset, offset + sizeOf(shape));
        return [name, new ort.Tensor(piece, shape)];
      }),
    );
  }

  release(): Promise<void> {
    return this.#session.release();
  }
}

/** Arrays as the file's inputs and outputs, which are without leading axes of length 1. */
function tensors(signature: Signature, arrays: Arrays): Record<string, ort.Tensor> {
  return Object.fromEntries(
    Object.entries(signature).map(([name, { dtype, shape }]) => [
      name,
      new ort.Tensor(dtype as 'float32', arrays[name] as Float32Array, shape.slice(leadingOnes(shape))),
    ]),
  );
}
