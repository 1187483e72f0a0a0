/** What can go wrong around a training run, told apart by who can do something about it. */

/** What was asked for makes no sense as given: the command line prints it without a stack and exits with 2. */
export class TrainingUsageError extends Error {
  override name = 'TrainingUsageError';
}

/** Learning went wrong in a way that more of it does not mend: numbers that are none. */
export class LearningError extends Error {
  override name = 'LearningError';
}

/** The arena that a run learns on is gone, or will have it no longer. */
export class ConnectionError extends Error {
  override name = 'ConnectionError';
}

/** A file that could not be written: a full disk, a missing permission. Nobody's mistake, but no stack helps either. */
export class WriteError extends Error {
  override name = 'WriteError';
  readonly path: string;

  /** @param cause what the file system said; its code becomes words. */
  constructor(path: string, cause: unknown) {
    super(`${path} cannot be written: ${writeReason(cause)}`, { cause });
    this.path = path;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'no space is left on the disk',
  EDQUOT: 'the disk quota is used up',
  EACCES: 'permission is missing',
  EPERM: 'permission is missing',
  EROFS: 'the file system is read only',
  ENOENT: 'there is no such file',
  EEXIST: 'a file is there',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EISDIR: 'it is a folder',
  EMFILE: 'too many files are open',
  EIO: 'the disk reports an error',
};

/** A file that is written need not be there, its folder has to. */
const WRITE_REASONS: Readonly<Record<string, string>> = { ...REASONS, ENOENT: 'its folder does not exist' };

/** A file system's error over a file that was to be read, as words, with its code. */
export function reason(error: unknown): string {
  return inWords(error, REASONS);
}

/** As `reason`, of one that was to be written. */
export function writeReason(error: unknown): string {
  return inWords(error, WRITE_REASONS);
}

function inWords(error: unknown, reasons: Readonly<Record<string, string>>): string {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (typeof code === 'string') return reasons[code] === undefined ? code : `${reasons[code]} (${code})`;
  return error instanceof Error ? error.message : String(error);
}
