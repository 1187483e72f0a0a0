/** An arena on a free loopback port for the tests of one file, which ends with them. */
import { afterAll } from 'vitest';
import { serveConfig } from '../../server/config.ts';
import { type Arena, hostArena } from '../../server/host.ts';

export async function startArena(flags: Record<string, unknown> = {}): Promise<Arena> {
  const arena = await hostArena(serveConfig({ port: 0, demo: false, ...flags }, {}));
  afterAll(() => arena.close());
  return arena;
}
