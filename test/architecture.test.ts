/** Who may know whom: `shared` <- `agents` <- `server`, `shared` <- `client`. Imports are read from the sources. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** What each room may import from. */
const ROOMS = {
  shared: ['shared'],
  agents: ['agents', 'shared'],
  client: ['client', 'shared'],
  server: ['server', 'agents', 'shared'],
} as const;
type Room = keyof typeof ROOMS;
const BROWSER_ROOMS = ['shared', 'client'] as const;

/** The command line starts everything, so it may know everything. */
const ENTRY = 'server/arena.ts';
/** Run by hand and by tests, never by the rules. */
const BUILD_SCRIPTS = ['shared/grid/build-kernel.ts'];

const TEXT = /\.(?:ts|md|html|css|json|mjs|yml|yaml)$/;
const IGNORED = ['node_modules', 'dist', '.git', 'coverage'];

/** Files under a folder, as paths from the root. */
function files(folder: string, kind: RegExp): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return IGNORED.includes(entry.name) ? [] : files(path, kind);
    return kind.test(entry.name) ? [path] : [];
  });
}

const sources = (folder: string) => files(folder, /\.ts$/);

/** What a source imports: static, re-exported, for its types, dynamic, or as a worker or asset by URL. */
function importsOf(text: string): string[] {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');
  const patterns = [
    /\b(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]/g,
    /\bimport\s*['"]([^'"]+)['"]/g,
    /\bimport\s*\(\s*['"`]([^'"`]+)['"`]/g,
    /\bnew URL\(\s*['"`](\.[^'"`]+)['"`]/g,
  ];
  return patterns.flatMap((pattern) => Array.from(code.matchAll(pattern), (match) => match[1]!));
}

/** A file's imports, relative ones as paths from the root. */
function imports(file: string): string[] {
  return importsOf(readFileSync(join(ROOT, file), 'utf8')).map((specifier) =>
    specifier.startsWith('.') ? relative(ROOT, resolve(ROOT, dirname(file), specifier)) || '.' : specifier,
  );
}

const isRoom = (path: string): path is Room => Object.hasOwn(ROOMS, path);

describe.each(Object.keys(ROOMS) as Room[])('%s', (room) => {
  const allowed: readonly string[] = ROOMS[room];
  const own = sources(room).filter((file) => file !== ENTRY && !file.endsWith('.test.ts'));

  it(`imports only from ${allowed.join(', ')}`, () => {
    const strangers = own.flatMap((file) =>
      imports(file)
        .filter((path) => {
          const top = path.split('/')[0]!;
          return (isRoom(top) && !allowed.includes(top)) || top === 'test';
        })
        .map((path) => `${file} imports ${path}`),
    );
    expect(strangers).toEqual([]);
  });
});

it.each(BROWSER_ROOMS)('%s runs in a browser: it imports nothing of Node', (room) => {
  const strangers = sources(room)
    .filter((file) => !BUILD_SCRIPTS.includes(file) && !file.endsWith('.test.ts'))
    .flatMap((file) =>
      imports(file)
        .filter((path) => path.startsWith('node:'))
        .map((path) => `${file} imports ${path}`),
    );
  expect(strangers).toEqual([]);
});

it('build scripts are imported by nothing in the rooms', () => {
  const users = (Object.keys(ROOMS) as Room[])
    .flatMap((folder) => sources(folder))
    .filter((file) => imports(file).some((path) => BUILD_SCRIPTS.includes(path)));
  expect(users.filter((file) => !file.endsWith('.test.ts'))).toEqual([]);
});

it('shared leans on zod and on nothing else that is installed', () => {
  const packages = sources('shared')
    .filter((file) => !BUILD_SCRIPTS.includes(file) && !file.endsWith('.test.ts'))
    .flatMap(imports)
    .filter((path) => !path.startsWith('shared/'));
  expect([...new Set(packages)]).toEqual(['zod']);
});

it('no source or document names a folder `shared` other than the repository’s own', () => {
  const outside = files('.', TEXT).flatMap((file) =>
    Array.from(readFileSync(join(ROOT, file), 'utf8').matchAll(/(?:\.\.\/)+shared\//g), ([path]) => path)
      .filter((path) => relative(ROOT, resolve(ROOT, dirname(file), path)).startsWith('..'))
      .map((path) => `${file} names ${path}`),
  );
  expect(outside).toEqual([]);
});

describe('the reading of imports', () => {
  it.each([
    ["import { a } from './a.ts';", './a.ts'],
    ["import type { A } from '../a.ts';", '../a.ts'],
    ["import {\n  a,\n  type B,\n} from './b.ts';", './b.ts'],
    ["import * as z from 'zod';", 'zod'],
    ["export * from './c.ts';", './c.ts'],
    ["import './side-effect.ts';", './side-effect.ts'],
    ["const d = await import('./d.ts');", './d.ts'],
    ["new Worker(new URL('./worker.ts', import.meta.url));", './worker.ts'],
    ["import x, { y } from 'node:fs';", 'node:fs'],
  ])('finds %j', (code, specifier) => {
    expect(importsOf(code)).toEqual([specifier]);
  });

  it('passes over comments', () => {
    expect(importsOf("/* import a from './a.ts'; */\n// import b from './b.ts';\nconst c = 1;")).toEqual([]);
  });
});
