/**
 * A bare Socket.IO server that acknowledges bytes with bytes: what a gateway could be at most.
 *
 *     node test/bench/gateway-bare.ts
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';

const http = createServer();
const io = new Server(http, { serveClient: false, perMessageDeflate: false });
io.of('/agents').on('connection', (socket) => {
  let reply = new Uint8Array(0);
  socket.on('size', (bytes: number, done: () => void) => {
    reply = new Uint8Array(bytes);
    done();
  });
  socket.on('step', (_request: Uint8Array, answer: (bytes: Uint8Array) => void) => answer(reply));
});
http.listen(0, '127.0.0.1', () => {
  process.stdout.write(`ready http://127.0.0.1:${(http.address() as AddressInfo).port}\n`);
});
