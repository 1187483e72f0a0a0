/** What goes wrong between a run and the arena that it learns on. */
import { ArenaError } from '../client/errors.ts';
import { ConnectionError } from '../training/errors.ts';

/** The connection is gone, or was never there; another may be had. */
const PASSING: readonly string[] = ['disconnected', 'unreachable', 'closed', 'going-down'];

export function isPassing(error: unknown): error is ArenaError {
  return error instanceof ArenaError && PASSING.includes(error.code);
}

/** What an arena refuses in the middle of a run, as what ends the run. */
export function asEnding(error: unknown): unknown {
  return error instanceof ArenaError
    ? new ConnectionError(`${error.message} (${error.code})`, { cause: error })
    : error;
}
