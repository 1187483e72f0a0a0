/**
 * How large the tensors are that an ONNX graph makes of numbers in its own file. Nine bytes can ask for any amount of memory;
 * that a file is small says nothing of it. What a graph makes of its inputs is not known before it runs.
 */

/** Elements of one tensor: 64 MB of float32. */
export const LARGEST_TENSOR = 16_000_000;

export interface SizedTensor {
  readonly name: string;
  readonly data_type: number;
  readonly int32_data: readonly number[];
  readonly int64_data: readonly { toString(): string }[];
  readonly raw_data: Uint8Array;
}

export interface SizedNode {
  readonly op_type: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attribute: readonly {
    readonly name: string;
    readonly ints: readonly { toString(): string }[];
    readonly t: readonly SizedTensor[];
  }[];
}

/** Most sides that a shape has. A longer list of numbers is none. */
const MOST_SIDES = 32;
const INT32 = 6;
const INT64 = 7;

/** @returns the first operator that makes a tensor of more than `LARGEST_TENSOR` elements, and how many; null for none. */
export function largeTensor(
  nodes: readonly SizedNode[],
  initializers: readonly SizedTensor[],
): { readonly operator: string; readonly elements: number } | null {
  const constants = new Map<string, readonly number[]>();
  for (const tensor of initializers) constants.set(tensor.name, wholeNumbers(tensor));
  for (const node of nodes)
    if (node.op_type === 'Constant') constants.set(node.output[0] ?? '', constantOf(node));
  for (const node of nodes) {
    const elements = elementsOf(node, (at) => constants.get(node.input[at] ?? '') ?? []);
    if (elements > LARGEST_TENSOR) return { operator: node.op_type, elements };
  }
  return null;
}

/** At least so many elements a node makes, as far as constants say; 1 where they say nothing. */
function elementsOf({ op_type, attribute }: SizedNode, constant: (at: number) => readonly number[]): number {
  switch (op_type) {
    case 'ConstantOfShape':
      return product(constant(0));
    case 'Expand':
    case 'Tile':
      return product(constant(1));
    case 'Resize':
      return product(constant(3));
    case 'OneHot':
      return product(constant(1));
    case 'RandomNormal':
    case 'RandomUniform':
      return product(attribute.find(({ name }) => name === 'shape')?.ints.map(Number) ?? []);
    case 'Range': {
      const [start, limit, delta] = [constant(0), constant(1), constant(2)];
      if (start.length + limit.length + delta.length < 3) return 1;
      return (limit[0]! - start[0]!) / delta[0]!;
    }
    default:
      return 1;
  }
}

/** A side of 0 or less, where that says that it is taken from elsewhere, counts as 1. */
const product = (sides: readonly number[]) => sides.reduce((all, side) => all * Math.max(1, side), 1);

function constantOf({ attribute }: SizedNode): readonly number[] {
  const ints = attribute.find(({ name }) => name === 'value_ints')?.ints;
  if (ints !== undefined) return ints.map((value) => Number(value.toString()));
  const tensor = attribute.find(({ name }) => name === 'value')?.t[0];
  return tensor === undefined ? [] : wholeNumbers(tensor);
}

/** A short list of whole numbers, such as a shape; nothing for all else. */
function wholeNumbers({ data_type, int32_data, int64_data, raw_data }: SizedTensor): readonly number[] {
  if (data_type !== INT32 && data_type !== INT64) return [];
  const bytes = data_type === INT64 ? 8 : 4;
  if (raw_data.length > MOST_SIDES * bytes) return [];
  const view = new DataView(raw_data.buffer, raw_data.byteOffset, raw_data.byteLength);
  const raw = Array.from({ length: Math.floor(raw_data.length / bytes) }, (_, k) =>
    data_type === INT64 ? Number(view.getBigInt64(8 * k, true)) : view.getInt32(4 * k, true),
  );
  const listed = data_type === INT64 ? int64_data.map((value) => Number(value.toString())) : int32_data;
  return raw.length > 0 ? raw : listed.slice(0, MOST_SIDES);
}
