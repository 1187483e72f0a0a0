/**
 * Socket.IO beside what has the port already. Its own way of attaching itself would leave its upgrades to whoever listens
 * as well: Colyseus, which takes every one.
 */
import type { Server as HttpServer, IncomingMessage } from 'node:http';
import { Server, type Socket } from 'socket.io';
import {
  AGENT_NAMESPACE,
  type AgentError,
  MAX_AGENT_MESSAGE_BYTES,
} from '../../shared/protocol/agents/index.ts';
import { cut } from './outbox.ts';
import type { TokenIdentity } from './tokens.ts';

const PATH = '/socket.io/';

/** How long a connection may be without having said who it is, and how many bytes it may send until then. */
const HANDSHAKE_MS = 10_000;
const HANDSHAKE_BYTES = 16 << 10;

export interface Mount {
  onConnection: (socket: Socket, identity: TokenIdentity) => void;
  onRefused: (error: AgentError) => void;
  close(): void;
}

/** @param connections that there may be at a time. @param admit says whose a connection is, or why there is none. */
export function mountAgents(
  http: HttpServer,
  connections: number,
  admit: (auth: unknown) => TokenIdentity | AgentError,
): Mount {
  const io = new Server({
    path: PATH,
    serveClient: false,
    maxHttpBufferSize: MAX_AGENT_MESSAGE_BYTES,
    perMessageDeflate: false,
    httpCompression: false,
    connectTimeout: HANDSHAKE_MS,
    // The way to the coded refusal stays open for some more; beyond that nothing is kept for anybody.
    allowRequest: (_request, decide) => decide(null, io.engine.clientsCount < 2 * connections + 16),
  });
  const others = http.listeners('upgrade');
  http.removeAllListeners('upgrade');
  io.attach(http, { destroyUpgrade: false });
  http.on('upgrade', (request: IncomingMessage, ...rest: unknown[]) => {
    if (request.url?.startsWith(PATH)) return;
    for (const listener of others) listener.call(http, request, ...rest);
  });
  const guards = new WeakMap<object, () => void>();
  io.engine.on('connection', (connection: Socket['conn']) => {
    let bytes = 0;
    const count = (data: string | Uint8Array) => {
      bytes += data.length;
      if (bytes > HANDSHAKE_BYTES) cut(connection);
    };
    connection.on('data', count);
    guards.set(connection, () => connection.off('data', count));
  });
  // Nobody is served here, and everybody could stay.
  io.of('/').use((_socket, next) => next(new Error(`agents connect to the namespace ${AGENT_NAMESPACE}`)));
  const agents = io.of(AGENT_NAMESPACE);
  const mount: Mount = {
    onConnection: () => {},
    onRefused: () => {},
    close() {
      io.engine.close();
    },
  };
  // Those that are let in already, or are about to be: Socket.IO itself would let one in as often as it asks at once.
  const admitted = new WeakSet<object>();
  const twice: AgentError = {
    code: 'bad-message',
    message: `a connection is let into ${AGENT_NAMESPACE} once: open another for another token`,
  };
  agents.use((socket, next) => {
    const identity = admitted.has(socket.conn) ? twice : admit(socket.handshake.auth);
    if ('code' in identity) {
      mount.onRefused(identity);
      next(Object.assign(new Error(identity.message), { data: identity }));
      return;
    }
    admitted.add(socket.conn);
    socket.data.identity = identity;
    next();
  });
  agents.on('connection', (socket) => {
    guards.get(socket.conn)?.();
    mount.onConnection(socket, socket.data.identity as TokenIdentity);
  });
  return mount;
}
