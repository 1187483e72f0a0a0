import { expect, it } from 'vitest';
import { EpisodeRecord } from './episode-record.ts';

it('keeps the actions of an episode longer than it has room for at first', () => {
  const record = new EpisodeRecord(2);
  record.begin(7);
  for (let t = 0; t < 3000; t++) record.add([9, t % 8, (t + 1) % 8], 1);
  expect(record.steps).toBe(3000);
  const out = new Uint8Array(4);
  for (const t of [0, 1023, 1024, 2999]) {
    record.read(t, out, 1);
    expect([...out]).toEqual([0, t % 8, (t + 1) % 8, 0]);
  }
  expect(record.actions.length).toBe(6000);
});

it('begins anew with another seed and no steps', () => {
  const record = new EpisodeRecord(1);
  record.begin(1);
  record.add([5]);
  record.begin(2);
  expect([record.seed, record.steps, record.actions.length]).toEqual([2, 0, 0]);
});
