import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { crc32c, frame, TensorBoardWriter } from './tensorboard.ts';

const root = mkdtempSync(join(tmpdir(), 'arena-events-'));
afterAll(() => rmSync(root, { recursive: true }));

describe('crc32c', () => {
  it.each([
    ['the check of the catalogue', Buffer.from('123456789'), 0xe3069283],
    ['32 zeros (RFC 3720)', new Uint8Array(32), 0x8a9136aa],
    ['32 ones (RFC 3720)', new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ['0 to 31 (RFC 3720)', Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
    ['nothing', new Uint8Array(0), 0],
  ])('of %s', (_, bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected);
  });
});

describe('frame', () => {
  it('has length, checksum, data, checksum', () => {
    const record = frame(new Uint8Array(32));
    const view = new DataView(record.buffer);
    expect(record.length).toBe(8 + 4 + 32 + 4);
    expect(view.getBigUint64(0, true)).toBe(32n);
    // 0x8a9136aa turned right by 15 bits is 0x6d551522; plus 0xa282ead8 it is 0x10fd7fffa.
    expect(view.getUint32(44, true)).toBe(0x0fd7fffa);
  });
});

describe('TensorBoardWriter', () => {
  /** The data of each record of a file. */
  function records(path: string): Buffer[] {
    const bytes = readFileSync(path);
    const found: Buffer[] = [];
    for (let at = 0; at < bytes.length; ) {
      const length = Number(bytes.readBigUInt64LE(at));
      found.push(bytes.subarray(at + 12, at + 12 + length));
      at += 16 + length;
    }
    return found;
  }

  it('writes the protobuf bytes of a version and of a scalar', () => {
    const folder = mkdtempSync(join(root, 'a-'));
    const writer = new TensorBoardWriter(folder, { now: () => 2 });
    writer.scalars(300, { x: 0.5 });
    writer.close();
    const [name] = readdirSync(folder);
    expect(name).toMatch(/^events\.out\.tfevents\.0000000002\./);
    const [version, event] = records(join(folder, name!));
    // Field 1 as a double (2 is 0x4000000000000000), field 3 as text of 13 bytes.
    expect(version!.toString('latin1')).toBe('\x09\0\0\0\0\0\0\0\x40\x1a\x0dbrain.Event:2');
    // Field 2 is the varint 300 (ac 02); field 5 a summary with one value: tag x, float 0.5 (0x3f000000).
    expect(event!.toString('hex')).toBe('09000000000000004010ac022a0a0a080a017815' + '0000003f');
  });

  it('writes zeros, which protobuf would leave out', () => {
    const folder = mkdtempSync(join(root, 'b-'));
    const writer = new TensorBoardWriter(folder, { now: () => 2 });
    writer.scalars(0, { x: 0 });
    writer.close();
    const event = records(join(folder, readdirSync(folder)[0]!))[1]!;
    expect(event.toString('hex')).toMatch(/0a01781500000000$/);
  });

  it('names its file behind those that are there, even if the clock was set back', () => {
    const folder = mkdtempSync(join(root, 'c-'));
    writeFileSync(join(folder, 'events.out.tfevents.1700000000.host.1'), '');
    new TensorBoardWriter(folder, { now: () => 1_600_000_000, resumeAt: 10 }).close();
    expect(readdirSync(folder).sort()[1]).toMatch(/^events\.out\.tfevents\.1700000001\./);
  });
});
