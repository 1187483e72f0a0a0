/**
 * Checkpoints as safetensors files, which Python's `safetensors` reads as well:
 *
 *     uint64 little-endian  H, bytes of the header
 *     H bytes               JSON {name: {dtype, shape, data_offsets: [begin, end]}, __metadata__: {text: text}}
 *     the rest              the tensors' elements, little-endian, row-major, without gaps
 *
 * The header is padded with spaces to a multiple of 8 and tensors with wide elements come first, so that every tensor
 * lies at a multiple of its element's size. The metadata's `sha256` is that of the rest, in hexadecimal.
 * Format: https://github.com/huggingface/safetensors
 */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { explain } from '../../shared/definition.ts';
import { TrainingUsageError } from './errors.ts';

/** A file that is not a checkpoint, or no longer the one that was written; says what and where. */
export class CheckpointError extends TrainingUsageError {
  override name = 'CheckpointError';
}

const ARRAYS = {
  F64: Float64Array,
  I64: BigInt64Array,
  F32: Float32Array,
  I32: Int32Array,
  U32: Uint32Array,
  U8: Uint8Array,
} as const;

export type Dtype = keyof typeof ARRAYS;
export type TensorArray<D extends Dtype = Dtype> = InstanceType<(typeof ARRAYS)[D]>;
const DTYPES = Object.keys(ARRAYS) as Dtype[];

export interface Tensor {
  /** Row-major; [] for a scalar. */
  readonly shape: readonly number[];
  /** As many elements as the shape says; the type of array is the dtype. */
  readonly data: TensorArray;
}

export interface TensorFile {
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** Without `sha256`. */
  readonly metadata: Readonly<Record<string, string>>;
}

const METADATA = '__metadata__';
const CHECKSUM = 'sha256';
const PREFIX = 8;
const ALIGNMENT = 8;
/** What the reference implementation takes at most, bytes. */
const MAX_HEADER = 100_000_000;

const whole = z.int().min(0);
const entrySchema = z.strictObject({
  dtype: z.enum(DTYPES as [Dtype, ...Dtype[]]),
  shape: z.array(whole),
  data_offsets: z.tuple([whole, whole]),
});
const metadataSchema = z.record(z.string(), z.string());

/**
 * @param metadata what else a reader wants to know, as text; `sha256` is added.
 * @throws {RangeError} for a shape that has not as many elements as its data, or a reserved name.
 */
export function encodeSafetensors(
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const names = Object.keys(tensors);
  if (names.includes(METADATA)) throw new RangeError(`${METADATA} is no name for a tensor`);
  // Wide elements first; the sort is stable, so that equal tensors keep their order and files are reproducible.
  names.sort((a, b) => tensors[b]!.data.BYTES_PER_ELEMENT - tensors[a]!.data.BYTES_PER_ELEMENT);
  const entries: [string, z.infer<typeof entrySchema>][] = [];
  const hash = createHash('sha256');
  let size = 0;
  for (const name of names) {
    const { shape, data } = tensors[name]!;
    if (elements(shape) !== data.length) {
      throw new RangeError(`${name}: shape [${shape.join(', ')}] does not have ${data.length} elements`);
    }
    entries.push([
      name,
      { dtype: dtypeOf(data), shape: [...shape], data_offsets: [size, size + data.byteLength] },
    ]);
    hash.update(bytesOf(data));
    size += data.byteLength;
  }
  const text = JSON.stringify({
    [METADATA]: { ...metadata, [CHECKSUM]: hash.digest('hex') },
    ...Object.fromEntries(entries),
  });
  const header = Buffer.from(text);
  const headerSize = Math.ceil(header.length / ALIGNMENT) * ALIGNMENT;
  const file = new Uint8Array(PREFIX + headerSize + size);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerSize), true);
  file.fill(0x20, PREFIX, PREFIX + headerSize);
  file.set(header, PREFIX);
  for (const [name, { data_offsets }] of entries) {
    file.set(bytesOf(tensors[name]!.data), PREFIX + headerSize + data_offsets[0]);
  }
  return file;
}

/**
 * The tensors own their memory: nothing points into `bytes` afterwards.
 * @param source what errors call the file.
 * @throws {CheckpointError}
 */
