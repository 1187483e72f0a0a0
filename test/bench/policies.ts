/**
 * What trained policies in rooms cost on one core, server and policies together.
 *
 *     npm run bench:policies -- [--json] [--seconds 10] [--rooms 100] [--core 0]
 *
 * 1. Rooms of five trained agents at 10 Hz: how late ticks come, which actions come too late, how full calls are. Once with
 *    one network for all players, once with a network a player.
 * 2. Ten such rooms with 0, 1 and 20 clients each that ask for the minds of all five: what a tick costs, what is sent.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Option } from 'commander';
import { benchmark, positive, whole } from './command.ts';

interface Flags {
  readonly json: boolean;
  readonly seconds: number;
  readonly rooms: number;
  readonly core: number;
  readonly bound: boolean;
}

const flags = benchmark('bench:policies', 'what trained policies in rooms cost on one core')
  .option('--seconds <number>', 'of measuring for each figure', positive, 10)
  .option('--rooms <number>', 'rooms of five trained agents', whole(1, 10_000), 100)
  .option('--core <number>', 'which core', whole(0, cpus().length - 1), 0)
  // Set in the process that is bound to the core.
  .addOption(new Option('--bound').hideHelp().default(false))
  .parse()
  .opts<Flags>();
const { seconds, rooms } = flags;
const RATE = 10;
const PLAYERS = 5;
const WARM_UP_MS = 10_000;

if (flags.bound) await measure();
else bind();

/** Runs this script once more, on one core where the system can say so. */
function bind(): void {
  const own = [fileURLToPath(import.meta.url), ...process.argv.slice(2), '--bound'];
  const taskset = spawnSync('taskset', ['-V']).status === 0 ? ['taskset', '-c', String(flags.core)] : [];
  const [command, ...rest] = [...taskset, process.execPath, ...own];
  const child = spawn(command!, rest, { stdio: 'inherit', env: { ...process.env, ARENA_LOG: 'silent' } });
  child.on('exit', (code) => process.exit(code ?? 1));
}

