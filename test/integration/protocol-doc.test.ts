/** The protocol's document says what the code does: numbers, codes, and a tick of real bytes. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { SocialMetrics } from '../../shared/metrics.ts';
import {
  MAX_MESSAGE_BYTES,
  MAX_TICKS_AHEAD,
  Message,
  PROTOCOL_VERSION,
  REFUSALS,
  roomOptionsSchema,
  TickEncoder,
  WorldMirror,
} from '../../shared/protocol/index.ts';
import { makeEnvironment } from '../../shared/registry.ts';

const DOCUMENT = readFileSync(new URL('../../docs/protocol.md', import.meta.url), 'utf8');

/** The first column of every table row of a section. */
function rowsOf(heading: string): string[] {
  const section = DOCUMENT.split(/^#+ /m).find((part) => part.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`there is no section ${heading}`);
  return Array.from(section.matchAll(/^\| ([^|]+) \|/gm), ([, first]) => first!.replaceAll('`', ''));
}

test.each(Object.entries(Message))('message %s has its number', (name, number) => {
  expect(DOCUMENT).toContain(`\n| ${number} | \`${name}\` |`);
});

test('every refusal is listed, and no other', () => {
  expect(rowsOf('Refusals').slice(2)).toEqual([...REFUSALS]);
});

test('every field of a room is listed, and no other', () => {
  expect(rowsOf('Entering').slice(-Object.keys(roomOptionsSchema.shape).length)).toEqual(
    Object.keys(roomOptionsSchema.shape),
  );
});

test('version and limits are the code’s', () => {
  expect(DOCUMENT).toContain(`Version ${PROTOCOL_VERSION}.`);
  expect(DOCUMENT).toContain(`${MAX_MESSAGE_BYTES.toLocaleString('en')} bytes`);
  expect(DOCUMENT).toContain(`up to ${MAX_TICKS_AHEAD} ticks ahead`);
});

describe('the worked tick', () => {
  const hex = /```hex\n([\da-f ]+)\n```/.exec(DOCUMENT)![1]!;
  const map = /```\n(@{8}\n[^`]+)\n```/.exec(DOCUMENT)![1]!.split('\n');
  const environment = makeEnvironment('harvest', { players: 3, regrowth: 'off', map });
  // Of the seeds, the first that places and turns the players as the document has them.
  environment.reset(21);
  const encoder = new TickEncoder(environment);
  const keyframe = encoder.keyframe(0, new SocialMetrics(3));
  environment.step(Uint8Array.of(5, 2, 7), new Float32Array(3));

  test('is what the server sends', () => {
    expect(Buffer.from(encoder.tick()).toString('hex')).toBe(hex.replaceAll(' ', ''));
  });

  test('reads as it is explained', () => {
    const mirror = new WorldMirror({ width: 8, height: 5, players: 3, beamRadius: 1 });
    mirror.keyframe(keyframe);
    expect([...mirror.column, ...mirror.row, ...mirror.facing]).toEqual([1, 1, 1, 2, 3, 1, 1, 1, 2]);
    mirror.tick(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
    expect(mirror.time).toBe(1);
    expect([...mirror.outcome]).toEqual([5, 2, 7]);
    expect([...mirror.rays.slice(6)]).toEqual([3, 1, 0]);
    expect([...mirror.rewards]).toEqual([-50, -49, -1]);
    expect(mirror.events).toEqual([
      { kind: 'ate', player: 1, target: 0 },
      { kind: 'fined', player: 2, target: 0 },
      { kind: 'hit', player: 2, target: 1 },
      { kind: 'hit', player: 2, target: 0 },
    ]);
    expect(mirror.changed).toEqual([26]);
    expect(mirror.cells[26]).toBe(1);
  });
});
