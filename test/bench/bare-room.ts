/**
 * What Colyseus costs by itself: rooms with a plain schema of five players that move at random, patched at the tick rate,
 * without rules, bots or windows. Prints `ready PORT`.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Room, Server } from '@colyseus/core';
import { schema, t } from '@colyseus/schema';
import { WebSocketTransport } from '@colyseus/ws-transport';

const PLAYERS = 5;
const TICK_HZ = Number(process.argv[2] ?? 10);

const Player = schema({ column: t.uint8(), row: t.uint8(), facing: t.uint8(), score: t.int32() });
const State = schema({ tick: t.uint32(), players: t.array(Player) });

class BareRoom extends Room<{ state: InstanceType<typeof State> }> {
  override state = new State();

  override onCreate(): void {
    for (let i = 0; i < PLAYERS; i++) this.state.players.push(new Player());
    this.patchRate = 1000 / TICK_HZ;
    this.setSimulationInterval(() => {
      this.state.tick++;
      for (const player of this.state.players) {
        player.column = Math.floor(Math.random() * 38);
        player.facing = Math.floor(Math.random() * 4);
      }
    }, 1000 / TICK_HZ);
  }
}

const http = createServer();
const server = new Server({ transport: new WebSocketTransport({ server: http }), greet: false });
server.define('arena', BareRoom);
await server.listen(0, '127.0.0.1');
process.stdout.write(`ready ${(http.address() as AddressInfo).port}\n`);