export function decodeSafetensors(bytes: Uint8Array, source = 'checkpoint'): TensorFile {
  const fail = (problem: string): never => {
    throw new CheckpointError(`${source}: ${problem}`);
  };
  if (bytes.length < PREFIX) return fail(`${bytes.length} bytes long, a checkpoint has at least ${PREFIX}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerSize = Number(view.getBigUint64(0, true));
  if (headerSize > MAX_HEADER) fail(`bytes 0 to 7 give the header ${headerSize} bytes: not a checkpoint`);
  const start = PREFIX + headerSize;
  if (start > bytes.length) {
    fail(`cut short: the header should end at byte ${start}, the file ends at ${bytes.length}`);
  }
  // Of a Buffer, which a file is read as, `slice` would be a view into all of it.
  const data = new Uint8Array(bytes.buffer, bytes.byteOffset + start, bytes.length - start);
  const { entries, metadata } = readHeader(bytes.subarray(PREFIX, start), fail);
  checkLayout(entries, data.length, start, fail);
  const { [CHECKSUM]: checksum, ...rest } = metadata;
  if (checksum !== undefined) {
    const found = createHash('sha256').update(data).digest('hex');
    if (found !== checksum) {
      fail(`damaged: the data's sha256 is ${found}, ${METADATA}.${CHECKSUM} says ${checksum}`);
    }
  }
  const tensors = new Map<string, Tensor>();
  for (const [name, { dtype, shape, data_offsets }] of entries) {
    tensors.set(name, { shape, data: new ARRAYS[dtype](data.slice(...data_offsets).buffer) });
  }
  return { tensors, metadata: rest };
}

/**
 * One tensor of a file as what it has to be.
 * @param shape what it has to have; any when left out.
 * @throws {CheckpointError} when it is missing or is something else.
 */
export function tensorOf<D extends Dtype>(
  { tensors }: TensorFile,
  name: string,
  dtype: D,
  shape?: readonly number[],
): TensorArray<D> {
  const tensor = tensors.get(name);
  if (tensor === undefined) {
    throw new CheckpointError(
      `no tensor ${name} in the checkpoint, there are ${[...tensors.keys()].join(', ')}`,
    );
  }
  const found = `${dtypeOf(tensor.data)} [${tensor.shape.join(', ')}]`;
  const expected = `${dtype} [${(shape ?? tensor.shape).join(', ')}]`;
  if (found !== expected) throw new CheckpointError(`tensor ${name} is ${found}, ${expected} is needed`);
  return tensor.data as TensorArray<D>;
}

type Fail = (problem: string) => never;
type Entries = [string, z.infer<typeof entrySchema>][];

function readHeader(bytes: Uint8Array, fail: Fail): { entries: Entries; metadata: Record<string, string> } {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    return fail(`the header is not JSON: ${(error as Error).message}`);
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    return fail('the header is no object');
  const entries: Entries = [];
  let metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(json)) {
    const result = (name === METADATA ? metadataSchema : entrySchema).safeParse(value);
    if (!result.success) fail(`header, ${name}: ${explain(result.error)}`);
    else if (name === METADATA) metadata = result.data as Record<string, string>;
    else entries.push([name, result.data as z.infer<typeof entrySchema>]);
  }
  return { entries, metadata };
}

/** Every tensor as long as its shape says, and all of them without gap or overlap from the first byte to the last. */
function checkLayout(entries: Entries, size: number, start: number, fail: Fail): void {
  let end = 0;
  let previous = 'the header';
  const inOrder = entries.toSorted(
    ([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1],
  );
  for (const [name, { dtype, shape, data_offsets }] of inOrder) {
    const [from, to] = data_offsets;
    const needed = elements(shape) * ARRAYS[dtype].BYTES_PER_ELEMENT;
    if (to - from !== needed) {
      fail(
        `tensor ${name}: ${dtype} [${shape.join(', ')}] takes ${needed} bytes, its offsets ${from} to ${to} give ${to - from}`,
      );
    }
    if (from !== end) {
      fail(
        `tensor ${name} starts at ${from}, ${from < end ? 'inside' : 'not at the end of'} ${previous}, which ends at ${end}`,
      );
    }
    if (to > size) {
      fail(`cut short: tensor ${name} should end at byte ${start + to}, the file ends at ${start + size}`);
    }
    end = to;
    previous = name;
  }
  if (end !== size) fail(`${size - end} bytes after the last tensor belong to none`);
}

function elements(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}

function dtypeOf(data: TensorArray): Dtype {
  const dtype = DTYPES.find((name) => data instanceof ARRAYS[name]);
  if (dtype === undefined) throw new RangeError(`no dtype for ${(data as object).constructor.name}`);
  return dtype;
}

/** The elements as they lie in memory, which is little-endian wherever Node runs. */
function bytesOf({ buffer, byteOffset, byteLength }: TensorArray): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
