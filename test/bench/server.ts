/**
 * What the server carries on one core, driven by real SDK clients in another process on the other core.
 *
 *     npm run bench:server -- [--json] [--seconds 8]
 *
 * 1. Rooms of five bots at 10 Hz with a spectator each, more and more until a hundredth of the ticks come over 10 ms late.
 * 2. 50 rooms of six clients at 10 Hz, beside a bare Colyseus room with the same tick and clients.
 * 3. One room with 1,000 spectators at 8 Hz.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { benchmark, positive } from './command.ts';

const flags = benchmark('bench:server', 'what the server carries on one core')
  .option('--seconds <number>', 'of measuring for each figure', positive, 8)
  .parse()
  .opts<{ json: boolean; seconds: number }>();
const { seconds } = flags;

const LATE_SECONDS = '0.01';
const LATE_SHARE = 0.01;
const STEP_ROOMS = 50;
const MOST_ROOMS = 1000;
/** Until the machine code of both servers has settled: at a few hundred ticks a second that takes a while. */
const WARM_UP_MS = 40_000;
/** Clock ticks a second of /proc, fixed on Linux. */
const PROC_HZ = 100;

/** A child process that speaks in lines. */
class Child {
  readonly process: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;

  /** @param core where it runs, if the system can say so. */
  constructor(script: string, args: readonly string[], core: number) {
    const path = fileURLToPath(new URL(script, import.meta.url));
    this.process = spawn('taskset', ['-c', String(core), process.execPath, path, ...args], {
      env: { ...process.env, ARENA_LOG: 'silent' },
    });
    this.process.stderr.pipe(process.stderr);
    this.#lines = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
  }

  async line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error('the child process ended');
    return value;
  }

  /** CPU seconds used so far, user and system. */
  cpu(): number {
    const fields = readFileSync(`/proc/${this.process.pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    return (Number(fields[11]) + Number(fields[12])) / PROC_HZ;
  }

  /** Resident memory in bytes. */
  memory(): number {
    return 1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.process.pid}/status`, 'utf8'))![1]);
  }

  async end(): Promise<void> {
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.kill('SIGTERM');
    await ended;
  }
}

interface Received {
  readonly clients: number;
  readonly messages: number;
  readonly bytes: number;
}

/** A server and its clients. */
class Trial {
  readonly server: Child;
  readonly visitors: Child;
  readonly url: string;

  constructor(server: Child, visitors: Child, url: string) {
    this.server = server;
    this.visitors = visitors;
    this.url = url;
  }

  static async arena(): Promise<Trial> {
    const server = new Child(
      '../../server/arena.ts',
      ['serve', '--port', '0', '--no-demo', '--max-rooms', '5000'],
      0,
    );
    const url = (await server.line()).replace('Arena ready at ', '');
    return new Trial(server, new Child('visitors.ts', [url], 1), url);
  }

  static async bare(): Promise<Trial> {
    const server = new Child('bare-room.ts', ['10'], 0);
    const url = `http://127.0.0.1:${(await server.line()).replace('ready ', '')}`;
    return new Trial(server, new Child('visitors.ts', [url], 1), url);
  }

  async open(rooms: number, clients: number, options: object): Promise<void> {
    await this.#ask(`open ${rooms} ${clients} ${JSON.stringify(options)}`);
    // Let the burst of joining pass.
    await sleep(1000);
  }

  /** What happens in the next seconds. */
  async watch() {
    const before = {
      cpu: this.server.cpu(),
      driver: this.visitors.cpu(),
      got: await this.#ask('received'),
      at: performance.now(),
    };
    const late = await this.#lateness();
    await sleep(seconds * 1000);
    const got = await this.#ask('received');
    const span = (performance.now() - before.at) / 1000;
    const lateAfter = await this.#lateness();
    const ticks = lateAfter.count - late.count;
    return {
      serverCpu: (this.server.cpu() - before.cpu) / span,
      driverCpu: (this.visitors.cpu() - before.driver) / span,
      ticks,
      ticksPerSecond: ticks / span,
      lateShare: ticks === 0 ? 0 : 1 - (lateAfter.inTime - late.inTime) / ticks,
      bytesPerClientSecond: (got.bytes - before.got.bytes) / got.clients / span,
      cpuMsPerTick: ticks === 0 ? 0 : (1000 * (this.server.cpu() - before.cpu)) / ticks,
    };
  }

  async end(): Promise<void> {
    this.visitors.process.stdin.write('exit\n');
    await this.server.end();
  }