async function measure(): Promise<void> {
  const processor = cpus()[0]?.model ?? 'unknown';
  const print = (name: string, figures: Record<string, number | string>, asked: string) => {
    if (flags.json) {
      process.stdout.write(`${JSON.stringify({ name, ...figures, processor, node: process.version })}\n`);
      return;
    }
    process.stdout.write(`${name}  (asked: ${asked})\n`);
    for (const [key, value] of Object.entries(figures))
      process.stdout.write(`  ${key.padEnd(24)} ${value}\n`);
  };
  if (!flags.json) process.stdout.write(`${processor}, Node ${process.version}, one core\n\n`);
  const { serveConfig } = await import('../../server/config.ts');
  const { hostArena } = await import('../../server/host.ts');
  const { directory } = await import('../../server/directory.ts');
  const metrics = await import('../../server/metrics.ts');
  const { matchMaker } = await import('@colyseus/core');

  // Every observation, since the buckets of a histogram are wide.
  let lateness: number[] = [];
  let waits: number[] = [];
  const observeLateness = metrics.tickLateness.observe.bind(metrics.tickLateness) as (value: number) => void;
  metrics.tickLateness.observe = ((value: number) => {
    lateness.push(1000 * value);
    observeLateness(value);
  }) as typeof metrics.tickLateness.observe;
  const observeWait = metrics.policyTime.observe.bind(metrics.policyTime);
  metrics.policyTime.observe = ((labels: { policy: string }, value: number) => {
    waits.push(1000 * value);
    observeWait(labels, value);
  }) as typeof metrics.policyTime.observe;
  const totalOf = async (counter: { get(): Promise<{ values: readonly { value: number }[] }> }) =>
    (await counter.get()).values.reduce((sum, { value }) => sum + value, 0);
  const counters = async () => ({
    acted: await totalOf(metrics.policyActions),
    late: await totalOf(metrics.policyLate),
    calls: await totalOf(metrics.policyCalls),
    rows: await totalOf(metrics.policyRows),
    bytes: await totalOf(metrics.bytesOut),
  });

  /** What happens in the next seconds. */
  const watch = async () => {
    lateness = [];
    waits = [];
    const before = await counters();
    const cpu = process.cpuUsage();
    const start = performance.now();
    await sleep(1000 * seconds);
    const { user, system } = process.cpuUsage(cpu);
    const span = (performance.now() - start) / 1000;
    const after = await counters();
    const acted = after.acted - before.acted;
    const late = after.late - before.late;
    return {
      ticks: lateness.length,
      ticksPerSecond: lateness.length / span,
      latenessP50Ms: quantile(lateness, 0.5),
      latenessP99Ms: quantile(lateness, 0.99),
      lateActionShare: late / Math.max(1, late + acted),
      policyP50Ms: quantile(waits, 0.5),
      policyP99Ms: quantile(waits, 0.99),
      meanBatch: (after.rows - before.rows) / Math.max(1, after.calls - before.calls),
      rowsPerSecond: (after.rows - before.rows) / span,
      cpuShare: (user + system) / 1e6 / span,
      cpuMsPerTick: (user + system) / 1000 / Math.max(1, lateness.length),
      bytesPerSecond: (after.bytes - before.bytes) / span,
    };
  };

  const arena = await hostArena(serveConfig({ port: 0, demo: false, maxRooms: 100_000 }, {}));
  const open = async (count: number, policy: string) => {
    const ids: string[] = [];
    for (let k = 0; k < count; k++) {
      ids.push(await arena.createRoom({ tickRate: RATE, players: PLAYERS, bots: [policy] }));
    }
    await sleep(WARM_UP_MS);
    return ids;
  };
  const close = async () => {
    for (const { roomId } of [...directory.rooms]) await matchMaker.remoteRoomCall(roomId, 'disconnect');
    while (directory.rooms.size > 0) await sleep(10);
  };

  for (const policy of ['zoo/harvest-team', 'zoo/harvest-moa']) {
    await open(rooms, policy);
    const { bytesPerSecond: _, cpuMsPerTick: __, ...seen } = await watch();
    await close();
    const figures = Object.fromEntries(Object.entries(seen).map(([key, value]) => [key, round(value)]));
    print(
      `${rooms} rooms of ${PLAYERS} ${policy} at ${RATE} Hz`,
      { policy, rooms, agents: rooms * PLAYERS, hz: RATE, ...figures },
      'latenessP99Ms below 20 with 100 rooms',
    );
  }

  const ids = await open(10, 'zoo/harvest-moa');
  let plain = 0;
  for (const askers of [0, 1, 20]) {
    const asking = await ask(arena.url, ids, askers);
    const seen = await watch();
    asking.end();
    if (askers === 0) plain = seen.cpuMsPerTick;
    print(
      `10 rooms of ${PLAYERS} zoo/harvest-moa with ${askers} who ask for minds`,
      {
        askers,
        cpuMsPerTick: round(seen.cpuMsPerTick),
        cpuOfPlain: round(seen.cpuMsPerTick / plain),
        bytesPerAskerSecond: askers === 0 ? 0 : Math.round(seen.bytesPerSecond / (askers * ids.length)),
        latenessP99Ms: round(seen.latenessP99Ms),
      },
      'cheap',
    );
  }
  await arena.close();
  process.exit(0);
}

/** Clients in a process of their own, on any other core, that ask for the minds of all players. */
async function ask(url: string, ids: readonly string[], each: number): Promise<{ end(): void }> {
  if (each === 0) return { end() {} };
  const script = fileURLToPath(new URL('mind-askers.ts', import.meta.url));
  const others = cpus().flatMap((_, core) => (core === flags.core ? [] : [core]));
  const free = others.length > 0 && spawnSync('taskset', ['-V']).status === 0;
  const [command, ...rest] = [
    ...(free ? ['taskset', '-c', others.join(',')] : []),
    process.execPath,
    script,
    url,
    String(each),
    ...ids,
  ];
  const child = spawn(command!, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(createInterface({ input: child.stdout }), 'line');
  await sleep(2000);
  return { end: () => child.kill() };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}
