/**
 * Scalars for TensorBoard: event files in its own format, without TensorFlow.
 *
 * A file is a sequence of TFRecords (uint64 length, masked crc32c of it, data, masked crc32c of the data; all
 * little-endian), each an `Event` message; the first says which version of the format follows.
 * Formats: tensorflow/core/lib/io/record_writer.h and tensorflow/core/util/event.proto in the TensorFlow repository.
 */
import { readdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import protobuf from 'protobufjs/light.js';
import { AppendFile } from './append-file.ts';

const PREFIX = 'events.out.tfevents.';

/** The fields of TensorFlow's messages that are written here. */
const Event = protobuf.Root.fromJSON({
  nested: {
    Event: {
      fields: {
        wallTime: { id: 1, type: 'double' },
        step: { id: 2, type: 'int64' },
        fileVersion: { id: 3, type: 'string' },
        summary: { id: 5, type: 'Summary' },
        sessionLog: { id: 7, type: 'SessionLog' },
      },
    },
    Summary: { fields: { value: { rule: 'repeated', id: 1, type: 'Value' } } },
    Value: {
      fields: { tag: { id: 1, type: 'string' }, simpleValue: { id: 2, type: 'float' } },
      // One of several kinds of value: zero is written too, as what tells which kind it is.
      oneofs: { value: { oneof: ['simpleValue'] } },
    },
    SessionLog: { fields: { status: { id: 1, type: 'int32' } } },
  },
}).lookupType('Event');

/** `SessionLog.SessionStatus`. */
const START = 1;

export interface TensorBoardOptions {
  /**
   * A run that goes on behind this step: what earlier event files of the folder hold of later steps is not shown any
   * more. Null for a new run.
   */
  readonly resumeAt?: number | null;
  /** Seconds since 1970. */
  readonly now?: () => number;
}

export class TensorBoardWriter {
  readonly #file: AppendFile;
  readonly #now: () => number;

  /** Starts an event file in `folder`. @throws {WriteError} */
  constructor(folder: string, { resumeAt = null, now = () => Date.now() / 1000 }: TensorBoardOptions = {}) {
    this.#now = now;
    this.#file = new AppendFile(join(folder, eventFileName(folder, now())));
    this.#write({ fileVersion: 'brain.Event:2' });
    // TensorBoard drops events at and behind the step of a start, so that the step resumed at keeps its values.
    if (resumeAt !== null) this.#write({ step: resumeAt + 1, sessionLog: { status: START } });
  }

  /**
   * Values of one step, by tag; float32 in the file, NaN and infinities included.
   * @throws {WriteError}
   */
  scalars(step: number, values: Readonly<Record<string, number>>): void {
    const value = Object.entries(values).map(([tag, simpleValue]) => ({ tag, simpleValue }));
    this.#write({ step, summary: { value } });
  }

  /** @throws {WriteError} */
  close(): void {
    this.#file.close();
  }

  #write(fields: Record<string, unknown>): void {
    this.#file.append(frame(Event.encode({ wallTime: this.#now(), ...fields }).finish()));
  }
}

/** TensorBoard reads a folder's files in the order of their names: a new one has to come last, whatever the clock says. */
function eventFileName(folder: string, now: number): string {
  const times = readdirSync(folder)
    .filter((name) => name.startsWith(PREFIX))
    .map((name) => Number.parseInt(name.slice(PREFIX.length), 10))
    .filter(Number.isFinite);
  const time = Math.max(Math.floor(now), ...times.map((earlier) => earlier + 1));
  return `${PREFIX}${String(time).padStart(10, '0')}.${hostname()}.${process.pid}`;
}

/** One TFRecord. */
export function frame(data: Uint8Array): Uint8Array {
  const record = new Uint8Array(16 + data.length);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, masked(crc32c(record.subarray(0, 8))), true);
  record.set(data, 12);
  view.setUint32(12 + data.length, masked(crc32c(data)), true);
  return record;
}

/** The checksum as TFRecords keep it, so that a checksum over data that holds checksums is still a good one. */
function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** Castagnoli's polynomial, bits reversed. Node's own crc32 is another one's. */
const POLYNOMIAL = 0x82f63b78;
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  for (let bit = 0; bit < 8; bit++) byte = byte & 1 ? (byte >>> 1) ^ POLYNOMIAL : byte >>> 1;
  return byte;
});

/** CRC-32C (RFC 3720, appendix B.4). */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}
