/** From people at play to a clone of them in a seat, and what a server that is killed leaves of it. */
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, expect, test } from 'vitest';
import { CHUNK_STEPS, decodeRecording } from '../../agents/imitation/recording.ts';
import type { RoomOptionsInput } from '../../shared/protocol/index.ts';
import { PROGRAM, runArena } from './run-arena.ts';
import { startArena } from './start-arena.ts';
import { Visitor } from './visitor.ts';

const folder = mkdtempSync(join(tmpdir(), 'arena-imitation-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const data = join(folder, 'data');
const arena = await startArena({ data });

const ROOM: RoomOptionsInput = {
  environment: 'harvest',
  players: 2,
  bots: ['open'],
  clock: 'lockstep',
  lockstepTimeout: 600,
  episodeLength: 40,
  record: true,
};

/** Walks on, and turns now and then. */
async function play(visitor: Visitor, steps: number): Promise<void> {
  for (let step = 0; step < steps; step++) {
    const before = visitor.ticks;
    visitor.act(step % 4 === 3 ? 5 : 2);
    await visitor.until(() => visitor.ticks > before);
  }
}

test('what somebody did is cloned, and the clone takes a seat', async () => {
  const person = await Visitor.create(arena.url, ROOM);
  await person.sit({ seat: 0, record: true });
  await play(person, 100);
  await person.room.leave();

  const out = join(folder, 'clone');
  const { code, err } = await runArena([
    ...['train', '--algo', 'bc', '--data', join(data, 'recordings'), '--steps', '2560', '--out', out],
    ...['--set', 'shards=1', 'environments=2', 'algo.batch=16', 'network.lstm=0', 'network.dense=[8]'],
  ]);
  expect([code, err]).toEqual([0, expect.not.stringContaining('error')]);
  const card = JSON.parse(readFileSync(join(out, 'policy.json'), 'utf8'));
  expect(card).toMatchObject({ env: { name: 'harvest', options: { players: 2, episodeLength: 40 } } });

  for (const name of ['policy.json', 'policy.onnx']) {
    cpSync(join(out, name), join(data, 'policies', 'clone', name));
  }
  // A copy is there for good once the arena has seen it whole.
  for (let known = false; !known; ) {
    const { policies } = (await (await fetch(`${arena.url}/api/policies`)).json()) as {
      policies: { name: string }[];
    };
    known = policies.some(({ name }) => name === 'own/clone');
  }
  const visitor = await Visitor.create(arena.url, { ...ROOM, record: false, bots: ['own/clone'] });
  expect(visitor.seats.map(({ kind }) => kind)).toEqual(['trained', 'trained']);
  const { ticks } = visitor;
  await visitor.until(() => visitor.ticks > ticks);
});

test('a server that is killed leaves a recording that can be read', async () => {
  const own = join(folder, 'killed');
  const server = spawn(process.execPath, [PROGRAM, 'serve', '--port', '0', '--no-demo', '--data', own], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, ARENA_LOG: 'silent' },
  });
  const gone = new Promise((resolve) => server.once('exit', resolve));
  let url = '';
  for await (const line of createInterface({ input: server.stdout })) {
    url = /^Arena ready at (http:\S+)$/.exec(line)?.[1] ?? '';
    if (url !== '') break;
  }
  const person = await Visitor.create(url, { ...ROOM, episodeLength: 1000 });
  await person.sit({ seat: 0, record: true });
  await play(person, CHUNK_STEPS + 10);
  server.kill('SIGKILL');
  await gone;

  const [name] = readdirSync(join(own, 'recordings'));
  const path = join(own, 'recordings', name!);
  const { chunks } = decodeRecording(readFileSync(path), path);
  expect(chunks.map(({ tick, steps }) => [tick, steps])).toEqual([[0, CHUNK_STEPS]]);
  expect([...chunks[0]!.actions.subarray(0, 4)]).toEqual([2, 2, 2, 5]);
});
