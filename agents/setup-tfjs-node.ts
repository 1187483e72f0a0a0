/**
 * `npm run setup:tfjs-node`: makes the backend `tfjs-node` usable where npm could not, since the host of its prebuilt
 * library is out of reach or has none for this Node. TensorFlow comes from PyPI and the addon is compiled here.
 */
import { fileURLToPath } from 'node:url';
import { compileBinding, hasPackages, installPackages } from './engine/setup/binding.ts';
import { complaint, findCompiler, findPython, run, SetupError } from './engine/setup/commands.ts';
import { fetchLibrary, hasLibrary, libraryFolder, TENSORFLOW } from './engine/setup/library.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const PROBE = fileURLToPath(new URL('./engine/setup/probe.ts', import.meta.url));

function step(what: string, work: () => void): void {
  console.log(`${what} ...`);
  const start = performance.now();
  work();
  console.log(`  done in ${((performance.now() - start) / 1000).toFixed(1)} s`);
}

/** Loads the backend in a fresh process, where nothing that failed to load before is remembered. */
const probe = () => run(process.execPath, [PROBE], { cwd: ROOT });

function setUp(): void {
  const before = probe();
  if (before.ok) {
    console.log(`${before.stdout.trim()} loads and computes already: nothing to do.`);
    return;
  }
  console.log('tfjs-node does not load here yet.');
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new SetupError(
      `this builds for Linux on x64 only, and here is ${process.platform} on ${process.arch}`,
      "npm's own install usually works there: npm install --no-save @tensorflow/tfjs-node@4.22.0",
    );
  }
  const library = libraryFolder();
  // Looked for before anything is fetched.
  const compiler = findCompiler();
  const python = hasLibrary(library) ? null : findPython();
  if (!hasPackages(ROOT)) step('packages from npm', () => installPackages(ROOT));
  if (python === null) console.log(`TensorFlow ${TENSORFLOW} is in ${library}`);
  else step(`TensorFlow ${TENSORFLOW} from PyPI to ${library}`, () => fetchLibrary(library, python));
  step(`the addon, with ${compiler}`, () => compileBinding(ROOT, compiler, library));
  const after = probe();
  if (!after.ok) {
    throw new SetupError(
      `it was built but does not work:\n${complaint(after)}`,
      `remove ${library} and try again; the library needs glibc 2.27 or later`,
    );
  }
  console.log(`${after.stdout.trim()} loads and computes.`);
}

try {
  setUp();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`tfjs-node is not set up: ${error.message}\nWhat helps: ${error.remedy}`);
  process.exitCode = 1;
}
