/**
 * An arena for `bench:gateway`, without the page: `node test/bench/gateway-server.ts <data folder>`.
 */
import { serveConfig } from '../../server/config.ts';
import { hostArena } from '../../server/host.ts';

const data = process.argv[2]!;
// As it should end for `--cpu-prof`.
process.once('SIGINT', () => process.exit(0));
const arena = await hostArena(
  serveConfig(
    { port: 0, demo: false, data, agentBytes: 10_000, tokenEnvironments: 64 * 1024, maxRooms: 1000 },
    {},
  ),
);
process.stdout.write(`ready ${arena.url}\n`);
