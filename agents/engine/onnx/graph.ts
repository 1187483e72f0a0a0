/** A graph under construction: values with static shapes, nodes in the order they were appended, constants by content. */
import { sizeOf, type TypedArray } from '../program.ts';
import type { Attribute, ElementName, OnnxGraph, OnnxNode, OnnxTensor, OnnxValue } from './model.ts';

/** The element types of tensors while tracing. */
export type ValueType = 'float32' | 'int32' | 'bool';

export interface Value {
  readonly shape: readonly number[];
  readonly type: ValueType;
  /** Of the tensor in the graph, which lacks the first `lead` axes. Null while a fill is not needed as a tensor. */
  name: string | null;
  /**
   * How many leading axes, all of length 1, the tensor lacks. Where one network serves all players the axis of networks
   * is such a one: without it reductions are 20 times as fast and hundreds of reshapes, at 4 us each, are not there.
   */
  readonly lead: number;
  /** Every element is this number: kept aside, so that sums with 0 and products with 1 cost nothing. */
  readonly fill: number | null;
  /** What this is a transpose of, so that a transpose of a transpose is one of the source, or none. */
  readonly turned?: { readonly source: Value; readonly perm: readonly number[] };
  /** What this is a reshape of. */
  readonly reshaped?: Value;
}

/** The shape of the tensor in the graph. */
export const storedShape = ({ shape, lead }: Value): readonly number[] => shape.slice(lead);

export const leadingOnes = (shape: readonly number[]): number => {
  const first = shape.findIndex((side) => side !== 1);
  return first === -1 ? shape.length : first;
};

export class GraphBuilder {
  readonly name: string;
  readonly #nodes: OnnxNode[] = [];
  /** Outputs of nodes by what they compute: what was computed once is not computed again. */
  readonly #computed = new Map<string, readonly string[]>();
  readonly #made = new Set<string>();
  readonly #constants = new Map<string, OnnxTensor>();
  readonly #inputs: OnnxValue[] = [];
  #count = 0;

  constructor(name: string) {
    this.name = name;
  }

  /** An input, which the file too has without leading axes of length 1. */
  input(name: string, type: 'float32' | 'int32' | 'uint8', shape: readonly number[]): Value {
    const lead = leadingOnes(shape);
    this.#inputs.push({ name, type, shape: shape.slice(lead) });
    if (type !== 'uint8') return { name, type, shape, fill: null, lead };
    return this.unary('Cast', { name, type: 'int32', shape, fill: null, lead }, 'int32', { to: 6 });
  }

