/**
 * Graphs for any batch. A trace fixes every side, so it is made at a batch that is a prime no other side is a multiple of;
 * whatever is a multiple of it is the batch then, and becomes symbolic. That nothing else depended on the batch is checked
 * by doing it twice, with two primes: both graphs must come out the same, byte for byte.
 */
import { CompileError } from '../errors.ts';
import type { Signature, TensorFunction } from '../program.ts';
import { encodeModel, type OnnxGraph, type OnnxNode, type OnnxTensor, type OnnxValue } from './model.ts';
import { trace } from './trace.ts';

/** What the side is called in the file. */
export const BATCH = 'batch';

/** Primes above every width a network may have. */
const PRIMES = [10_007, 10_009] as const;

/** Which inputs of an operator are sides or places that may depend on the batch. */
const SIDES: Readonly<Record<string, readonly number[]>> = {
  Reshape: [1],
  Expand: [1],
  Tile: [1],
  ConstantOfShape: [0],
  Slice: [1, 2],
  Split: [1],
};

/**
 * @param signature of a batch of so many rows. An input's first side must be the batch.
 * @throws {CompileError} for what cannot be traced, or depends on the batch in a way that cannot be made symbolic.
 */
export function traceAnyBatch(
  name: string,
  fn: TensorFunction,
  signature: (batch: number) => Signature,
): OnnxGraph {
  const [first, second] = PRIMES.map((batch) =>
    symbolicBatch(trace(name, fn, signature(batch)).graph, batch),
  ) as [OnnxGraph, OnnxGraph];
  if (!Buffer.from(encodeModel(first)).equals(encodeModel(second))) {
    throw new CompileError(
      `compiling ${name}: the graph depends on the size of the batch in ${difference(first, second)}, which no run could set anew`,
    );
  }
  return first;
}

/** The graph with every multiple of `batch` made symbolic. @throws {CompileError} naming what cannot be. */
export function symbolicBatch(graph: OnnxGraph, batch: number): OnnxGraph {
  const fail = (what: string): never => {
    throw new CompileError(`compiling ${graph.name}: ${what} cannot be made symbolic`);
  };
  const end = (value: OnnxValue): OnnxValue => ({
    ...value,
    shape: value.shape.map((side) => {
      if (side === batch) return BATCH;
      return typeof side === 'number' && dependsOn(side, batch)
        ? fail(`a side of ${value.name} that is ${side / batch} times the batch`)
        : side;
    }),
  });
  const source = graph.inputs.find(({ shape }) => shape[0] === batch);
  if (source === undefined) return fail('the batch, which is the first side of no input,');

  const builder = new Sides(source.name);
  const constants = new Map(graph.initializers.map((constant) => [constant.name, constant]));
  const nodes = graph.nodes.map((node, k): OnnxNode => {
    for (const [attribute, value] of Object.entries(node.attributes)) {
      const numbers = typeof value === 'number' ? [value] : Array.isArray(value) ? (value as number[]) : [];
      if (numbers.some((number) => dependsOn(number, batch))) fail(`${attribute} of ${node.op}`);
    }
    const inputs = node.inputs.map((input, place) => {
      const constant = constants.get(input);
      if (constant === undefined || !constantDependsOn(constant, batch)) return input;
      if (!SIDES[node.op]?.includes(place) || constant.type !== 'int64') {
        return fail(`input ${place} of ${node.op} (node ${k}), a constant whose size is the batch,`);
      }
      const sides = int64s(constant);
      const depending = sides.filter((side) => dependsOn(side, batch));
      // Of a Reshape one side follows from the others: no need to compute it.
      return node.op === 'Reshape' && depending.length === 1
        ? builder.constant(sides.map((side) => (dependsOn(side, batch) ? -1 : side)))
        : builder.computed(sides, batch);
    });
    return { ...node, inputs };
  });
  const used = new Set(nodes.flatMap((node) => node.inputs));
  return {
    name: graph.name,
    nodes: [...builder.nodes, ...nodes],
    initializers: [
      ...graph.initializers.filter((constant) => used.has(constant.name)),
      ...builder.initializers,
    ],
    inputs: graph.inputs.map(end),
    outputs: graph.outputs.map(end),
  };
}

const dependsOn = (side: number, batch: number) => side !== 0 && side % batch === 0;

function constantDependsOn(constant: OnnxTensor, batch: number): boolean {
  const values = constant.type === 'int64' ? int64s(constant) : constant.shape;
  return values.some((side) => dependsOn(side, batch));
}

function int64s({ bytes }: OnnxTensor): number[] {
  return Array.from(new BigInt64Array(bytes.slice().buffer), Number);
}

/** Vectors of sides: constants, and those that are computed from the input's own first side. */
class Sides {
  readonly nodes: OnnxNode[] = [];
  readonly #constants = new Map<string, OnnxTensor>();
  readonly #computed = new Map<string, string>();
  readonly #input: string;

  constructor(input: string) {
    this.#input = input;
  }

  get initializers(): OnnxTensor[] {
    return [...this.#constants.values()];
  }

  constant(values: readonly number[]): string {
    const key = values.join(',');
    let constant = this.#constants.get(key);
    if (constant === undefined) {
      const bytes = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
      constant = { name: `_sides${this.#constants.size}`, type: 'int64', shape: [values.length], bytes };
      this.#constants.set(key, constant);
    }
    return constant.name;
  }

  /** fixed + times * batch, element by element. */
  computed(sides: readonly number[], batch: number): string {
    const fixed = sides.map((side) => (dependsOn(side, batch) ? 0 : side));
    const times = sides.map((side) => (dependsOn(side, batch) ? side / batch : 0));
    const key = `${fixed.join(',')} ${times.join(',')}`;
    let name = this.#computed.get(key);
    if (name === undefined) {
      const rows = '_batchSide';
      if (this.nodes.length === 0) this.#append('Shape', [this.#input], rows, { start: 0, end: 1 });
      const product = `_sidesOfBatch${this.#computed.size}`;
      name = `_sidesAll${this.#computed.size}`;
      this.#append('Mul', [this.constant(times), rows], product);
      this.#append('Add', [this.constant(fixed), product], name);
      this.#computed.set(key, name);
    }
    return name;
  }

  #append(op: string, inputs: string[], output: string, attributes: OnnxNode['attributes'] = {}): void {
    this.nodes.push({ op, domain: '', inputs, outputs: [output], attributes });
  }
}

/** Where two graphs part, in words. */
function difference(a: OnnxGraph, b: OnnxGraph): string {
  const k = a.nodes.findIndex((node, i) => JSON.stringify(node) !== JSON.stringify(b.nodes[i]));
  if (k >= 0) return `${a.nodes[k]!.op} (node ${k})`;
  const constant = a.initializers.find((tensor, i) => {
    const other = b.initializers[i];
    return other === undefined || !Buffer.from(tensor.bytes).equals(other.bytes);
  });
  const user = a.nodes.find((node) => constant !== undefined && node.inputs.includes(constant.name));
  return user === undefined ? 'its outputs' : `a constant that ${user.op} takes`;
}
