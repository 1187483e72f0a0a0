import { expect, test } from 'vitest';
import { ENVIRONMENTS } from '../../shared/registry.ts';
import { startArena } from './start-arena.ts';
import { Visitor } from './visitor.ts';

const arena = await startArena({ demo: true });
const get = async (path: string) => (await fetch(arena.url + path)).json() as Promise<never>;

test('the demo rooms are there from the start', async () => {
  const rooms = (await get('/api/rooms')) as {
    title: string;
    demo: boolean;
    environment: string;
    humans: number;
  }[];
  expect(rooms.map((room) => room.title).sort()).toEqual([
    'Cleanup, mixed',
    'Harvest, greedy',
    'Harvest, learned',
    'Harvest, sustainable',
  ]);
  expect(rooms.every((room) => room.demo && room.humans === 0)).toBe(true);
});

test('the environments are described with their options', async () => {
  const environments = (await get('/api/environments')) as {
    name: string;
    players: { max: number };
    options: object;
  }[];
  expect(environments.map((environment) => environment.name)).toEqual(
    ENVIRONMENTS.map((definition) => definition.name),
  );
  expect(environments.find((environment) => environment.name === 'cleanup')!.players.max).toBe(10);
  expect(JSON.stringify(environments[0]!.options)).toContain('regrowth');
});

test('a room is listed while somebody is in it, and is gone after', async () => {
  const ann = await Visitor.create(arena.url, { title: 'for a moment' });
  const titles = async () => ((await get('/api/rooms')) as { title: string }[]).map((room) => room.title);
  expect(await titles()).toContain('for a moment');
  await ann.room.leave();
  await expect.poll(titles, { timeout: 30_000 }).not.toContain('for a moment');
});

test('health is told', async () => {
  expect(await get('/healthz')).toMatchObject({ status: 'ok' });
});

test('metrics count rooms, clients by role, lateness, step time and bytes', async () => {
  const ann = await Visitor.create(arena.url, { tickRate: 60 });
  await ann.sit();
  await ann.until(() => ann.ticks > 10);
  const text = await (await fetch(`${arena.url}/metrics`)).text();
  const value = (line: string) =>
    Number(new RegExp(`^${line.replace(/[{}"]/g, '\\$&')} (\\S+)$`, 'm').exec(text)?.[1]);
  expect(value('arena_rooms{environment="harvest"}')).toBeGreaterThanOrEqual(3);
  expect(value('arena_clients{role="player"}')).toBe(1);
  expect(value('arena_tick_lateness_seconds_count')).toBeGreaterThan(10);
  expect(value('arena_step_seconds_count')).toBeGreaterThan(10);
  expect(value('arena_bytes_out_total')).toBeGreaterThan(ann.bytes / 2);
});
