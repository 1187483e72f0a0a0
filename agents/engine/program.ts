/**
 * A program: a function of tensors, written once in tfjs and fixed in its shapes, that runs over typed arrays its
 * caller owns. What carries it, a traced ONNX graph or an eager tfjs backend, is the engine's business.
 */
import type * as tf from './tf.ts';

export type DType = 'float32' | 'int32' | 'uint8';
export type TypedArray = Float32Array | Int32Array | Uint8Array;

export interface TensorSpec {
  /** A uint8 input reaches the function as int32, which tfjs has. Outputs are float32 or int32. */
  readonly dtype: DType;
  readonly shape: readonly number[];
}

export type Signature = Readonly<Record<string, TensorSpec>>;
export type Arrays = Readonly<Record<string, TypedArray>>;
export type TensorFunction = (inputs: Record<string, tf.Tensor>) => Record<string, tf.Tensor>;

/** A program bound to memory. */
export interface Call {
  /** Reads the arrays that were bound as they are now, writes the results in place; one run at a time. */
  run(): Promise<void>;
}

export interface CompileOptions {
  /** Inputs that are handed over by `hold` and not bound. */
  readonly held?: readonly string[];
}

export interface Program {
  readonly name: string;
  /** What is bound. */
  readonly inputs: Signature;
  /** What is held. */
  readonly held: Signature;
  readonly outputs: Signature;
  /** The graph as an ONNX file; null where an eager backend carries the program. */
  readonly onnx: Uint8Array | null;
  /**
   * @param feeds an array for each input. @param results one for each output, none of which may overlap a feed.
   * @throws {RangeError} for an array that is missing, or of another type or size than the signature says.
   */
  bind(feeds: Arrays, results: Arrays): Call;
  /**
   * Copies the held inputs, an array for each: all calls compute with these until the next time. It costs as much as some
   * 20 runs save by it, so it is for weights that stay for longer. While it goes on no call may run.
   * @throws {RangeError} as `bind`.
   */
  hold(arrays: Arrays): Promise<void>;
  release(): Promise<void>;
}

export const float32 = (...shape: number[]): TensorSpec => ({ dtype: 'float32', shape });
export const int32 = (...shape: number[]): TensorSpec => ({ dtype: 'int32', shape });
export const uint8 = (...shape: number[]): TensorSpec => ({ dtype: 'uint8', shape });

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}

const CONSTRUCTORS = { float32: Float32Array, int32: Int32Array, uint8: Uint8Array } as const;

/** Zeroed arrays for a signature. */
export function allocate(signature: Signature): Record<string, TypedArray> {
  return Object.fromEntries(
    Object.entries(signature).map(([name, spec]) => [name, new CONSTRUCTORS[spec.dtype](sizeOf(spec.shape))]),
  );
}

/** The inputs that are bound, and those that are held. @throws {RangeError} for a name that no input has. */
export function withoutHeld(
  program: string,
  inputs: Signature,
  { held = [] }: CompileOptions = {},
): { readonly bound: Signature; readonly held: Signature } {
  for (const name of held) {
    if (!(name in inputs))
      throw new RangeError(`program ${program} has no input ${JSON.stringify(name)} to hold`);
  }
  const those = (wanted: boolean) =>
    Object.fromEntries(Object.entries(inputs).filter(([name]) => held.includes(name) === wanted));
  return { bound: those(false), held: those(true) };
}

/** What a call says that runs before anything is held. */
export const notHeld = (program: string, held: Signature) =>
  new Error(`program ${program} was run before it was told to hold ${Object.keys(held).join(', ')}`);

/** @throws {RangeError} */
export function checkArrays(program: string, what: string, signature: Signature, arrays: Arrays): void {
  for (const [name, spec] of Object.entries(signature)) {
    const array = arrays[name];
    const size = sizeOf(spec.shape);
    const wanted = `${spec.dtype} [${spec.shape.join(', ')}]`;
    if (array === undefined)
      throw new RangeError(`program ${program}: ${what} ${name} (${wanted}) is missing`);
    if (!(array instanceof CONSTRUCTORS[spec.dtype]) || array.length !== size) {
      throw new RangeError(
        `program ${program}: ${what} ${name} must be ${wanted}, ${size} elements, and is a ${array.constructor.name} of ${array.length}`,
      );
    }
  }
  for (const name of Object.keys(arrays)) {
    if (!(name in signature))
      throw new RangeError(`program ${program} has no ${what} ${JSON.stringify(name)}`);
  }
}
