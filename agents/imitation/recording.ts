/**
 * Play as it was recorded: what one player saw, did and was paid, step by step, in a file that describes itself. Little
 * endian:
 *
 * | bytes | what |
 * |---|---|
 * | 8 | `ARENAREC` |
 * | then blocks, each: 4 | n, bytes of its payload |
 * | 4 | CRC-32 of the payload |
 * | n | payload |
 *
 * The payload of the first block is the header, JSON in UTF-8. Each one behind it is a chunk of T consecutive steps of one
 * episode, deflated without a zlib header; N players, O cells of a window:
 *
 * | bytes | what |
 * |---|---|
 * | 4, 4, 4 | T; episode; tick of the first step |
 * | 4 | 1 where the episode ended with the last step, else 0 |
 * | 4 T | rewards float32, as the rules give them |
 * | T O | observations, class ids before the action |
 * | T | actions that counted |
 * | T | 1 where the action was the player's own, 0 where there was none and it stayed where it was |
 * | T N, or 0 | what everybody did in the step before, 255 where there was none: where the options reveal it |
 *
 * Blocks are whole or the last one: a writer that is killed leaves a file that can be read up to its last block.
 */
import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';
import * as z from 'zod';
import { explain } from '../../shared/definition.ts';
import { TrainingUsageError } from '../training/errors.ts';

export const RECORDING_FORMAT = 1;
export const RECORDING_EXTENSION = '.arenarec';
const MAGIC = 'ARENAREC';
const BLOCK_HEADER = 8;
const CHUNK_HEADER = 16;
/** Steps of a chunk at most: 16 s at 8 Hz are what a killed process loses. */
export const CHUNK_STEPS = 128;
/** What a reader takes of one block, bytes. */
const MAX_BLOCK = 64 * 1024 * 1024;
/** In `lastActions`, where there was no step before. */
export const NO_LAST_ACTION = 255;

const whole = z.int().min(0);

export const headerSchema = z.object({
  format: z.literal(RECORDING_FORMAT, {
    error: `of another version of the format than ${RECORDING_FORMAT}`,
  }),
  kind: z.literal('play'),
  environment: z.string(),
  /** All of them. */
  options: z.record(z.string(), z.unknown()),
  players: whole.min(1).max(240),
  /** Of the player. */
  seat: whole,
  actions: z.array(z.string()).min(1).max(255),
  observation: z.object({
    encoding: z.string(),
    dtype: z.literal('uint8'),
    shape: z.array(whole.min(1)).min(1).max(4),
    low: z.number(),
    high: z.number(),
  }),
  revealsActions: z.boolean(),
  /** Where it was played: episodes of one room are told apart from those of another. */
  room: z.string(),
  clock: z.enum(['realtime', 'lockstep']).nullable(),
  /** Ticks a second. */
  tickRate: z.number().nullable(),
  /** What the player saw: the whole map, or only the windows that are recorded. */
  view: z.enum(['full', 'partial']).nullable(),
  /** Of a practice room: with it the rules play the same world again. */
  seed: whole.nullable(),
  started: z.string(),
  versions: z.record(z.string(), z.string()),
});

export type RecordingHeader = z.infer<typeof headerSchema>;

/** T consecutive steps of one episode. */
export interface Chunk {
  readonly episode: number;
  /** Of the first step. */
  readonly tick: number;
  /** T */
  readonly steps: number;
  /** Whether the episode ended with the last step. */
  readonly ended: boolean;
  /** [T] */
  readonly rewards: Float32Array;
  /** [T, O] */
  readonly observations: Uint8Array;
  /** [T] */
  readonly actions: Uint8Array;
  /** [T] 0 or 1 */
  readonly own: Uint8Array;
  /** [T, N], or empty. */
  readonly lastActions: Uint8Array;
}

export interface Recording {
  readonly header: RecordingHeader;
  readonly chunks: readonly Chunk[];
  /** Bytes behind the last whole block: what a writer that was killed had begun. */
  readonly cutOff: number;
}

/** A file that is no recording, or not the one that is needed. */
export class RecordingError extends TrainingUsageError {
  override name = 'RecordingError';
}

/** O */
export const cellsOf = ({ observation }: RecordingHeader) =>
  observation.shape.reduce((product, side) => product * side, 1);

/** What a file begins with. */
export function encodeHeader(header: RecordingHeader): Uint8Array {
  const block = blockOf(Buffer.from(JSON.stringify(header)));
  return Buffer.concat([Buffer.from(MAGIC, 'latin1'), block]);
}

