/** The npm package tfjs-node without its install script, and its addon compiled from the sources that it brings. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { complaint, run, SetupError } from './commands.ts';

const PACKAGE = '@tensorflow/tfjs-node';
const PACKAGES = [`${PACKAGE}@4.22.0`, 'node-api-headers@1.9.0'];

const inModules = (root: string, name: string) => join(root, 'node_modules', name);

export function hasPackages(root: string): boolean {
  return [PACKAGE, 'node-api-headers'].every((name) => existsSync(inModules(root, name)));
}

/**
 * Adds the packages to `node_modules`; package.json, the lock file and all other packages stay as they are. (As on every
 * `npm install`, what the installer of `node` unpacked within that package goes; `node/bin/node` stays.)
 */
export function installPackages(root: string): void {
  // `npm run` says which npm it is; that one is JavaScript, for the Node that runs this.
  const npm = process.env.npm_execpath;
  const [command, first] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []];
  const args = ['install', '--no-save', '--ignore-scripts', '--include=optional', '--no-audit', '--no-fund'];
  // Where development packages were left out, npm would add them now; said wrongly, it would remove them.
  if (!hasDevelopmentPackages(root)) args.push('--omit=dev');
  const outcome = run(command, [...first, ...args, ...PACKAGES], { cwd: root });
  if (outcome.missing)
    throw new SetupError('no npm on the PATH', 'start this with `npm run setup:tfjs-node`');
  if (!outcome.ok || !hasPackages(root)) {
    const why = outcome.ok ? 'it leaves out optional packages that it cannot fetch' : complaint(outcome);
    throw new SetupError(
      `npm could not add ${PACKAGES.join(' and ')}: ${why}`,
      'the npm registry must be within reach (see `npm config get registry`), and `npm ci` done before',
    );
  }
}

/** npm's own record of what it installed marks what is there for development only. */
function hasDevelopmentPackages(root: string): boolean {
  const { packages } = JSON.parse(readFileSync(inModules(root, '.package-lock.json'), 'utf8'));
  return Object.values(packages as Record<string, { dev?: boolean }>).some(({ dev }) => dev);
}

/**
 * The addon may be loaded by several threads, but keeps the names of attributes it has seen in one set that they would
 * all write to unguarded. A set for each thread does.
 */
export function perThread(source: string): string {
  const shared = 'static std::set<std::string> ATTR_NAME_SET;';
  if (!source.includes(shared)) {
    throw new SetupError(`tfjs_backend.cc of ${PACKAGE} has no line "${shared}"`, `use ${PACKAGES[0]}`);
  }
  return source.replace(shared, shared.replace('static', 'static thread_local'));
}

/** Compiles the addon to where the package looks for it, linked to the library in `library`. */
export function compileBinding(root: string, compiler: string, library: string): void {
  const folder = inModules(root, PACKAGE);
  const sources = join(folder, 'binding');
  // Where node-pre-gyp looks under every Node of version 16 or later.
  const target = join(folder, 'lib', 'napi-v8', 'tfjs_binding.node');
  const work = mkdtempSync(join(tmpdir(), 'tfjs-binding-'));
  try {
    const backend = join(work, 'tfjs_backend.cc');
    writeFileSync(backend, perThread(readFileSync(join(sources, 'tfjs_backend.cc'), 'utf8')));
    mkdirSync(join(folder, 'lib', 'napi-v8'), { recursive: true });
    const args = [
      ...['-O2', '-std=c++17', '-fPIC', '-shared', '-DNAPI_VERSION=8', `-I${sources}`],
      ...[`-I${join(library, 'include')}`, `-I${join(inModules(root, 'node-api-headers'), 'include')}`],
      ...[backend, join(sources, 'tfjs_binding.cc'), '-o', `${target}.new`],
      ...[`-L${library}`, '-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2'],
      `-Wl,-rpath,${library}`,
    ];
    const outcome = run(compiler, args);
    if (!outcome.ok) {
      throw new SetupError(
        `compiling the addon failed:\n${complaint(outcome)}`,
        `a compiler with C++17 and the headers of the C++ library must be there (apt-get install g++); if ${library} is damaged, remove it`,
      );
    }
    renameSync(`${target}.new`, target);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
