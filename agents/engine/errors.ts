/** What goes wrong as functions are made into programs, said with the line of whoever wrote them. */

/** A function that cannot be made into a program, or a backend that is not there. */
export class CompileError extends Error {
  override name = 'CompileError';
}

/** Frames of the engine itself and of what it stands on; its tests are its users. */
const NOT_OWN = /node_modules|node:|agents\/engine\/(?!.*\.test\.ts)/;

/** The first line of a stack that is the user's own, as ` (at file:line:column)`. */
export function lineOf(stack: string | undefined): string {
  const frames = (stack ?? '').split('\n').slice(1);
  const own = frames.find((frame) => !NOT_OWN.test(frame) && /[:]\d+:\d+/.test(frame));
  const place = own === undefined ? null : /(?:file:\/\/)?((?:\/|[A-Za-z]:)[^\s()]*:\d+:\d+)/.exec(own);
  return place === null ? '' : ` (at ${place[1]})`;
}

/**
 * The same error with the program, the op and the line that it comes from.
 * @param backend what tfjs calls the backend, in words.
 */
export function explained(program: string, backend: string, error: unknown): CompileError {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const unknown = /Kernel '(\w+)' not registered/.exec(message);
  const what = unknown === null ? message : `the op ${unknown[1]} has no kernel for ${backend} here`;
  return new CompileError(`compiling ${program}: ${what}${lineOf(stack)}`, { cause: error });
}

/** Stacks that reach from tfjs's depths to the user's line, while `work` is done. */
export function withLongStacks<T>(work: () => T): T {
  const frames = Error.stackTraceLimit;
  Error.stackTraceLimit = 100;
  try {
    return work();
  } finally {
    Error.stackTraceLimit = frames;
  }
}
