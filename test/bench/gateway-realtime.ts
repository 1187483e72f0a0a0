/**
 * Agents in realtime rooms: 50 connections, five in each of ten rooms at 20 Hz, act as soon as they see. Run by
 * `bench:gateway --realtime` with a trial as JSON; prints what came out as JSON.
 */
import type { Socket } from 'socket.io-client';
import { ACT_HEADER, type Created, type Joined, playLayout } from '../../shared/protocol/agents/index.ts';
import { Random } from '../../shared/random.ts';
import { connectAgent } from './gateway-connect.ts';

export interface RealtimeTrial {
  readonly arena: string;
  readonly token: string;
  readonly seconds: number;
}

export interface RealtimeResult {
  readonly agents: number;
  readonly rooms: number;
  readonly tickRate: number;
  readonly steps: number;
  /** Steps that had the agent's own action, of all. */
  readonly onTimeFraction: number;
  /** From sending an action until the arena has said what became of it. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const ROOMS = 10;
const SEATS = 5;
const TICK_RATE = 20;
/** Until machine code has settled, on both sides. */
const WARM_UP_MS = 3000;

const { arena, token, seconds } = JSON.parse(process.argv[2]!) as RealtimeTrial;
const random = new Random().seed(1);
const latencies: number[] = [];
let counting = false;
let steps = 0;
let onTime = 0;

for (let room = 0; room < ROOMS; room++) {
  const sockets = await Promise.all(Array.from({ length: SEATS }, () => connectAgent(arena, token)));
  const created = (await sockets[0]!.emitWithAck('create', {
    room: { environment: 'harvest', players: SEATS, tickRate: TICK_RATE },
  })) as Created;
  for (const socket of sockets) await play(socket, created.room);
}
await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS));
counting = true;
await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
latencies.sort((a, b) => a - b);
const quantile = (q: number) => latencies[Math.floor(q * (latencies.length - 1))]!;
const result: RealtimeResult = {
  agents: ROOMS * SEATS,
  rooms: ROOMS,
  tickRate: TICK_RATE,
  steps,
  onTimeFraction: onTime / steps,
  p50Ms: quantile(0.5),
  p99Ms: quantile(0.99),
};
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exit(0);

/** Takes a seat and acts on every frame, for the tick that it asks for. */
async function play(socket: Socket, room: string): Promise<void> {
  let seats = 0;
  socket.on('observation', (frame: Buffer) => {
    if (frame[2] === 1 && counting) {
      steps++;
      onTime += frame[seats + 2]!;
    }
    // The frame of the next episode follows.
    if ((frame[3]! & 1) === 1) return;
    const act = Buffer.alloc(ACT_HEADER + 2);
    frame.copy(act, 0, 0, 2);
    frame.copy(act, 4, 4, 12);
    act[ACT_HEADER] = frame[seats]!;
    act[ACT_HEADER + 1] = random.next() % 8;
    const sent = performance.now();
    socket.emit('act', act, () => {
      if (counting) latencies.push(performance.now() - sent);
    });
  });
  const joined = (await socket.emitWithAck('join', { room })) as Joined;
  if ('error' in joined) throw new Error(JSON.stringify(joined));
  seats = playLayout({ ...joined.game, seats: 1 }).seats;
}
