/** An arena with a token for agents, and a way to it that can be cut, for the tests of one file. */
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { TokenStore } from '../../server/gateway/tokens.ts';
import type { Arena } from '../../server/host.ts';
import { SCOPES, type Scope } from '../../shared/protocol/agents/index.ts';
import { startArena } from './start-arena.ts';

export interface AgentArena extends Arena {
  /** May train, play and watch. */
  readonly token: string;
  /** Makes another. */
  tokenFor(...scopes: readonly Scope[]): string;
  revoke(token: string): void;
  /** The data folder. */
  readonly data: string;
}

export async function startAgentArena(flags: Record<string, unknown> = {}): Promise<AgentArena> {
  const data = mkdtempSync(join(tmpdir(), 'arena-agents-'));
  const arena = await startArena({ data, ...flags });
  const store = new TokenStore(data);
  afterAll(() => {
    store.close();
    rmSync(data, { recursive: true, force: true });
  });
  const tokenFor = (...scopes: readonly Scope[]) => store.create('a test', scopes).token;
  const revoke = (token: string) => store.revoke(token.split('_')[1]!);
  return { ...arena, token: tokenFor(...SCOPES), tokenFor, revoke, data };
}

export interface Wire {
  readonly url: string;
  /** Breaks all connections without a word. */
  cut(): void;
  /** Lets nobody through any more, and cuts; or lets them through again. */
  block(blocked: boolean): void;
}

/** A port in front of the arena's. */
export async function wireTo(url: string): Promise<Wire> {
  const { port } = new URL(url);
  const sockets = new Set<Socket>();
  let blocked = false;
  const server = createServer((near) => {
    if (blocked) {
      near.destroy();
      return;
    }
    const far = connect(Number(port), '127.0.0.1');
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.pipe(other);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  afterAll(() => {
    cut();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    block(wanted) {
      blocked = wanted;
      if (blocked) cut();
    },
  };
}