  constant(values: TypedArray, type: ValueType, shape: readonly number[]): Value {
    const first = values[0];
    if (values.length > 0 && values.every((value) => value === first)) return this.fill(first!, type, shape);
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();
    const lead = leadingOnes(shape);
    return { name: this.#initializer(type, shape.slice(lead), bytes), type, shape, fill: null, lead };
  }

  fill(value: number, type: ValueType, shape: readonly number[]): Value {
    return { name: null, type, shape, fill: value, lead: 0 };
  }

  /** The int64 vectors that ONNX takes axes and shapes as. */
  indices(values: readonly number[]): string {
    const array = BigInt64Array.from(values, BigInt);
    return this.#initializer('int64', [values.length], new Uint8Array(array.buffer));
  }

  scalar(value: number, type: ValueType): string {
    const array =
      type === 'float32'
        ? Float32Array.of(value)
        : type === 'int32'
          ? Int32Array.of(value)
          : Uint8Array.of(value);
    return this.#initializer(type, [], new Uint8Array(array.buffer));
  }

  /** The name of a value as a tensor of its full shape. */
  use(value: Value): string {
    return this.useFrom(value, 0);
  }

  /** The name of a value as a tensor without its first `lead` axes, all of length 1. */
  useFrom(value: Value, lead: number): string {
    const name = this.useStored(value);
    if (value.lead === lead) return name;
    return this.#append('Reshape', [name, this.indices(value.shape.slice(lead))], {}, '', 1)[0]!;
  }

  /** The name of a value as the tensor that is there. */
  useStored(value: Value): string {
    if (value.name !== null) return value.name;
    const scalar = this.scalar(value.fill!, value.type);
    value.name =
      value.shape.length === 0
        ? scalar
        : this.#append('Expand', [scalar, this.indices(value.shape)], {}, '', 1)[0]!;
    return value.name;
  }

  /** Appends a node of one output. Inputs given as strings are names of constants. */
  node(
    op: string,
    inputs: readonly (Value | string)[],
    type: ValueType,
    shape: readonly number[],
    attributes: Readonly<Record<string, Attribute>> = {},
    domain = '',
  ): Value {
    const names = inputs.map((input) => (typeof input === 'string' ? input : this.use(input)));
    return {
      name: this.#append(op, names, attributes, domain, 1)[0]!,
      type,
      shape,
      fill: null,
      lead: 0,
    };
  }

  /** As `node` where input tensors are named as they are stored, and so is the output, without its first `lead` axes. */
  stored(
    op: string,
    names: readonly string[],
    type: ValueType,
    shape: readonly number[],
    lead: number,
    attributes: Readonly<Record<string, Attribute>> = {},
    domain = '',
  ): Value {
    return { name: this.#append(op, names, attributes, domain, 1)[0]!, type, shape, fill: null, lead };
  }

  /** A function of one variable, element by element. */
  unary(
    op: string,
    x: Value,
    type: ValueType = x.type,
    attributes: Readonly<Record<string, Attribute>> = {},
    constants: readonly string[] = [],
  ): Value {
    return this.stored(op, [this.useStored(x), ...constants], type, x.shape, x.lead, attributes);
  }

  /** The same elements in another shape: no node where axes of length 1 come or go in front, or an earlier one is undone. */
  reshape(x: Value, shape: readonly number[]): Value {
    if (sameShape(x.shape, shape)) return x;
    if (x.fill !== null) return this.fill(x.fill, x.type, shape);
    const source = x.reshaped ?? x;
    for (const given of [source, x]) {
      const stored = storedShape(given);
      const lead = shape.length - stored.length;
      if (lead >= 0 && leadingOnes(shape) >= lead && sameShape(stored, shape.slice(lead))) {
        return { name: given.name, type: x.type, shape, fill: null, lead };
      }
    }
    const lead = leadingOnes(shape);
    const sides = this.indices(shape.slice(lead));
    return {
      ...this.stored('Reshape', [this.useStored(source), sides], x.type, shape, lead),
      reshaped: source,
    };
  }

  /** Pieces along an axis, all without their first `lead` axes as is their source. */
  split(x: Value, sizes: readonly number[], axis: number): Value[] {
    const lead = Math.min(x.lead, axis);
    const source = this.useFrom(x, lead);
    // Of rows cut up, slices take half of the time.
    const names =
      axis > lead
        ? this.#slices(source, sizes, axis - lead)
        : this.#append('Split', [source, this.indices(sizes)], { axis: 0 }, '', sizes.length);
    return sizes.map((size, k) => ({
      name: names[k]!,
      type: x.type,
      shape: x.shape.map((side, a) => (a === axis ? size : side)),
      fill: null,
      lead,
    }));
  }

  #slices(source: string, sizes: readonly number[], axis: number): string[] {
    let start = 0;
    return sizes.map((size) => {
      const bounds = [this.indices([start]), this.indices([start + size]), this.indices([axis])];
      start += size;
      return this.#append('Slice', [source, ...bounds], {}, '', 1)[0]!;
    });
  }

  /** The graph of what the outputs need, and nothing else. Outputs too are without leading axes of length 1. */
  finish(outputs: Readonly<Record<string, Value>>): OnnxGraph {
    const ends: OnnxValue[] = [];
    const renamed = new Map<string, string>();
    for (const [output, value] of Object.entries(outputs)) {
      const name = this.outputName(output);
      if (name !== output && (name in outputs || this.#inputs.some((input) => input.name === name))) {
        throw new Error(
          `output ${output} would be ${name} in the file, since there is an input ${output}, and ${name} is there too`,
        );
      }
      const lead = leadingOnes(value.shape);
      const tensor = this.useFrom(value, lead);
      // The node that makes it writes where the output is wanted; only what is no node's own is copied there.
      if (!this.#isGiven(tensor) && !renamed.has(tensor)) renamed.set(tensor, name);
      else
        this.#nodes.push({ op: 'Identity', domain: '', inputs: [tensor], outputs: [name], attributes: {} });
      ends.push({ name, type: value.type, shape: value.shape.slice(lead) });
    }
    const rename = (name: string) => renamed.get(name) ?? name;
    const needed = new Set(ends.map((end) => end.name));
    const nodes: OnnxNode[] = [];
    for (let k = this.#nodes.length - 1; k >= 0; k--) {
      const node = this.#nodes[k]!;
      const made = node.outputs.map(rename);
      if (!made.some((output) => needed.has(output))) continue;
      const inputs = node.inputs.map(rename);
      for (const input of inputs) needed.add(input);
      nodes.push({ ...node, inputs, outputs: made });
    }
    nodes.reverse();
    const initializers = [...this.#constants.values()].filter((constant) => needed.has(constant.name));
    return { name: this.name, nodes, initializers, inputs: this.#inputs, outputs: ends };
  }

  /** What an output is called in the file: an input may have the same name, and then that is taken. */
  outputName(output: string): string {
    return this.#inputs.some((input) => input.name === output) ? `${output}_next` : output;
  }

  /** Whether a tensor is an input or a constant. */
  #isGiven(tensor: string): boolean {
    return !this.#made.has(tensor);
  }

  #append(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>>,
    domain: string,
    count: number,
  ): readonly string[] {
    const key = JSON.stringify([op, domain, inputs, attributes, count]);
    let outputs = this.#computed.get(key);
    if (outputs === undefined) {
      outputs = Array.from({ length: count }, () => `_v${this.#count++}`);
      this.#computed.set(key, outputs);
      this.#nodes.push({ op, domain, inputs, outputs, attributes });
      for (const output of outputs) this.#made.add(output);
    }
    return outputs;
  }

  #initializer(type: ElementName, shape: readonly number[], bytes: Uint8Array): string {
    const key = `${type} ${shape.join(',')} ${Buffer.from(bytes).toString('base64')}`;
    let constant = this.#constants.get(key);
    if (constant === undefined) {
      constant = { name: `_k${this.#constants.size}`, type, shape, bytes };
      this.#constants.set(key, constant);
    }
    return constant.name;
  }
}

/** numpy's broadcasting. @throws {Error} for shapes that do not fit. */
export function broadcastShape(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, k) => {
    const x = a[a.length - rank + k] ?? 1;
    const y = b[b.length - rank + k] ?? 1;
    if (x !== y && x !== 1 && y !== 1) {
      throw new Error(`shapes [${a.join(', ')}] and [${b.join(', ')}] do not broadcast`);
    }
    return x === 1 ? y : x;
  });
}

export const sameShape = (a: readonly number[], b: readonly number[]) =>
  a.length === b.length && a.every((side, k) => side === b[k]);

export { sizeOf };
