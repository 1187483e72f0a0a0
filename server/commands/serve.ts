/** `arena serve`: builds the client where it is missing or old, hosts, and goes down when told. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { serveConfig, UsageError } from '../config.ts';
import { hostArena } from '../host.ts';
import { CLIENT_DIRECTORY } from '../http.ts';
import { log } from '../log.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export async function serve(flags: Record<string, unknown>): Promise<void> {
  const config = serveConfig(flags, process.env);
  await buildClient();
  const arena = await hostArena(config);
  process.stdout.write(`Arena ready at ${arena.url}\n`);
  let closing = false;
  const close = async (signal: NodeJS.Signals) => {
    if (closing) process.exit(1);
    closing = true;
    log.info({ signal }, 'going down');
    await arena.close();
    process.exit(0);
  };
  process.on('SIGINT', close);
  process.on('SIGTERM', close);
}

/** Runs the client's build unless it is newer than everything it is made of. */
async function buildClient(): Promise<void> {
  const page = join(CLIENT_DIRECTORY, 'index.html');
  const sources = ['client', 'agents/client', 'shared', 'vite.config.ts', 'package.json'].map((name) =>
    join(ROOT, name),
  );
  if (existsSync(page) && statSync(page).mtimeMs >= Math.max(...sources.map(newest))) return;
  process.stderr.write('building the client, once …\n');
  try {
    const vite = join(ROOT, 'node_modules/vite/bin/vite.js');
    await promisify(execFile)(process.execPath, [vite, 'build', '--logLevel', 'warn'], { cwd: ROOT });
  } catch (error) {
    throw new UsageError(
      `the client cannot be built: ${(error as { stderr?: string }).stderr || (error as Error).message}`,
    );
  }
}

/** Time of the latest change below `path`, ms since 1970. */
function newest(path: string): number {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}
