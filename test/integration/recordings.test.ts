/** Rooms that record people: those who consent and nobody else, and not what they take back. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { decodeRecording } from '../../agents/imitation/recording.ts';
import { directory } from '../../server/directory.ts';
import { Message, type RoomOptionsInput } from '../../shared/protocol/index.ts';
import { makeEnvironment } from '../../shared/registry.ts';
import { startArena } from './start-arena.ts';
import { Visitor } from './visitor.ts';

const data = mkdtempSync(join(tmpdir(), 'arena-recordings-'));
const arena = await startArena({ data });
afterAll(() => rmSync(data, { recursive: true, force: true }));

const folder = join(data, 'recordings');
beforeEach(() => rmSync(folder, { recursive: true, force: true }));

const ROOM: RoomOptionsInput = {
  environment: 'harvest',
  players: 2,
  clock: 'lockstep',
  lockstepTimeout: 600,
  // Until somebody sits down, bots play at this rate: seldom enough that nothing has happened by then.
  tickRate: 1,
  seed: 7,
  episodeLength: 5,
  record: true,
};

const files = () => {
  try {
    return readdirSync(folder).map((name) => join(folder, name));
  } catch {
    return [];
  }
};
const read = (path: string) => decodeRecording(readFileSync(path), path);

/** Acts so many times, each time waiting for the step. */
async function play(visitors: readonly Visitor[], actions: readonly number[]): Promise<void> {
  for (const action of actions) {
    const before = visitors[0]!.ticks;
    for (const visitor of visitors) visitor.act(action);
    await visitors[0]!.until(() => visitors[0]!.ticks > before);
  }
}

/** Leaves, and comes back when the room has closed its files. */
async function leave(visitor: Visitor): Promise<void> {
  const { roomId } = visitor.room;
  await visitor.room.leave();
  while ([...directory.rooms].some((room) => room.roomId === roomId)) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('what somebody who consents sees and does is what the rules say it was', async () => {
  const visitor = await Visitor.create(arena.url, ROOM);
  await visitor.sit({ seat: 0, record: true });
  const actions = [2, 5, 2, 4, 3];
  await play([visitor], [...actions, 2]);
  await leave(visitor);

  const [path, ...rest] = files();
  expect(rest).toEqual([]);
  const { header, chunks, cutOff } = read(path!);
  expect(cutOff).toBe(0);
  expect(header).toMatchObject({ environment: 'harvest', seat: 0, players: 2, seed: 7, kind: 'play' });
  expect(chunks.map(({ episode, tick, steps, ended }) => [episode, tick, steps, ended])).toEqual([
    [0, 0, 5, true],
    [1, 0, 1, false],
  ]);
  expect([...chunks[0]!.actions]).toEqual(actions);
  expect([...chunks[0]!.own]).toEqual([1, 1, 1, 1, 1]);
  // The options of the header make the same environment.
  const environment = makeEnvironment('harvest', header.options);
  const windows = new Uint8Array((2 * chunks[0]!.observations.length) / 5);
  environment.reset(visitor.episodes[0]!.seeds![0]!);
  environment.observe('ids', windows);
  expect(chunks[0]!.observations.subarray(0, windows.length / 2)).toEqual(
    windows.subarray(0, windows.length / 2),
  );
});

test('nobody else is recorded, and a name never is', async () => {
  const ann = await Visitor.create(arena.url, ROOM, { name: 'Annabella' });
  await ann.sit({ seat: 0, record: true });
  const bob = await Visitor.enter(arena.url, ann.room.roomId);
  await bob.sit({ seat: 1 });
  await ann.until(() => ann.seats[1]!.kind === 'human');
  expect(ann.seats.map(({ recorded }) => recorded)).toEqual([true, false]);
  await play([ann, bob], [2, 2]);
  await bob.room.leave();
  await leave(ann);

  expect(files().map((path) => read(path).header.seat)).toEqual([0]);
  expect(readFileSync(files()[0]!, 'latin1')).not.toContain('Annabella');
});

test('where the consent is taken back, what was recorded since sitting down is gone', async () => {
  const visitor = await Visitor.create(arena.url, ROOM);
  await visitor.sit({ seat: 0, record: true });
  await play([visitor], [2, 2, 2, 2, 2, 2]);
  expect(files()).toHaveLength(1);
  visitor.room.send(Message.consent, { record: false });
  await visitor.until(() => !visitor.seats[0]!.recorded);
  expect(files()).toEqual([]);
  await play([visitor], [2]);
  await leave(visitor);
  expect(files()).toEqual([]);
});

/** Somebody who is recorded on seat 0, and somebody on seat 1 without whom no step comes. */
async function recordedPair(): Promise<[Visitor, Visitor]> {
  const ann = await Visitor.create(arena.url, ROOM);
  await ann.sit({ seat: 0, record: true });
  const bob = await Visitor.enter(arena.url, ann.room.roomId);
  await bob.sit({ seat: 1 });
  await play([ann, bob], [2, 2]);
  return [ann, bob];
}

test('a file ends when its player stands up, not only with the next step', async () => {
  const [ann, bob] = await recordedPair();
  ann.room.send(Message.stand, null);
  await bob.until(() => bob.seats[0]!.kind !== 'human');
  expect(read(files()[0]!).chunks.map(({ steps }) => steps)).toEqual([2]);
  await bob.room.leave();
  await leave(ann);
});

test('who sits down after somebody takes back nothing of theirs', async () => {
  const [ann, bob] = await recordedPair();
  ann.room.send(Message.stand, null);
  await bob.until(() => bob.seats[0]!.kind !== 'human');
  const cat = await Visitor.enter(arena.url, ann.room.roomId);
  await cat.sit({ seat: 0 });
  cat.room.send(Message.consent, { record: false });
  // Messages are read in order: once this one is answered, the one before it is done.
  await cat.refusal(Message.consent, { record: 'no' });
  expect(files().map((path) => read(path).chunks.map(({ steps }) => steps))).toEqual([[2]]);
  for (const visitor of [bob, cat]) await visitor.room.leave();
  await leave(ann);
});

test('who consents later is recorded from then on', async () => {
  const visitor = await Visitor.create(arena.url, ROOM);
  await visitor.sit({ seat: 0 });
  await play([visitor], [2, 2, 2]);
  visitor.room.send(Message.consent, { record: true });
  await visitor.until(() => visitor.seats[0]!.recorded);
  await play([visitor], [4]);
  await leave(visitor);
  expect(read(files()[0]!).chunks.map(({ tick, steps }) => [tick, steps])).toEqual([[3, 1]]);
});

test('a room that does not record says so', async () => {
  const visitor = await Visitor.create(arena.url, { ...ROOM, record: false });
  await visitor.sit({ seat: 0, record: true });
  expect(visitor.seats[0]!.recorded).toBe(false);
  const { code, message } = await visitor.refusal(Message.consent, { record: true });
  expect([code, message]).toEqual(['bad-message', 'this room records nobody: make one with `record`']);
  await leave(visitor);
});

test('who holds no seat has nothing to consent to', async () => {
  const visitor = await Visitor.create(arena.url, ROOM);
  expect((await visitor.refusal(Message.consent, { record: true })).code).toBe('no-seat');
  await leave(visitor);
});

test('a folder that cannot be written to ends the recording, and the room plays on', async () => {
  writeFileSync(folder, 'a file where the folder should be');
  const visitor = await Visitor.create(arena.url, ROOM);
  await visitor.sit({ seat: 0, record: true });
  await play([visitor], [2]);
  await visitor.until(() => !visitor.seats[0]!.recorded);
  await play([visitor], [2]);
  await leave(visitor);
});
