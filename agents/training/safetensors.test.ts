import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CheckpointError, decodeSafetensors, encodeSafetensors, tensorOf } from './safetensors.ts';

/** A file from a header as given and its data. */
function fileOf(header: unknown, data: Uint8Array | number[] = []): Uint8Array {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const file = new Uint8Array(8 + text.length + data.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  file.set(data, 8 + text.length);
  return file;
}

const u8 = (shape: number[], from: number, to: number) => ({ dtype: 'U8', shape, data_offsets: [from, to] });

describe('encodeSafetensors', () => {
  it('writes the bytes of the format', () => {
    const file = encodeSafetensors({ a: { shape: [2], data: Uint8Array.of(7, 9) } });
    const sum = createHash('sha256').update(Uint8Array.of(7, 9)).digest('hex');
    const text = `{"__metadata__":{"sha256":"${sum}"},"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}`;
    const padded = text.padEnd(Math.ceil(text.length / 8) * 8);
    expect(file).toEqual(fileOf(padded, [7, 9]));
  });

  it('puts every tensor at a multiple of its element size, whatever their order', () => {
    const file = encodeSafetensors({
      bytes: { shape: [3], data: new Uint8Array(3) },
      floats: { shape: [1], data: new Float32Array(1) },
      wide: { shape: [1], data: new BigInt64Array(1) },
    });
    const size = Number(new DataView(file.buffer).getBigUint64(0, true));
    const header = JSON.parse(Buffer.from(file.subarray(8, 8 + size)).toString());
    expect(size % 8).toBe(0);
    expect([header.wide, header.floats, header.bytes].map(({ data_offsets }) => data_offsets)).toEqual([
      [0, 8],
      [8, 12],
      [12, 15],
    ]);
  });

  it('refuses a shape that its data does not fill', () => {
    expect(() => encodeSafetensors({ a: { shape: [2, 2], data: new Float32Array(3) } })).toThrow(
      'a: shape [2, 2] does not have 3 elements',
    );
  });
});

describe('decodeSafetensors', () => {
  const numbers = fc.oneof(
    fc.float32Array({ maxLength: 9 }),
    fc.float64Array({ maxLength: 9 }),
    fc.int32Array({ maxLength: 9 }),
    fc.uint32Array({ maxLength: 9 }),
    fc.uint8Array({ maxLength: 9 }),
    fc.bigInt64Array({ maxLength: 9 }),
  );
  const name = fc.string().filter((text) => text !== '__metadata__' && text !== '__proto__');

  it('gives back what was encoded, element by element, from any offset in memory', () => {
    fc.assert(
      fc.property(
        fc.dictionary(name, numbers),
        fc.dictionary(
          fc.string().filter((key) => key !== 'sha256' && key !== '__proto__'),
          fc.string(),
        ),
        fc.nat(7),
        (arrays, metadata, offset) => {
          const tensors = Object.fromEntries(
            Object.entries(arrays).map(([key, data]) => [key, { shape: [1, data.length], data }]),
          );
          const encoded = encodeSafetensors(tensors, metadata);
          const moved = new Uint8Array(encoded.length + offset);
          moved.set(encoded, offset);
          const decoded = decodeSafetensors(moved.subarray(offset));
          expect(decoded.metadata).toEqual({ ...metadata });
          expect(decoded.tensors.size).toBe(Object.keys(arrays).length);
          for (const [key, tensor] of Object.entries(tensors)) {
            expect(decoded.tensors.get(key)).toEqual(tensor);
          }
        },
      ),
    );
  });

  it('notices every single changed byte of the data', () => {
    const file = encodeSafetensors({ a: { shape: [5], data: Float32Array.of(1, 2, 3, 4, 5) } });
    for (let at = file.length - 20; at < file.length; at++) {
      const damaged = file.slice();
      damaged[at]! ^= 1;
      expect(() => decodeSafetensors(damaged)).toThrow(/damaged: the data's sha256/);
    }
  });

  it('refuses every proper beginning of a file', () => {
    const file = encodeSafetensors({ a: { shape: [2], data: Float32Array.of(1, 2) } }, { note: 'x' });
    for (let length = 0; length < file.length; length++) {
      expect(() => decodeSafetensors(file.subarray(0, length))).toThrow(CheckpointError);
    }
  });

  it('reads files of others, without a checksum', () => {
    const { tensors, metadata } = decodeSafetensors(fileOf({ a: u8([2, 1], 0, 2) }, [3, 4]));
    expect([tensors.get('a'), metadata]).toEqual([{ shape: [2, 1], data: Uint8Array.of(3, 4) }, {}]);
  });

  it.each([
    ['five bytes', new Uint8Array(5), /5 bytes long, a checkpoint has at least 8/],
    ['a picture', new Uint8Array(64).fill(0x89), /give the header \d+ bytes: not a checkpoint/],
    [
      'a header beyond the end',
      fileOf('{}').fill(9, 0, 1),
      /cut short: the header should end at byte 17, .*ends at 10/,
    ],
    ['no JSON', fileOf('{"a":'), /the header is not JSON/],
    ['a list', fileOf('[]'), /the header is no object/],
    ['an unknown dtype', fileOf({ a: { ...u8([1], 0, 1), dtype: 'BF16' } }, [0]), /header, a: dtype/],
    ['a negative side', fileOf({ a: u8([-1], 0, 1) }, [0]), /header, a: shape\.0/],
    ['metadata that is no text', fileOf({ __metadata__: { a: 1 } }), /header, __metadata__: a/],
    [
      'a wrong size',
      fileOf({ a: u8([3], 0, 2) }, [0, 0]),
      /tensor a: U8 \[3\] takes 3 bytes, its offsets 0 to 2 give 2/,
    ],
    [
      'an overlap',
      fileOf({ a: u8([2], 0, 2), b: u8([2], 1, 3) }, [0, 0, 0]),
      /tensor b starts at 1, inside a, which ends at 2/,
    ],
    [
      'a gap',
      fileOf({ a: u8([1], 0, 1), b: u8([1], 2, 3) }, [0, 0, 0]),
      /tensor b starts at 2, not at the end of a/,
    ],
    [
      'offsets beyond the end',
      fileOf({ a: u8([4], 0, 4) }, [0, 0]),
      /cut short: tensor a should end at byte \d+/,
    ],
    [
      'bytes that belong to none',
      fileOf({ a: u8([1], 0, 1) }, [0, 0]),
      /1 bytes after the last tensor belong to none/,
    ],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => decodeSafetensors(bytes, 'x.safetensors')).toThrow(CheckpointError);
    expect(() => decodeSafetensors(bytes, 'x.safetensors')).toThrow(message);
    expect(() => decodeSafetensors(bytes, 'x.safetensors')).toThrow(/^x\.safetensors: /);
  });
});

describe('tensorOf', () => {
  const file = decodeSafetensors(encodeSafetensors({ theta: { shape: [2], data: Float32Array.of(1, 2) } }));

  it('hands out what was asked for', () => {
    expect(tensorOf(file, 'theta', 'F32', [2])).toEqual(Float32Array.of(1, 2));
  });

  it('says what a checkpoint lacks', () => {
    expect(() => tensorOf(file, 'm', 'F32')).toThrow('no tensor m in the checkpoint, there are theta');
  });

  it('says what a tensor is instead', () => {
    expect(() => tensorOf(file, 'theta', 'F32', [3])).toThrow('tensor theta is F32 [2], F32 [3] is needed');
    expect(() => tensorOf(file, 'theta', 'I32')).toThrow('tensor theta is F32 [2], I32 [2] is needed');
  });
});
