/** What the setup of tfjs-node runs and looks for on the machine, with errors that say what to install. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, statfsSync } from 'node:fs';

/** A step that cannot be done, and what would help. */
export class SetupError extends Error {
  override name = 'SetupError';
  readonly remedy: string;

  constructor(what: string, remedy: string) {
    super(what);
    this.remedy = remedy;
  }
}

export type Variables = Readonly<Record<string, string | undefined>>;

export interface Outcome {
  readonly ok: boolean;
  /** Nothing of that name on the PATH. */
  readonly missing: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly variables?: Variables;
  /** Lets the command draw its progress on our standard output; `stdout` is then empty. */
  readonly show?: boolean;
}

/** Runs a command to its end. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Outcome {
  const { cwd, variables = process.env, show = false } = options;
  const result = spawnSync(command, args, {
    cwd,
    env: variables as NodeJS.ProcessEnv,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', show ? 'inherit' : 'pipe', 'pipe'],
  });
  return {
    ok: result.status === 0,
    missing: result.error !== undefined && 'code' in result.error && result.error.code === 'ENOENT',
    stdout: result.stdout ?? '',
    stderr: result.error === undefined ? result.stderr : result.error.message,
  };
}

/** The lines that say what went wrong, of a command that wrote much. */
export function complaint({ stdout, stderr }: Outcome): string {
  const lines = new Set(`${stderr}\n${stdout}`.split('\n').filter((line) => line.trim() !== ''));
  const errors = [...lines].filter((line) => /\berror:|^npm error/i.test(line));
  return (errors.length > 0 ? errors : [...lines]).slice(0, 4).join('\n') || 'it said nothing';
}

/** The command of a Python that has pip. Any version will do: it fetches and unpacks, and runs nothing of the wheel. */
export function findPython(variables: Variables = process.env): string {
  const found = ['python3', 'python'].filter((name) => run(name, ['--version'], { variables }).ok);
  if (found.length === 0) {
    throw new SetupError(
      'no Python on the PATH, which fetches TensorFlow from PyPI',
      'apt-get install python3 python3-pip',
    );
  }
  const python = found.find((name) => run(name, ['-m', 'pip', '--version'], { variables }).ok);
  if (python === undefined) {
    throw new SetupError(
      `${found[0]} has no pip, which fetches TensorFlow from PyPI`,
      'apt-get install python3-pip',
    );
  }
  return python;
}

/** The C++ compiler: what CXX names, or g++. */
export function findCompiler(variables: Variables = process.env): string {
  const compiler = variables.CXX || 'g++';
  if (!run(compiler, ['--version'], { variables }).ok) {
    throw new SetupError(
      `the C++ compiler ${compiler} does not run`,
      'apt-get install g++, or name another one in CXX',
    );
  }
  return compiler;
}

/** @param bytes that must be free where `folder` lies, which is made. */
export function requireSpace(folder: string, bytes: number): void {
  mkdirSync(folder, { recursive: true });
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize >= bytes) return;
  const megabytes = (size: number) => `${Math.floor(size / 1e6)} MB`;
  throw new SetupError(
    `${folder} has ${megabytes(bavail * bsize)} free and ${megabytes(bytes)} are needed`,
    'make room, or name a folder elsewhere in XDG_CACHE_HOME',
  );
}
