/** What goes wrong between a run and the arena that it learns on. */
import { ArenaError } from '../client/errors.ts';
import { ConnectionError, TrainingUsageError } from '../training/errors.ts';

/** The connection is gone, or was never there; another may be had. */
const PASSING: readonly string[] = ['disconnected', 'unreachable', 'closed', 'going-down'];

export function isPassing(error: unknown): error is ArenaError {
  return error instanceof ArenaError && PASSING.includes(error.code);
}

/** A message more than the arena takes in a second: it did nothing. */
export function isTooFast(error: unknown): boolean {
  return error instanceof ArenaError && error.code === 'too-fast';
}

/** What an arena refuses in the middle of a run, as what ends the run. */
export function asEnding(error: unknown): unknown {
  return error instanceof ArenaError
    ? new ConnectionError(`${error.message} (${error.code})`, { cause: error })
    : error;
}

/** What helps, by code, beside what the arena says. */
const REMEDIES: Readonly<Record<string, string>> = {
  'bad-token': 'do that where the arena runs, and give it with --token or ARENA_TOKEN',
  'revoked-token': '`npx arena token create` does that',
  'missing-scope': '`npx arena token create --scopes train,play` makes one for environments and rooms',
  'wrong-protocol': 'use the same version here and there',
  unreachable: 'start it with `npx arena serve`, or check the address',
  'no-room': 'give the address of its page, or its id',
  'no-free-seat': 'give fewer with --seats, or another room',
  'no-seat': 'give fewer with --seats',
  'too-many-environments': 'give fewer with --set environments=...',
};

/**
 * What an arena refuses before anything is written, with what helps; anything else as it is.
 * @param flag what was asked for, such as `--arena http://127.0.0.1:2567`.
 */
export function refused(error: unknown, flag: string): unknown {
  if (!(error instanceof ArenaError)) return error;
  const remedy = REMEDIES[error.code];
  return new TrainingUsageError(
    `${flag}: ${error.message} (${error.code})${remedy === undefined ? '' : `; ${remedy}`}`,
    { cause: error },
  );
}