  async #ask(line: string): Promise<Received> {
    this.visitors.process.stdin.write(`${line}\n`);
    return JSON.parse(await this.visitors.line());
  }

  /** Ticks so far, and those that came no more than 10 ms late; zeros for the bare server, which does not say. */
  async #lateness(): Promise<{ count: number; inTime: number }> {
    const response = await fetch(`${this.url}/metrics`);
    const text = response.ok ? await response.text() : '';
    const value = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
    return {
      count: value('arena_tick_lateness_seconds_count'),
      inTime: value(`arena_tick_lateness_seconds_bucket\\{le="${LATE_SECONDS}"\\}`),
    };
  }
}

const processor = cpus()[0]?.model ?? 'unknown';
if (!flags.json)
  process.stdout.write(`${processor}, Node ${process.version}; server on one core, clients on another\n\n`);

function print(name: string, figures: Record<string, number | string>, asked = ''): void {
  if (flags.json) {
    process.stdout.write(`${JSON.stringify({ name, ...figures, processor, node: process.version })}\n`);
    return;
  }
  process.stdout.write(`${name}${asked === '' ? '' : `  (asked: ${asked})`}\n`);
  for (const [key, value] of Object.entries(figures)) process.stdout.write(`  ${key.padEnd(24)} ${value}\n`);
}

const round = (value: number) => Number(value.toPrecision(3));
const room = { tickRate: 10, bots: ['sustainable'] };

{
  const trial = await Trial.arena();
  await sleep(1000);
  const empty = trial.server.memory();
  let held = { rooms: 0, serverCpu: 0, driverCpu: 0, cpuMsPerTick: 0, memoryPerRoom: 0 };
  let limit = { serverCpu: 0, driverCpu: 0, lateShare: 0 };
  for (let rooms = STEP_ROOMS; rooms <= MOST_ROOMS; rooms += STEP_ROOMS) {
    await trial.open(STEP_ROOMS, 1, room);
    const seen = await trial.watch();
    limit = seen;
    const slow = seen.ticksPerSecond < 0.97 * 10 * rooms;
    if (seen.lateShare > LATE_SHARE || slow) break;
    held = { ...seen, rooms, memoryPerRoom: (trial.server.memory() - empty) / rooms };
  }
  const saturated =
    limit.serverCpu > 0.85
      ? 'the server: its core is full'
      : limit.driverCpu > 0.85
        ? 'the clients: their core is full'
        : 'neither core is full: single ticks are delayed';
  print(
    'rooms of 5 bots at 10 Hz',
    {
      rooms: held.rooms,
      serverCpu: round(held.serverCpu),
      cpuMsPerTick: round(held.cpuMsPerTick),
      memoryPerRoomKiB: Math.round(held.memoryPerRoom / 1024),
      lateShareBeyond: round(limit.lateShare),
      serverCpuBeyond: round(limit.serverCpu),
      clientsCpuBeyond: round(limit.driverCpu),
      saturatesFirst: saturated,
    },
    '300 on a fast core',
  );
  await trial.end();
}

/** CPU and traffic of 50 rooms of six clients, once the server runs as it would after an hour. */
async function steady(trial: Trial, options: object) {
  await trial.open(50, 6, options);
  await sleep(WARM_UP_MS);
  const readings = [await trial.watch(), await trial.watch(), await trial.watch()];
  await trial.end();
  return readings.sort((a, b) => a.serverCpu - b.serverCpu)[1]!;
}

{
  // One after the other: side by side they would push each other out of the core's caches.
  const arena = await steady(await Trial.arena(), room);
  const bare = await steady(await Trial.bare(), {});
  print(
    '50 rooms of 6 clients at 10 Hz, beside bare Colyseus',
    {
      arenaCpu: round(arena.serverCpu),
      bareCpu: round(bare.serverCpu),
      ratio: round(arena.serverCpu / bare.serverCpu),
      bytesPerClientSecond: Math.round(arena.bytesPerClientSecond),
    },
    'ratio at most 2',
  );
}

{
  const trial = await Trial.arena();
  await trial.open(1, 1000, { tickRate: 8, bots: ['greedy'], episodeLength: 1000 });
  const seen = await trial.watch();
  print(
    'one room with 1,000 spectators at 8 Hz',
    {
      serverCpu: round(seen.serverCpu),
      lateShare: round(seen.lateShare),
      cpuMsPerTick: round(seen.cpuMsPerTick),
      bytesPerSpectatorSecond: Math.round(seen.bytesPerClientSecond),
    },
    'at most 500 bytes/s a spectator',
  );
  await trial.end();
}
