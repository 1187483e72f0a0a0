/** A graph under construction: values with static shapes, nodes in the order they were appended, constants by content. */
import { sizeOf, type TypedArray } from '../program.ts';
import type { Attribute, ElementName, OnnxGraph, OnnxNode, OnnxTensor, OnnxValue } from './model.ts';

/** The element types of tensors while tracing. */
export type ValueType = 'float32' | 'int32' | 'bool';

export interface Value {
  readonly shape: readonly number[];
  readonly type: ValueType;
  /** Null while a fill is not needed as a tensor. */
  name: string | null;
  /** Every element is this number: kept aside, so that sums with 0 and products with 1 cost nothing. */
  readonly fill: number | null;
  /** What this is a transpose of, so that a transpose of a transpose is one of the source, or none. */
  readonly turned?: { readonly source: Value; readonly perm: readonly number[] };
}

export class GraphBuilder {
  readonly name: string;
  readonly #nodes: OnnxNode[] = [];
  readonly #constants = new Map<string, OnnxTensor>();
  readonly #inputs: OnnxValue[] = [];
  #count = 0;

  constructor(name: string) {
    this.name = name;
  }

  input(name: string, type: 'float32' | 'int32' | 'uint8', shape: readonly number[]): Value {
    this.#inputs.push({ name, type, shape });
    if (type !== 'uint8') return { name, type, shape, fill: null };
    return this.node('Cast', [{ name, type: 'int32', shape, fill: null }], 'int32', shape, { to: 6 });
  }

  constant(values: TypedArray, type: ValueType, shape: readonly number[]): Value {
    const first = values[0];
    if (values.length > 0 && values.every((value) => value === first)) return this.fill(first!, type, shape);
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();
    return { name: this.#initializer(type, shape, bytes), type, shape, fill: null };
  }

  fill(value: number, type: ValueType, shape: readonly number[]): Value {
    return { name: null, type, shape, fill: value };
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
    if (value.name !== null) return value.name;
    const scalar = this.scalar(value.fill!, value.type);
    value.name =
      value.shape.length === 0
        ? scalar
        : this.#append('Expand', [scalar, this.indices(value.shape)], {}, '', 1)[0]!;
    return value.name;
  }

  /** As `use`, where the operator broadcasts: a fill stays a scalar. */
  useBroadcast(value: Value): string {
    return value.fill !== null ? this.scalar(value.fill, value.type) : this.use(value);
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
    return { name: this.#append(op, names, attributes, domain, 1)[0]!, type, shape, fill: null };
  }

  /** Appends a node of several outputs of one type. */
  nodes(
    op: string,
    inputs: readonly (Value | string)[],
    type: ValueType,
    shapes: readonly (readonly number[])[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Value[] {
    const names = inputs.map((input) => (typeof input === 'string' ? input : this.use(input)));
    const outputs = this.#append(op, names, attributes, '', shapes.length);
    return shapes.map((shape, k) => ({ name: outputs[k]!, type, shape, fill: null }));
  }

  /** The graph of what the outputs need, and nothing else. */
  finish(outputs: Readonly<Record<string, Value>>): OnnxGraph {
    const ends: OnnxValue[] = [];
    for (const [output, value] of Object.entries(outputs)) {
      const name = this.outputName(output);
      this.#nodes.push({
        op: 'Identity',
        domain: '',
        inputs: [this.use(value)],
        outputs: [name],
        attributes: {},
      });
      ends.push({ name, type: value.type, shape: value.shape });
    }
    const needed = new Set(ends.map((end) => end.name));
    const nodes: OnnxNode[] = [];
    for (let k = this.#nodes.length - 1; k >= 0; k--) {
      const node = this.#nodes[k]!;
      if (!node.outputs.some((output) => needed.has(output))) continue;
      for (const input of node.inputs) needed.add(input);
      nodes.push(node);
    }
    nodes.reverse();
    const initializers = [...this.#constants.values()].filter((constant) => needed.has(constant.name));
    return { name: this.name, nodes, initializers, inputs: this.#inputs, outputs: ends };
  }

  /** What an output is called in the file: an input may have the same name, and then that is taken. */
  outputName(output: string): string {
    return this.#inputs.some((input) => input.name === output) ? `${output}_next` : output;
  }

  #append(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>>,
    domain: string,
    count: number,
  ): string[] {
    const outputs = Array.from({ length: count }, () => `v${this.#count++}`);
    this.#nodes.push({ op, domain, inputs, outputs, attributes });
    return outputs;
  }

  #initializer(type: ElementName, shape: readonly number[], bytes: Uint8Array): string {
    const key = `${type} ${shape.join(',')} ${Buffer.from(bytes).toString('base64')}`;
    let constant = this.#constants.get(key);
    if (constant === undefined) {
      constant = { name: `k${this.#constants.size}`, type, shape, bytes };
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
