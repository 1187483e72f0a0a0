/**
 * What the gateway of agents carries: round trips of `step` over loopback, beside a bare Socket.IO server that answers with
 * as many bytes and beside the same environments without a network, in the same run.
 *
 *     npm run bench:gateway -- [--json] [--seconds 6] [--connections 1,4,16] [--environments 1,16,64]
 *                              [--clients typescript,python] [--packing plain,nibbles]
 *
 * The servers share one core and the clients, in one process, have another. With 64 environments packed windows are measured
 * as well.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { TokenStore } from '../../server/gateway/tokens.ts';
import type { Packing } from '../../shared/protocol/agents/index.ts';
import type { Trial, TrialResult } from './gateway-client.ts';

const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '6' },
    connections: { type: 'string', default: '1,4,16' },
    environments: { type: 'string', default: '1,16,64' },
    clients: { type: 'string', default: 'typescript,python' },
    packing: { type: 'string', default: 'plain,nibbles' },
  },
});
const seconds = Number(flags.seconds);
if (!(seconds > 0)) throw new RangeError(`--seconds ${flags.seconds} must be a positive number`);
const numbers = (text: string) => text.split(',').map(Number);
const processor = cpus()[0]?.model ?? 'unknown';
const PACKED_AT = 64;
const ASKED = 0.65;

const [SERVERS, CLIENTS] = [0, 1];
const script = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const pinned = (core: number, command: string, args: readonly string[]) =>
  process.platform === 'linux' && cpus().length > 1
    ? ({ file: 'taskset', args: ['-c', String(core), command, ...args] } as const)
    : ({ file: command, args } as const);

/** Python's clients, where their virtual environment is there. */
const PYTHON = join(
  process.env.XDG_CACHE_HOME || join(homedir(), '.cache'),
  'commons-arena/venv-python/bin/python',
);
const CLIENT_PROGRAMS: Readonly<Record<string, readonly [string, string]>> = {
  typescript: [process.execPath, script('gateway-client.ts')],
  python: [PYTHON, script('../../agents/python/bench.py')],
};

const children: ChildProcess[] = [];
const data = mkdtempSync(join(tmpdir(), 'arena-bench-'));
try {
  const store = new TokenStore(data);
  const { token } = store.create('bench', ['train']);
  store.close();
  const arena = await start('gateway-server.ts', [data]);
  const bare = await start('gateway-bare.ts', []);
  for (const client of flags.clients.split(',')) {
    const program = CLIENT_PROGRAMS[client];
    if (program === undefined)
      throw new RangeError(`client ${client} is unknown: ${Object.keys(CLIENT_PROGRAMS).join(', ')}`);
    if (!program.every((file) => existsSync(file))) {
      process.stderr.write(
        `left out: ${client}, for ${program.find((file) => !existsSync(file))} is missing\n`,
      );
      continue;
    }
    for (const connections of numbers(flags.connections)) {
      for (const environments of numbers(flags.environments)) {
        for (const packing of flags.packing.split(',') as Packing[]) {
          if (packing === 'nibbles' && environments !== PACKED_AT) continue;
          await measure(client, program, { arena, bare, token, connections, environments, packing, seconds });
        }
      }
    }
  }
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

async function measure(
  client: string,
  [program, file]: readonly [string, string],
  trial: Trial,
): Promise<void> {
  const { connections, environments, packing } = trial;
  const command = pinned(CLIENTS, program, [file, JSON.stringify(trial)]);
  const { stdout } = await promisify(execFile)(command.file, command.args);
  const result = JSON.parse(stdout.trim().split('\n').at(-1)!) as TrialResult;
  const rounded = Object.fromEntries(
    Object.entries(result).map(([name, value]) => [name, Number((value as number).toPrecision(4))]),
  );
  if (flags.json) {
    const line = { client, connections, environments, ...rounded, packing, processor, node: process.version };
    process.stdout.write(`${JSON.stringify(line)}\n`);
    return;
  }
  const asked =
    client === 'typescript' && connections === 1 && environments !== 16 ? `  (asked: ${ASKED})` : '';
  process.stdout.write(
    `${client}, ${connections} x ${environments} environments, ${packing}; ${processor}\n`,
  );
  for (const [name, value] of Object.entries(rounded))
    process.stdout.write(`  ${name.padEnd(26)} ${value}${name === 'bareFraction' ? asked : ''}\n`);
}
