/** Programs carried by ONNX Runtime: traced once, compiled once, run over memory that is bound once. */
import * as ort from 'onnxruntime-node';
import { CompileError } from '../errors.ts';
import {
  type Arrays,
  allocate,
  type Call,
  type CompileOptions,
  checkArrays,
  notHeld,
  type Program,
  type Signature,
  sizeOf,
  type TensorFunction,
  type TypedArray,
  withoutHeld,
} from '../program.ts';
import { leadingOnes } from './graph.ts';
import { HeldModel } from './held.ts';
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

/** Of a graph that has been optimised before. */
const OPTIMISED: ort.InferenceSession.SessionOptions = { ...SESSION, graphOptimizationLevel: 'disabled' };

export interface OnnxOptions extends CompileOptions {
  /** Where ONNX Runtime writes a profile of each node's time, as the start of a file's path; none by default. */
  readonly profile?: string;
}

export async function compileOnnx(
  name: string,
  fn: TensorFunction,
  inputs: Signature,
  options: OnnxOptions = {},
): Promise<Program> {
  const { bound, held } = withoutHeld(name, inputs, options);
  const traced = trace(name, fn, inputs);
  const { graph, views } = withViews(traced.graph);
  const model = encodeModel(graph);
  const compiled = { name, bound, held, traced, views, model };
  const pieces = Object.entries(held).flatMap(([input, { shape }]) =>
    (views[input] ?? [{ name: input, offset: 0, shape: shape.slice(leadingOnes(shape)) }]).map((view) => ({
      ...view,
      input,
    })),
  );
  if (pieces.length > 0) {
    const inside = await HeldModel.of(graph, pieces, SESSION);
    if (inside !== null) return new OnnxProgram(compiled, inside, null);
  }
  try {
    return new OnnxProgram(compiled, null, await createSession(model, options));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CompileError(`compiling ${name}: ONNX Runtime refuses the graph: ${why}`, { cause: error });
  }
}

function createSession(model: Uint8Array, { profile }: OnnxOptions = {}): Promise<ort.InferenceSession> {
  return ort.InferenceSession.create(
    model,
    profile === undefined ? SESSION : { ...SESSION, enableProfiling: true, profileFilePrefix: profile },
  );
}

interface Compiled {
  readonly name: string;
  readonly bound: Signature;
  readonly held: Signature;
  readonly traced: Traced;
  readonly views: Viewed['views'];
  readonly model: Uint8Array;
}

class OnnxProgram implements Program {
  readonly name: string;
  readonly inputs: Signature;
  readonly held: Signature;
  readonly outputs: Signature;
  readonly onnx: Uint8Array;
  readonly #outputNames: Traced['outputNames'];
  readonly #views: Viewed['views'];
  /** With the held inputs inside; null where there are none, or they are fed all the same. */
  readonly #inside: HeldModel | null;
  /** Copies of held inputs that are fed. */
  readonly #kept: Record<string, TypedArray>;
  #holds: boolean;
  /** Null until something is held inside. */
  #session: ort.InferenceSession | null;

  constructor(
    { name, bound, held, traced, views, model }: Compiled,
    inside: HeldModel | null,
    session: ort.InferenceSession | null,
  ) {
    this.name = name;
    this.inputs = bound;
    this.held = held;
    this.outputs = traced.outputs;
    this.onnx = model;
    this.#outputNames = traced.outputNames;
    this.#views = views;
    this.#inside = inside;
    this.#kept = inside === null ? allocate(held) : {};
    this.#holds = Object.keys(held).length === 0;
    this.#session = session;
  }

  bind(feeds: Arrays, results: Arrays): Call {
    checkArrays(this.name, 'input', this.inputs, feeds);
    checkArrays(this.name, 'output', this.outputs, results);
    const fed = { ...feeds, ...this.#kept };
    const signature = this.#inside === null ? { ...this.inputs, ...this.held } : this.inputs;
    // An input that the graph does not need is no input of the session.
    const needed = this.#inside?.inputNames ?? new Set(this.#session!.inputNames);
    const bound = Object.fromEntries(
      [...Object.entries(tensors(signature, fed)), ...this.#pieces(fed)].filter(([name]) => needed.has(name)),
    );
    const fetches = Object.fromEntries(
      Object.entries(tensors(this.outputs, results)).map(([output, tensor]) => [
        this.#outputNames[output]!,
        tensor,
      ]),
    );
    return { run: () => this.#run(bound, fetches) };
  }

  async #run(bound: Record<string, ort.Tensor>, fetches: Record<string, ort.Tensor>): Promise<void> {
    if (!this.#holds) throw notHeld(this.name, this.held);
    await this.#session!.run(bound, fetches);
  }

  /** Views of the vectors that the graph takes in pieces: what is written into a vector is there at the next run. */
  #pieces(feeds: Arrays): [string, ort.Tensor][] {
    return Object.entries(this.#views).flatMap(([input, views]) =>
      input in feeds
        ? views.map(({ name, offset, shape }): [string, ort.Tensor] => {
            const piece = (feeds[input] as Float32Array).subarray(offset, offset + sizeOf(shape));
            return [name, new ort.Tensor(piece, shape)];
          })
        : [],
    );
  }

  async hold(arrays: Arrays): Promise<void> {
    checkArrays(this.name, 'held input', this.held, arrays);
    if (this.#inside === null) {
      for (const [input, array] of Object.entries(this.#kept)) array.set(arrays[input]!);
    } else {
      this.#inside.set(arrays);
      const before = this.#session;
      this.#session = await ort.InferenceSession.create(this.#inside.bytes, OPTIMISED);
      await before?.release();
    }
    this.#holds = true;
  }

  async release(): Promise<void> {
    await this.#session?.release();
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
