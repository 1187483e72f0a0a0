/**
 * Weights as constants. ONNX Runtime packs the constants of a graph once, for products above all, and what is fed at each
 * run: of a policy for 5 to 160 players that is an eighth to a half of a run. To make a session takes as long as some 20
 * runs save, so it must not take longer than it has to: the graph is optimised once, and then only weights are written
 * into the file that came of it.
 *
 * Where a weight lies there, after transposes have been carried out and filters laid out in blocks, is found by
 * optimising the graph with weights that are marks: float32 in [1/8, 1/4), so that no sum, product, quotient or root of
 * them is one. Two sets of marks tell weights from constants that look like one.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { type Arrays, sizeOf } from '../program.ts';
import { encodeModel, floatInitializers, type OnnxGraph } from './model.ts';
import type { View } from './views.ts';

/** A part of an input that is held, and which input. */
export interface HeldPiece extends View {
  readonly input: string;
}

/** An initializer of the file that consists of weights. */
interface Place {
  /** In the file, float32 wherever it lies. */
  readonly bytes: Uint8Array;
  readonly values: Float32Array;
  /** Which weight each element is, counted through all pieces; -1 for zeros between them. */
  readonly sources: Int32Array;
}

const FIRST_MARK = 0x3e00_0000;
/** There are so many float32 in [1/8, 1/4). */
const MARKS = 2 ** 23;

export class HeldModel {
  /** Optimised already, with weights as they were last set. */
  readonly bytes: Uint8Array;
  /** What is still fed. */
  readonly inputNames: ReadonlySet<string>;
  readonly #pieces: readonly HeldPiece[];
  readonly #places: readonly Place[];
  /** All pieces one after another. */
  readonly #weights: Float32Array;

  private constructor(
    bytes: Uint8Array,
    inputNames: ReadonlySet<string>,
    pieces: readonly HeldPiece[],
    places: readonly Place[],
    weights: Float32Array,
  ) {
    this.bytes = bytes;
    this.inputNames = inputNames;
    this.#pieces = pieces;
    this.#places = places;
    this.#weights = weights;
  }

  /** Null where some weight is not found again, or no temporary file can be written: then they are fed. */
  static async of(
    graph: OnnxGraph,
    pieces: readonly HeldPiece[],
    options: ort.InferenceSession.SessionOptions,
  ): Promise<HeldModel | null> {
    const used = new Set(graph.inputs.map(({ name }) => name));
    const needed = pieces.filter(({ name }) => used.has(name));
    const count = needed.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    if (count === 0 || 2 * count > MARKS) return null;
    const weights = new Float32Array(count);
    const bits = new Int32Array(weights.buffer);
    const names = new Set(needed.map(({ name }) => name));
    const inputs = graph.inputs.filter(({ name }) => !names.has(name));
    const optimised = (firstMark: number) => {
      for (let k = 0; k < count; k++) bits[k] = firstMark + k;
      let start = 0;
      const constants = needed.map(({ name, shape }) => {
        const bytes = new Uint8Array(weights.buffer, 4 * start, 4 * sizeOf(shape));
        start += sizeOf(shape);
        return { name, type: 'float32' as const, shape, bytes };
      });
      const initializers = [...constants, ...graph.initializers];
      return optimisedModel(encodeModel({ ...graph, inputs, initializers }), options);
    };
    try {
      const [bytes, other] = [await optimised(FIRST_MARK), await optimised(FIRST_MARK + count)];
      const places = placesOf(bytes, other, count);
      if (places === null) return null;
      return new HeldModel(bytes, new Set(inputs.map(({ name }) => name)), needed, places, weights);
    } catch {
      return null;
    }
  }

  /** Writes weights into the file. */
  set(feeds: Arrays): void {
    const weights = this.#weights;
    let start = 0;
    for (const { input, offset, shape } of this.#pieces) {
      const size = sizeOf(shape);
      weights.set((feeds[input] as Float32Array).subarray(offset, offset + size), start);
      start += size;
    }
    for (const { bytes, values, sources } of this.#places) {
      for (let i = 0; i < values.length; i++) values[i] = sources[i]! < 0 ? 0 : weights[sources[i]!]!;
      bytes.set(new Uint8Array(values.buffer));
    }
  }
}

/** What ONNX Runtime makes of a model, which it gives only as a file. */
async function optimisedModel(
  model: Uint8Array,
  options: ort.InferenceSession.SessionOptions,
): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'arena-graph-'));
  try {
    const path = join(folder, 'optimised.onnx');
    const session = await ort.InferenceSession.create(model, { ...options, optimizedModelFilePath: path });
    await session.release();
    // No Buffer, whose slices are views.
    return new Uint8Array(await readFile(path));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Where each of `count` weights lies in a model. @param other the same with marks that are higher by `count`. */
function placesOf(model: Uint8Array, other: Uint8Array, count: number): Place[] | null {
  const others = new Map(floatInitializers(other).map(({ name, bytes }) => [name, bytes]));
  const found = new Uint8Array(count);
  const places: Place[] = [];
  for (const { name, bytes } of floatInitializers(model)) {
    const otherBytes = others.get(name);
    if (otherBytes === undefined || otherBytes.length !== bytes.length) return null;
    if (Buffer.compare(bytes, otherBytes) === 0) continue;
    const [bits, otherBits] = [
      new Int32Array(bytes.slice().buffer),
      new Int32Array(otherBytes.slice().buffer),
    ];
    const sources = bits.map((mark, i) => {
      if (mark === 0 && otherBits[i] === 0) return -1;
      const source = mark - FIRST_MARK;
      return source >= 0 && source < count && otherBits[i] === mark + count ? source : count;
    });
    if (sources.includes(count)) return null;
    for (const source of sources) if (source >= 0) found[source] = 1;
    places.push({ bytes, values: new Float32Array(sources.length), sources });
  }
  return found.includes(0) ? null : places;
}
