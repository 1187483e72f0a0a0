import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import {
  CHUNK_STEPS,
  decodeRecording,
  encodeChunk,
  encodeHeader,
  type RecordingHeader,
} from './recording.ts';
import { RecordingWriter } from './recording-writer.ts';

const folder = mkdtempSync(join(tmpdir(), 'recording-'));
afterAll(() => rmSync(folder, { recursive: true }));

const header: RecordingHeader = {
  format: 1,
  kind: 'play',
  environment: 'harvest',
  options: { players: 2, episodeLength: 300 },
  players: 2,
  seat: 1,
  actions: ['left', 'right', 'forward'],
  observation: { encoding: 'ids', dtype: 'uint8', shape: [1, 2], low: 0, high: 255 },
  revealsActions: true,
  room: 'r1',
  clock: 'realtime',
  tickRate: 8,
  view: 'full',
  seed: null,
  started: '2026-01-01T00:00:00.000Z',
  versions: { 'commons-arena': '1' },
};

const step = fc.record({
  cells: fc.tuple(fc.nat(255), fc.nat(255)),
  action: fc.nat(2),
  own: fc.boolean(),
  reward: fc.float({ noNaN: true, noDefaultInfinity: true }),
  lastActions: fc.tuple(fc.nat(255), fc.nat(255)),
});
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

let files = 0;
/** Episodes of steps, written and read back. */
function written(episodes: readonly (readonly Step[])[]) {
  const path = join(folder, `${files++}.arenarec`);
  const writer = new RecordingWriter(path, header);
  episodes.forEach((steps, episode) => {
    steps.forEach((given, tick) => {
      writer.add({
        episode,
        tick,
        observations: Uint8Array.of(9, ...given.cells),
        offset: 1,
        action: given.action,
        own: given.own,
        reward: given.reward,
        lastActions: Uint8Array.from(given.lastActions),
        ended: tick === steps.length - 1,
      });
    });
  });
  writer.close();
  return path;
}

const aStep: Step = { cells: [1, 2], action: 2, own: true, reward: 0.5, lastActions: [0, 1] };
const read = (path: string) => decodeRecording(readFileSync(path), path);

describe('a recording', () => {
  it('comes back as it was written, whatever was in it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(step, { minLength: 1, maxLength: 300 }), { maxLength: 3 }),
        (episodes) => {
          const { header: found, chunks, cutOff } = read(written(episodes));
          expect(found).toEqual(header);
          expect(cutOff).toBe(0);
          const back = episodes.map((_, episode) =>
            chunks
              .filter((chunk) => chunk.episode === episode)
              .flatMap((chunk) =>
                Array.from(chunk.actions, (action, t) => ({
                  cells: [...chunk.observations.subarray(2 * t, 2 * t + 2)],
                  action,
                  own: chunk.own[t] === 1,
                  reward: chunk.rewards[t],
                  lastActions: [...chunk.lastActions.subarray(2 * t, 2 * t + 2)],
                })),
              ),
          );
          expect(back).toEqual(episodes);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('says which chunk ends an episode', () => {
    const long = Array.from({ length: CHUNK_STEPS + 1 }, () => aStep);
    const { chunks } = read(written([long]));
    expect(chunks.map(({ tick, steps, ended }) => [tick, steps, ended])).toEqual([
      [0, CHUNK_STEPS, false],
      [CHUNK_STEPS, 1, true],
    ]);
  });

  it('has a chunk of its own for what lies behind a gap', () => {
    const path = join(folder, 'gap.arenarec');
    const writer = new RecordingWriter(path, header);
    const given = {
      episode: 0,
      observations: Uint8Array.of(1, 2),
      offset: 0,
      action: 0,
      own: true,
      reward: 0,
    };
    for (const tick of [3, 4, 9])
      writer.add({ ...given, tick, lastActions: Uint8Array.of(0, 0), ended: false });
    writer.close();
    expect(read(path).chunks.map(({ tick, steps }) => [tick, steps])).toEqual([
      [3, 2],
      [9, 1],
    ]);
  });

  it('can be read up to its last whole block wherever it is cut off', () => {
    const whole = readFileSync(written([[aStep], [aStep, aStep]]));
    const start = encodeHeader(header).length;
    fc.assert(
      fc.property(fc.integer({ min: start, max: whole.length }), (length) => {
        const { chunks, cutOff } = decodeRecording(whole.subarray(0, length), 'a file');
        expect(chunks.length).toBeLessThanOrEqual(2);
        expect(cutOff > 0 || chunks.length > 0 || length === start).toBe(true);
        expect(chunks.length === 2).toBe(length === whole.length);
      }),
    );
  });

  it('is there before the writer closes it, but for its last steps', () => {
    const path = join(folder, 'killed.arenarec');
    const writer = new RecordingWriter(path, header);
    for (let tick = 0; tick < CHUNK_STEPS + 5; tick++) {
      const { action, own, reward } = aStep;
      const lastActions = Uint8Array.of(0, 0);
      const observations = Uint8Array.of(1, 2);
      writer.add({
        episode: 0,
        tick,
        observations,
        offset: 0,
        action,
        own,
        reward,
        lastActions,
        ended: false,
      });
    }
    expect(read(path).chunks.map(({ steps }) => steps)).toEqual([CHUNK_STEPS]);
    writer.discard();
  });
});

describe('what is no recording', () => {
  const bytes = readFileSync(written([[aStep]]));

  it.each([
    ['a pickle', Uint8Array.of(0x80, 4, 0x95, 1), /Python pickle/],
    ['a zip archive', Buffer.from('PK\x03\x04rest'), /zip archive/],
    ['an empty file', new Uint8Array(0), /it is empty/],
    ['text', Buffer.from('hello there'), /does not begin with ARENAREC/],
    ['a file cut off in its header', bytes.subarray(0, 40), /cut short/],
  ])('is refused as what it is: %s', (_, file, message) => {
    expect(() => decodeRecording(file, 'x.arenarec')).toThrow(message);
  });

  it('is damaged where a byte of a block differs', () => {
    const damaged = Uint8Array.from(bytes);
    damaged[damaged.length - 1]! ^= 1;
    expect(() => decodeRecording(damaged, 'x')).toThrow(/CRC-32/);
  });

  it('is one of another format', () => {
    const other = encodeHeader({ ...header, format: 2 as 1 });
    expect(() => decodeRecording(other, 'x')).toThrow(/another version of the format than 1/);
  });

  it('is one with an action that there is not', () => {
    const chunk = encodeChunk({
      episode: 0,
      tick: 0,
      steps: 1,
      ended: false,
      rewards: Float32Array.of(0),
      observations: Uint8Array.of(0, 0),
      actions: Uint8Array.of(3),
      own: Uint8Array.of(1),
      lastActions: Uint8Array.of(0, 0),
    });
    const file = Buffer.concat([encodeHeader(header), chunk]);
    expect(() => decodeRecording(file, 'x')).toThrow(/has action 3, there are 3/);
  });
});

it('a recording is never written over', () => {
  const path = join(folder, 'taken.arenarec');
  writeFileSync(path, 'something');
  expect(() => new RecordingWriter(path, header)).toThrow(/a file is there/);
});
