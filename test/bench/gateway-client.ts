/**
 * The client's side of `bench:gateway`: reads one trial as JSON from its arguments, prints what came out as JSON.
 *
 * Three things take turns in short slices, so that whatever else the machine does falls on all alike: the arena, a bare
 * Socket.IO server that answers with as many bytes, and the same environments stepped in this process.
 */
import type { Socket } from 'socket.io-client';
import type { Opened, Packing } from '../../shared/protocol/agents/index.ts';
import { frameLayout, STEP_HEADER } from '../../shared/protocol/agents/index.ts';
import { Random } from '../../shared/random.ts';
import { makeVector } from '../../shared/registry.ts';
import { connectAgent } from './gateway-connect.ts';

export interface Trial {
  readonly arena: string;
  readonly bare: string;
  readonly token: string;
  readonly connections: number;
  readonly environments: number;
  readonly packing: Packing;
  readonly seconds: number;
}

export interface TrialResult {
  readonly roundTripsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly bytesPerStep: number;
  readonly environmentStepsPerSecond: number;
  readonly bareFraction: number;
  readonly inProcessFraction: number;
  readonly bareRoundTripsPerSecond: number;
  /** By the medians of single round trips, which a machine that is busy with other things disturbs least. */
  readonly bareFractionP50: number;
  readonly inProcessStepsPerSecond: number;
}

const SLICE_MS = 100;
/** Until machine code has settled, on both sides. */
const WARM_UP_MS = 1500;
/** Different requests, sent in turn. */
const REQUESTS = 64;
const PLAYERS = 5;

interface Line {
  readonly socket: Socket;
  readonly requests: readonly Uint8Array[];
  next: number;
}

const trial = JSON.parse(process.argv[2]!) as Trial;
process.stdout.write(`${JSON.stringify(await run(trial))}\n`);
process.exit(0);

async function run({ arena, bare, token, connections, environments, packing, seconds }: Trial) {
  const random = new Random().seed(1);
  const lines = { arena: [] as Line[], bare: [] as Line[] };
  let reply = 0;
  let request = 0;
  for (let k = 0; k < connections; k++) {
    const socket = await connectAgent(arena, token);
    const opened = (await socket.emitWithAck('open', {
      environment: 'harvest',
      options: { players: PLAYERS },
      environments,
      packing,
      seed: k,
    })) as Opened;
    if ('error' in opened) throw new Error(JSON.stringify(opened));
    const layout = frameLayout({ ...opened.game, environments, visible: false });
    reply = layout.ended;
    request = layout.requestBytes;
    const requests = Array.from({ length: REQUESTS }, () => {
      const bytes = new Uint8Array(request);
      new DataView(bytes.buffer).setUint16(0, opened.batch, true);
      for (let i = STEP_HEADER; i < request; i++) bytes[i] = random.next() % opened.game.actions!.length;
      return bytes;
    });
    await socket.emitWithAck('reset', { batch: opened.batch });
    lines.arena.push({ socket, requests, next: 0 });
    const other = await connectAgent(bare, token);
    await other.emitWithAck('size', reply);
    lines.bare.push({ socket: other, requests, next: 0 });
  }
  const inProcess = inProcessLoop(environments);
  const latencies: number[] = [];
  const bareLatencies: number[] = [];
  for (const warm of [lines.arena, lines.bare]) await slice(warm, WARM_UP_MS, []);
  inProcess(WARM_UP_MS / 4);
  const rates = { arena: [] as number[], bare: [] as number[], inProcess: [] as number[] };
  for (const end = performance.now() + seconds * 1000; performance.now() < end; ) {
    rates.arena.push(await slice(lines.arena, SLICE_MS, latencies));
    rates.bare.push(await slice(lines.bare, SLICE_MS, bareLatencies));
    rates.inProcess.push(inProcess(SLICE_MS / 4));
  }
  latencies.sort((a, b) => a - b);
  const quantile = (q: number) => latencies[Math.floor(q * (latencies.length - 1))]!;
  const roundTrips = median(rates.arena);
  return {
    roundTripsPerSecond: roundTrips,
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    bytesPerStep: (request + reply) / environments,
    environmentStepsPerSecond: roundTrips * environments,
    bareFraction: median(rates.arena.map((rate, k) => rate / rates.bare[k]!)),
    inProcessFraction: median(rates.arena.map((rate, k) => (rate * environments) / rates.inProcess[k]!)),
    bareRoundTripsPerSecond: median(rates.bare),
    bareFractionP50: median(bareLatencies) / quantile(0.5),
    inProcessStepsPerSecond: median(rates.inProcess),
  } satisfies TrialResult;
}

/** Round trips on all connections for a while, each waiting for its answer. @returns how many a second. */
async function slice(lines: readonly Line[], ms: number, latencies: number[]): Promise<number> {
  const start = performance.now();
  const end = start + ms;
  let count = 0;
  await Promise.all(
    lines.map(
      (line) =>
        new Promise<void>((resolve) => {
          let sent = 0;
          const send = () => {
            sent = performance.now();
            line.socket.emit('step', line.requests[line.next++ % REQUESTS], answered);
          };
          const answered = (answer: unknown) => {
            if (!(answer instanceof Uint8Array)) throw new Error(JSON.stringify(answer));
            const now = performance.now();
            latencies.push(now - sent);
            count++;
            if (now < end) send();
            else resolve();
          };
          send();
        }),
    ),
  );
  return (1000 * count) / (performance.now() - start);
}

/** The same environments without a network: stepped and observed. @returns makes environment steps for a while, tells their rate. */
function inProcessLoop(environments: number): (ms: number) => number {
  const columns = environments * PLAYERS;
  const cells = columns * 225;
  const vector = makeVector('harvest', { players: PLAYERS }, environments, { reserve: cells + 64 });
  const actions = Array.from({ length: REQUESTS }, (_, k) => {
    const random = new Random().seed(k);
    return Uint8Array.from({ length: columns }, () => random.next() % 8);
  });
  const rewards = new Float32Array(columns);
  const observations = vector.allocate(cells);
  let episode = 0;
  for (let e = 0; e < environments; e++) vector.reset(e, episode++);
  return (ms) => {
    const start = performance.now();
    let steps = 0;
    let now = start;
    while (now < start + ms) {
      for (let k = 0; k < 8; k++, steps++) {
        vector.step(actions[steps % REQUESTS]!, rewards);
        for (let e = 0; e < environments; e++) if (vector.done[e] === 1) vector.reset(e, episode++);
        vector.observe('ids', observations);
      }
      now = performance.now();
    }
    return (1000 * steps * environments) / (now - start);
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