/** A block to be written behind what is there. */
export function encodeChunk(chunk: Chunk): Uint8Array {
  const { steps, rewards, observations, actions, own, lastActions } = chunk;
  const bytes = Buffer.alloc(CHUNK_HEADER + 4 * steps + observations.length + 2 * steps + lastActions.length);
  bytes.writeUInt32LE(steps, 0);
  bytes.writeUInt32LE(chunk.episode, 4);
  bytes.writeUInt32LE(chunk.tick, 8);
  bytes.writeUInt32LE(chunk.ended ? 1 : 0, 12);
  let at = CHUNK_HEADER;
  for (let t = 0; t < steps; t++, at += 4) bytes.writeFloatLE(rewards[t]!, at);
  for (const part of [observations, actions, own, lastActions]) {
    bytes.set(part, at);
    at += part.length;
  }
  return blockOf(deflateRawSync(bytes, { level: 6 }));
}

function blockOf(payload: Uint8Array): Buffer {
  const block = Buffer.alloc(BLOCK_HEADER + payload.length);
  block.writeUInt32LE(payload.length, 0);
  block.writeUInt32LE(crc32(payload), 4);
  block.set(payload, BLOCK_HEADER);
  return block;
}

/** @param source what errors call the bytes. @throws {RecordingError} */
export function decodeRecording(bytes: Uint8Array, source: string): Recording {
  const fail = (problem: string): never => {
    throw new RecordingError(`${source} ${problem}`);
  };
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (file.toString('latin1', 0, MAGIC.length) !== MAGIC) fail(`is no recording: ${looksLike(file)}`);
  let at = MAGIC.length;
  /** The next block's payload; null where the file ends before the block does. */
  const next = (): Buffer | null => {
    if (at + BLOCK_HEADER > file.length) return null;
    const length = file.readUInt32LE(at);
    const begin = at + BLOCK_HEADER;
    if (length > MAX_BLOCK) fail(`is damaged: the block at byte ${at} claims ${length} bytes`);
    if (begin + length > file.length) return null;
    const payload = file.subarray(begin, begin + length);
    if (crc32(payload) !== file.readUInt32LE(at + 4)) {
      fail(`is damaged: the block at byte ${at} is not what was written (its CRC-32 differs)`);
    }
    at = begin + length;
    return payload;
  };
  const first = next();
  if (first === null)
    return fail('is cut short: it ends before its header does, so that nothing in it can be read');
  const header = readHeader(first, fail);
  const chunks: Chunk[] = [];
  for (let block = at, payload = next(); payload !== null; block = at, payload = next()) {
    chunks.push(
      readChunk(payload, header, (problem) => fail(`is damaged: the block at byte ${block} ${problem}`)),
    );
  }
  return { header, chunks, cutOff: file.length - at };
}

type Fail = (problem: string) => never;

function readHeader(payload: Buffer, fail: Fail): RecordingHeader {
  let json: unknown;
  try {
    json = JSON.parse(payload.toString('utf8'));
  } catch {
    return fail('is damaged: its header is not JSON');
  }
  const result = headerSchema.safeParse(json);
  if (!result.success) return fail(`has a header that is not one: ${explain(result.error)}`);
  return result.data;
}

function readChunk(payload: Buffer, header: RecordingHeader, fail: Fail): Chunk {
  let bytes: Buffer;
  try {
    bytes = inflateRawSync(payload, { maxOutputLength: MAX_BLOCK });
  } catch (error) {
    return fail(`cannot be inflated: ${(error as Error).message}`);
  }
  if (bytes.length < CHUNK_HEADER) return fail('is too short for a chunk');
  const steps = bytes.readUInt32LE(0);
  const cells = cellsOf(header);
  const others = header.revealsActions ? header.players : 0;
  const length = CHUNK_HEADER + steps * (6 + cells + others);
  if (steps === 0 || bytes.length !== length) {
    return fail(`has ${bytes.length} bytes, ${steps} steps take ${length}`);
  }
  const rewards = Float32Array.from({ length: steps }, (_, t) => bytes.readFloatLE(CHUNK_HEADER + 4 * t));
  let at = CHUNK_HEADER + 4 * steps;
  const take = (count: number) => new Uint8Array(bytes.subarray(at, (at += count)));
  const chunk: Chunk = {
    steps,
    episode: bytes.readUInt32LE(4),
    tick: bytes.readUInt32LE(8),
    ended: bytes.readUInt32LE(12) === 1,
    rewards,
    observations: take(steps * cells),
    actions: take(steps),
    own: take(steps),
    lastActions: take(steps * others),
  };
  const strange = chunk.actions.find((action) => action >= header.actions.length);
  if (strange !== undefined) return fail(`has action ${strange}, there are ${header.actions.length}`);
  return chunk;
}

/** What a file is that is no recording, as far as its first bytes say. */
function looksLike(file: Buffer): string {
  const needed = 'give a file that an arena recorded';
  if (file.length === 0) return `it is empty, ${needed}`;
  const pickled = file[0] === 0x80 && file[1]! >= 2 && file[1]! <= 5;
  if (pickled) return `it is a Python pickle, which could run anything when it is read, ${needed}`;
  const start = file.toString('latin1', 0, 4);
  if (start === 'PK\x03\x04') return `it is a zip archive, as PyTorch writes its pickles, ${needed}`;
  return `it does not begin with ${MAGIC}, ${needed}`;
}
