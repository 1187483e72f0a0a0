/** The real program and a real browser, for tests and for pictures. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright-core';

const PROGRAM = fileURLToPath(new URL('../../server/arena.ts', import.meta.url));

export interface Program {
  /** For example `http://127.0.0.1:40123`. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts `arena serve` on a free port and resolves once it says that it can be used. */
export async function startProgram(...flags: string[]): Promise<Program> {
  const child = spawn(process.execPath, [PROGRAM, 'serve', '--port', '0', ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ARENA_LOG: 'error' },
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^Arena ready at (http:\S+)$/.exec(line)?.[1];
    if (url === undefined) continue;
    return {
      url,
      async stop() {
        child.kill('SIGTERM');
        await ended;
      },
    };
  }
  throw new Error('the arena ended before it was ready');
}

/** Headless Chromium: Debian's, or the one that the variable CHROMIUM names. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
