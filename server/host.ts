/** Puts the arena together on one port: HTTP, WebSocket, rooms, and the way down. */
import {
  createServer,
  type Server as HttpServer,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
// The `colyseus` bundle reads .env files and prints when it is imported, so its parts are imported instead.
import { matchMaker, Server } from '@colyseus/core';
import { WebSocketTransport } from '@colyseus/ws-transport';
import { MAX_MESSAGE_BYTES, PROTOCOL_VERSION, type RoomOptionsInput } from '../shared/protocol/index.ts';
import { type ServeConfig, UsageError } from './config.ts';
import { DEMO_ROOMS } from './demo.ts';
import { directory } from './directory.ts';
import { openGateway } from './gateway/index.ts';
import { addRoutes, MAX_BODY_BYTES } from './http.ts';
import { log } from './log.ts';
import { policies } from './policies/index.ts';
import { ArenaRoom } from './rooms/arena-room.ts';
import { LabelRoom } from './rooms/label-room.ts';
import { LobbyRoom } from './rooms/lobby-room.ts';

export interface Arena {
  /** For example `http://127.0.0.1:2567`. */
  readonly url: string;
  /** A room that stays when nobody is in it; returns its id. */
  createRoom(options: RoomOptionsInput): Promise<string>;
  /** Tells clients, closes rooms and connections, frees the port. */
  close(): Promise<void>;
}

/**
 * Starts the arena; one a process, since Colyseus' matchmaker is the process's.
 * @param policyScript other code for the threads that run policies, for tests. @throws {UsageError} for a port in use.
 */
export async function hostArena(config: ServeConfig, policyScript?: URL): Promise<Arena> {
  directory.recordings = join(config.data, 'recordings');
  directory.limits = { maxRooms: config.maxRooms, maxClientsPerRoom: config.maxClients };
  const http = createServer();
  const transport = new WebSocketTransport({ server: http, maxPayload: MAX_MESSAGE_BYTES });
  const server = new Server({
    transport,
    greet: false,
    gracefullyShutdown: false,
    logger: {
      // Colyseus reports each client's mistake as an error; for the arena it is a client's mistake.
      error: (...parts: unknown[]) => log.debug({ from: 'colyseus' }, parts.join(' ')),
      warn: (...parts: unknown[]) => log.debug({ from: 'colyseus' }, parts.join(' ')),
      info: (...parts: unknown[]) => log.debug({ from: 'colyseus' }, parts.join(' ')),
      debug: () => {},
      trace: () => {},
    },
    express: addRoutes,
  });
  server.define('arena', ArenaRoom);
  server.define('lobby', LobbyRoom);
  server.define('label', LabelRoom).filterBy(['session']);
  await listen(server, http, config);
  guardBodies(http);
  policies.start(
    { own: config.policies ?? join(config.data, 'policies'), workers: config.policyWorkers },
    policyScript,
  );
  const gateway = openGateway(http, config);
  const { port } = http.address() as AddressInfo;
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;
  const close = async () => {
    gateway.close();
    await server.gracefullyShutdown(false);
    await policies.close();
  };
  let closed: Promise<void> | null = null;
  const arena: Arena = {
    url: `http://${host}:${port}`,
    async createRoom(room) {
      const request = { protocol: PROTOCOL_VERSION, room, internal: directory.secret };
      return (await matchMaker.createRoom('arena', request)).roomId;
    },
    close: () => (closed ??= close()),
  };
  if (config.demo) {
    for (const room of DEMO_ROOMS) {
      // An arena without one of them is better than none.
      await arena.createRoom(room).catch(({ message }: Error) => {
        log.warn({ title: room.title, problem: message }, 'there is no such demo room');
      });
    }
  }
  return arena;
}

async function listen(server: Server, http: HttpServer, config: ServeConfig): Promise<void> {
  const failure = new Promise<never>((_, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) => {
      const remedy = 'choose another with --port, or 0 for a free one';
      if (error.code === 'EADDRINUSE') reject(new UsageError(`port ${config.port} is in use: ${remedy}`));
      else if (error.code === 'EACCES')
        reject(new UsageError(`port ${config.port} is not allowed to you: ${remedy}`));
      else if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND') {
        reject(
          new UsageError(`host ${config.host} is not an address of this machine: choose another with --host`),
        );
      } else reject(error);
    });
  });
  await Promise.race([server.listen(config.port, config.host), failure]);
}

/** Refuses bodies that are too large, or of unknown size, before anybody reads them. */
function guardBodies(http: HttpServer): void {
  const listeners = http.listeners('request') as ((
    request: IncomingMessage,
    response: ServerResponse,
  ) => void)[];
  http.removeAllListeners('request');
  http.on('request', (request, response) => {
    const length = Number(request.headers['content-length'] ?? 0);
    const chunked = request.headers['transfer-encoding'] !== undefined;
    if (length > MAX_BODY_BYTES || chunked) {
      const message = chunked
        ? 'give the length of the body'
        : `a body may have ${MAX_BODY_BYTES} bytes, this has ${length}`;
      response.writeHead(chunked ? 411 : 413, { 'Content-Type': 'application/json', Connection: 'close' });
      response.end(JSON.stringify({ error: message }), () => request.destroy());
      return;
    }
    for (const listener of listeners) listener.call(http, request, response);
  });
}
