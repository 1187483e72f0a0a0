/**
 * The way in for agents: Socket.IO on the arena's own port, namespace `/agents`. What is said there is in
 * `shared/protocol/agents`.
 */
import type { Server as HttpServer } from 'node:http';
import { explain } from '../../shared/definition.ts';
import { type AgentError, handshakeSchema } from '../../shared/protocol/agents/index.ts';
import type { ServeConfig } from '../config.ts';
import { log } from '../log.ts';
import { gatewayCounts, refusals } from '../metrics.ts';
import { serveAsking } from './asker.ts';
import { AgentConnection } from './connection.ts';
import { Accounts, limitsOf } from './limits.ts';
import { Numbers } from './links.ts';
import { mountAgents } from './mount.ts';
import { PlayerSession } from './player.ts';
import { RoomMaker } from './rooms.ts';
import { type TokenIdentity, TokenStore } from './tokens.ts';
import { TrainerSession } from './trainer.ts';
import { WatcherSession } from './watcher.ts';

/** How often the arena looks whether a token was revoked. */
const REVOKED_MS = 1000;

export interface Gateway {
  /** Tells everybody, and ends their connections. */
  close(): void;
}

/** @param http listens already, and everything else listens to it. */
export function openGateway(http: HttpServer, config: ServeConfig): Gateway {
  const accounts = new Accounts(limitsOf(config));
  const connections = new Set<AgentConnection>();
  const rooms = new RoomMaker(config.tokenRooms);
  let store: TokenStore | null = null;
  let version = 0;
  // An arena that no agent ever comes to keeps nothing.
  const tokens = () => (store ??= new TokenStore(config.data));

  /** @returns whose connection it is, or why there is none. */
  function admit(auth: unknown): TokenIdentity | AgentError {
    const parsed = handshakeSchema.safeParse(auth);
    if (!parsed.success) {
      const code = parsed.error.issues[0]!.path[0] === 'token' ? 'bad-token' : 'wrong-protocol';
      return { code, message: explain(parsed.error) };
    }
    const identity = tokens().check(parsed.data.token);
    if ('code' in identity) return identity;
    return accounts.refusal(identity.id) ?? identity;
  }

  const mount = mountAgents(http, limitsOf(config).connections, (auth) => {
    try {
      return admit(auth);
    } catch (fault) {
      log.error({ error: (fault as Error).message, stack: (fault as Error).stack }, 'agent fault');
      return { code: 'fault', message: 'the arena cannot read its tokens' };
    }
  });
  mount.onRefused = ({ code }) => refusals.inc({ code });
  mount.onConnection = (socket, identity) => {
    const { id } = identity;
    // Counted only now: who is gone by the time it was let in is never told to be gone. Others may have come in between.
    const refusal = accounts.refusal(id);
    accounts.connect(id);
    const connection = new AgentConnection(socket, identity, accounts);
    connections.add(connection);
    log.info({ connection: connection.id, token: id }, 'agent connected');
    new TrainerSession(connection, () => tokens().key('states'));
    const numbers = new Numbers();
    new PlayerSession(connection, numbers);
    new WatcherSession(connection, numbers);
    rooms.serve(connection);
    serveAsking(connection);
    connection.onClose(() => {
      connections.delete(connection);
      accounts.disconnect(id);
      log.info({ connection: connection.id, token: id }, 'agent gone');
    });
    if (refusal !== null) connection.close(refusal);
  };

  function endRevoked(): void {
    if (connections.size === 0 || tokens().version === version) return;
    version = tokens().version;
    for (const connection of [...connections]) {
      const { id } = connection.token;
      if (tokens().isRevoked(id))
        connection.close({ code: 'revoked-token', message: `token ${id} was revoked: make another` });
    }
  }
  const watch = setInterval(() => {
    try {
      endRevoked();
    } catch (fault) {
      log.error({ error: (fault as Error).message }, 'tokens cannot be read');
    }
  }, REVOKED_MS).unref();
  gatewayCounts.current = accounts;

  return {
    close() {
      clearInterval(watch);
      for (const connection of [...connections])
        connection.close({ code: 'going-down', message: 'the arena goes down: come back in a while' });
      mount.close();
      store?.close();
    },
  };
}
