/**
 * Real SDK clients in a process of their own: opens rooms with some clients in each, and answers each line on standard
 * input with one JSON line. `node visitors.ts URL`, then `open ROOMS CLIENTS OPTIONS_JSON`, `received`, `exit`.
 */
import { createInterface } from 'node:readline';
import { Client, type Room } from '@colyseus/sdk';
import { PROTOCOL_VERSION } from '../../shared/protocol/index.ts';

/** Clients that connect at the same time: more would only queue. */
const AT_ONCE = 16;

const client = new Client(process.argv[2]!);
const rooms: Room[] = [];
let messages = 0;
let bytes = 0;

function attend(room: Room): void {
  room.reconnection.enabled = false;
  room.onMessage('*', () => messages++);
  room.onError(() => {});
  // Every frame's payload, as the socket delivers it.
  const { events } = room.connection as unknown as {
    events: { onmessage: (event: { data: ArrayBuffer }) => void };
  };
  const { onmessage } = events;
  events.onmessage = (event) => {
    bytes += event.data.byteLength;
    onmessage(event);
  };
  rooms.push(room);
}

async function open(count: number, perRoom: number, options: object): Promise<void> {
  const enter = { protocol: PROTOCOL_VERSION };
  let next = 0;
  const worker = async () => {
    while (next++ < count) {
      const room = await client.create('arena', { ...enter, room: options });
      attend(room);
      let joined = 1;
      const join = async () => {
        while (joined++ < perRoom) attend(await client.joinById(room.roomId, enter));
      };
      await Promise.all(Array.from({ length: count === 1 ? AT_ONCE : 1 }, join));
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, count) }, worker));
}

for await (const line of createInterface({ input: process.stdin })) {
  const [command, ...words] = line.split(' ');
  if (command === 'exit') break;
  if (command === 'open')
    await open(Number(words[0]), Number(words[1]), JSON.parse(words.slice(2).join(' ')));
  process.stdout.write(
    `${JSON.stringify({ clients: rooms.length, messages, bytes, cpu: process.cpuUsage() })}\n`,
  );
}
process.exit(0);
