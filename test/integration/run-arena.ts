/** The command-line program, run to its end. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const PROGRAM = fileURLToPath(new URL('../../server/arena.ts', import.meta.url));

export interface Ending {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** @param cwd where it is started. */
export function runArena(args: readonly string[], cwd: string = ROOT): Promise<Ending> {
  return new Promise((resolve) => {
    execFile(process.execPath, [PROGRAM, ...args], { cwd }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err });
    });
  });
}
