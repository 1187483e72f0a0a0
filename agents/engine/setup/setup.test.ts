/** What can go wrong before tfjs-node is set up; that it can be set up is for `npm run setup:tfjs-node` to show. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { perThread } from './binding.ts';
import { complaint, findCompiler, findPython, requireSpace, run, SetupError } from './commands.ts';
import { hasLibrary, libraryFolder, TENSORFLOW } from './library.ts';

const NOTHING_THERE = { PATH: '/nowhere' };

/** The error that `work` ends with. */
function failure(work: () => unknown): SetupError {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(SetupError);
    return error as SetupError;
  }
  throw new Error('it did not fail');
}

describe('what is missing is named, with what to install', () => {
  it('Python', () => {
    const { message, remedy } = failure(() => findPython(NOTHING_THERE));
    expect(message).toContain('no Python');
    expect(remedy).toContain('python3-pip');
  });

  it('a compiler', () => {
    const { message, remedy } = failure(() => findCompiler(NOTHING_THERE));
    expect(message).toContain('g++');
    expect(remedy).toContain('apt-get install g++');
  });

  it('the compiler that CXX names', () => {
    expect(failure(() => findCompiler({ ...NOTHING_THERE, CXX: 'none++' })).message).toContain('none++');
  });

  it('room on the disk, and where', () => {
    const folder = mkdtempSync(join(tmpdir(), 'setup-test-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const { message, remedy } = failure(() => requireSpace(folder, 1e21));
    expect(message).toContain(folder);
    expect(message).toContain('1000000000000000 MB are needed');
    expect(remedy).toContain('XDG_CACHE_HOME');
  });

  it('the line of the sources that is made safe for threads', () => {
    expect(failure(() => perThread('int x;')).message).toContain('ATTR_NAME_SET');
  });
});

it('a folder that has room is made', () => {
  const folder = mkdtempSync(join(tmpdir(), 'setup-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  requireSpace(join(folder, 'a', 'b'), 1);
  expect(existsSync(join(folder, 'a', 'b'))).toBe(true);
});

it('each thread gets a set of names', () => {
  expect(perThread('a\nstatic std::set<std::string> ATTR_NAME_SET;\nb')).toBe(
    'a\nstatic thread_local std::set<std::string> ATTR_NAME_SET;\nb',
  );
});

describe('the library', () => {
  it('lies below XDG_CACHE_HOME', () => {
    expect(libraryFolder({ XDG_CACHE_HOME: '/x' })).toBe(`/x/commons-arena/tensorflow-${TENSORFLOW}`);
  });

  it('lies below ~/.cache where that is not set, or empty', () => {
    const usual = join(homedir(), '.cache', 'commons-arena', `tensorflow-${TENSORFLOW}`);
    expect([libraryFolder({}), libraryFolder({ XDG_CACHE_HOME: '' })]).toEqual([usual, usual]);
  });

  it('is not there where its folder is not', () => {
    expect(hasLibrary('/nowhere')).toBe(false);
  });
});

describe('what a command says of its failure', () => {
  const outcome = { ok: false, missing: false, stdout: '', stderr: '' };

  it('is its errors, each once', () => {
    const stderr =
      'a.cc: note: x\na.h:1: fatal error: b.h: No such file\na.h:1: fatal error: b.h: No such file\n';
    expect(complaint({ ...outcome, stderr })).toBe('a.h:1: fatal error: b.h: No such file');
  });

  it('is what it wrote where nothing there is marked as an error', () => {
    expect(complaint({ ...outcome, stderr: 'killed\n' })).toBe('killed');
  });

  it('is told from its not being there', () => {
    expect(run('no-such-command', []).missing).toBe(true);
    expect(run(process.execPath, ['-e', 'process.exit(3)'])).toMatchObject({ ok: false, missing: false });
  });
});

it('the version that is installed is the one that package.json asks for', () => {
  const root = new URL('../../../', import.meta.url);
  const { optionalDependencies } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
  const source = readFileSync(new URL('./binding.ts', import.meta.url), 'utf8');
  expect(source).toContain(`\${PACKAGE}@${optionalDependencies['@tensorflow/tfjs-node']}\``);
});
