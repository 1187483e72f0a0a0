/** `node mind-askers.ts URL CLIENTS ROOM...`: clients that ask for the minds of all five players; prints a line once all do. */
import { Client } from '@colyseus/sdk';
import { Message, PROTOCOL_VERSION } from '../../shared/protocol/index.ts';

const [, , url, each, ...ids] = process.argv;
const client = new Client(url!);
for (const id of ids) {
  for (let k = 0; k < Number(each); k++) {
    const room = await client.joinById(id, { protocol: PROTOCOL_VERSION });
    room.reconnection.enabled = false;
    room.onMessage('*', () => {});
    room.send(Message.minds, { seats: [0, 1, 2, 3, 4] });
  }
}
process.stdout.write('ready\n');
