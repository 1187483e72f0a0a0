/**
 * What the gateway of agents carries: round trips of `step` over loopback, beside a bare Socket.IO server that answers with
 * as many bytes and beside the same environments without a network, in the same run.
 *
 *     npm run bench:gateway -- [--json] [--seconds 6] [--connections 1,4,16] [--environments 1,16,64]
 *                              [--clients typescript,python] [--packing plain,nibbles] [--realtime]
 *
 * The servers share one core and the clients, in one process, have another. With 64 environments packed windows are measured
 * as well. With --realtime instead: 50 agents in ten rooms at 20 Hz, and how many of their actions are there in time.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { TokenStore } from '../../server/gateway/tokens.ts';
import { PACKINGS, type Packing } from '../../shared/protocol/agents/index.ts';
import { benchmark, positive, someOf, wholes } from './command.ts';
import type { Trial, TrialResult } from './gateway-client.ts';
import type { RealtimeResult, RealtimeTrial } from './gateway-realtime.ts';

/** Environments with which packed windows are measured as well. */
const PACKED_AT = 64;
const CLIENTS_KNOWN = ['typescript', 'python'] as const;

interface Flags {
  readonly json: boolean;
  readonly seconds: number;
  readonly connections: readonly number[];
  readonly environments: readonly number[];
  readonly clients: readonly (typeof CLIENTS_KNOWN)[number][];
  readonly packing: readonly Packing[];
  readonly realtime: boolean;
}

const flags = benchmark('bench:gateway', 'what the gateway of agents carries over loopback')
  .option('--seconds <number>', 'of measuring for each figure', positive, 6)
  .option('--connections <numbers>', 'connections, one measurement for each', wholes(1, 64), [1, 4, 16])
  .option(
    '--environments <numbers>',
    'environments of a connection, one measurement for each',
    wholes(1, 1024),
    [1, 16, 64],
  )
  .option('--clients <names>', `some of ${CLIENTS_KNOWN}`, someOf(CLIENTS_KNOWN), [...CLIENTS_KNOWN])
  .option(
    '--packing <names>',
    `some of ${PACKINGS}; packed windows only with ${PACKED_AT} environments`,
    someOf(PACKINGS),
    [...PACKINGS],
  )
  .option('--realtime', 'instead: 50 agents in ten rooms at 20 Hz', false)
  .parse()
  .opts<Flags>();
const processor = cpus()[0]?.model ?? 'unknown';
/** Of one connection with 1 or 64 environments, and of realtime rooms. */
const ASKED = 0.65;
const ASKED_ON_TIME = 0.999;

const [SERVERS, CLIENTS] = [0, 1];
const script = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const pinned = (core: number, command: string, args: readonly string[]) =>
  process.platform === 'linux' && cpus().length > 1
    ? ({ file: 'taskset', args: ['-c', String(core), command, ...args] } as const)
    : ({ file: command, args } as const);

/** A program and its script. */
type Command = readonly [string, string];

/** Where Python has what its client needs. */
const PYTHON = join(
  process.env.XDG_CACHE_HOME || join(homedir(), '.cache'),
  'commons-arena/venv-python/bin/python',
);
const CLIENT_PROGRAMS: Readonly<Record<(typeof CLIENTS_KNOWN)[number], Command>> = {
  typescript: [process.execPath, script('gateway-client.ts')],
  python: [PYTHON, script('../../agents/python/bench.py')],
};

const children: ChildProcess[] = [];
const { seconds } = flags;
const data = mkdtempSync(join(tmpdir(), 'arena-bench-'));
try {
  const store = new TokenStore(data);
  const { token } = store.create('bench', ['train', 'play']);
  store.close();
  const arena = await start('gateway-server.ts', [data]);
  if (flags.realtime) await measureRealtime({ arena, token, seconds });
  else await measureAll({ arena, bare: await start('gateway-bare.ts', []), token, seconds });
} finally {
  for (const child of children) child.kill('SIGTERM');
  rmSync(data, { recursive: true });
}

/** @returns the address that a server says once it can be used. */
async function start(name: string, args: readonly string[]): Promise<string> {
  const command = pinned(SERVERS, process.execPath, [script(name), ...args]);
  const child = spawn(command.file, command.args, {
    env: { ...process.env, ARENA_LOG: 'silent' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const ready = 'ready ';
  for await (const line of createInterface({ input: child.stdout! })) {
    if (line.startsWith(ready)) return line.slice(ready.length);
  }
  throw new Error(`${name} ended before it could be used`);
}

async function measureAll(servers: Pick<Trial, 'arena' | 'bare' | 'token' | 'seconds'>): Promise<void> {
  for (const client of flags.clients) {
    const program = CLIENT_PROGRAMS[client];
    const missing = program.find((file) => !existsSync(file));
    if (missing !== undefined) {
      process.stderr.write(`left out: ${client}, for ${missing} is missing\n`);
      continue;
    }
    for (const connections of flags.connections) {
      for (const environments of flags.environments) {
        for (const packing of flags.packing) {
          if (packing === 'nibbles' && environments !== PACKED_AT) continue;
          await measure(client, program, { ...servers, connections, environments, packing });
        }
      }
    }
  }
}

async function measure(client: string, program: Command, trial: Trial): Promise<void> {
  const { connections, environments, packing } = trial;
  const result = await resultOf<TrialResult>(program, trial);
  const asks = client === 'typescript' && connections === 1 && environments !== 16 && packing === 'plain';
  report(
    `${client}, ${connections} x ${environments} environments, ${packing}`,
    { client, connections, environments, ...result, packing },
    asks ? { bareFraction: ASKED } : {},
  );
}

async function measureRealtime(trial: RealtimeTrial): Promise<void> {
  const result = await resultOf<RealtimeResult>([process.execPath, script('gateway-realtime.ts')], trial);
  report('agents in realtime rooms', { client: 'typescript', ...result }, { onTimeFraction: ASKED_ON_TIME });
}

/** What a client's program says last. */
async function resultOf<R extends object>([program, file]: Command, trial: object): Promise<R> {
  const command = pinned(CLIENTS, program, [file, JSON.stringify(trial)]);
  const { stdout } = await promisify(execFile)(command.file, command.args);
  const result = JSON.parse(stdout.trim().split('\n').at(-1)!) as R;
  const rounded = Object.entries(result).map(([name, value]) => [
    name,
    Number((value as number).toPrecision(4)),
  ]);
  return Object.fromEntries(rounded) as R;
}

/** @param asked what a number should reach at least. */
function report(title: string, figures: object, asked: Readonly<Record<string, number>>): void {
  if (flags.json) {
    process.stdout.write(`${JSON.stringify({ ...figures, processor, node: process.version })}\n`);
    return;
  }
  process.stdout.write(`${title}; ${processor}\n`);
  for (const [name, value] of Object.entries(figures)) {
    const wanted = asked[name] === undefined ? '' : `  (asked: ${asked[name]})`;
    process.stdout.write(`  ${name.padEnd(26)} ${value}${wanted}\n`);
  }
}
