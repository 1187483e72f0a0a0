/**
 * The eager backends of tfjs: TensorFlow itself through `tfjs-node`, WebAssembly, and plain JavaScript. Each is loaded
 * only when it is asked for, and registers with the one `@tensorflow/tfjs-core` that programs are written in.
 */
import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import util from 'node:util';
import { CompileError } from './errors.ts';
import * as tf from './tf.ts';
import { registerWasmKernels } from './wasm-kernels.ts';

export const EAGER_BACKENDS = ['tfjs-node', 'wasm', 'cpu'] as const;
export type EagerBackend = (typeof EAGER_BACKENDS)[number];

export interface LoadedBackend {
  /** What tfjs calls it, for `tf.setBackend`. */
  readonly backend: string;
  /** The package with its version, and that of the library it stands on. */
  readonly version: string;
}

/** Whether a backend loads here: if so its version, if not why, with what to do about it. */
export type Availability =
  | { readonly name: EagerBackend; readonly version: string }
  | { readonly name: EagerBackend; readonly reason: string };

interface Source {
  /** What tfjs calls the backend. */
  readonly name: string;
  readonly remedy: string;
  /** Registers the backend. Gives what `version` needs once it is the current one. */
  readonly register: () => Promise<() => string>;
}

const require = createRequire(import.meta.url);

const SOURCES: Readonly<Record<EagerBackend, Source>> = {
  'tfjs-node': {
    name: 'tensorflow',
    remedy: 'run `npm run setup:tfjs-node`',
    register: registerTensorFlow,
  },
  wasm: { name: 'wasm', remedy: 'run `npm ci`', register: registerWasm },
  cpu: { name: 'cpu', remedy: 'run `npm ci`', register: registerCpu },
};

const registrations = new Map<EagerBackend, Promise<() => string>>();

/**
 * Registers a backend and makes it the one that tfjs runs on.
 * @throws {CompileError} where it cannot be loaded: which, why, and what to do.
 */
export async function loadEager(backend: EagerBackend): Promise<LoadedBackend> {
  const { name, remedy, register } = SOURCES[backend];
  try {
    let registration = registrations.get(backend);
    if (registration === undefined) registrations.set(backend, (registration = register()));
    const version = await registration;
    if (!(await tf.setBackend(name))) throw new Error(`tfjs could not initialise its backend "${name}"`);
    await tf.ready();
    return { backend: name, version: version() };
  } catch (cause) {
    registrations.delete(backend);
    const why = (cause instanceof Error ? cause.message : String(cause))
      .split('\n')[0]!
      .replace(/[\s.]+$/, '');
    throw new CompileError(`the backend "${backend}" cannot be loaded: ${why}; ${remedy}`, { cause });
  }
}

/** Tries every eager backend. What tfjs ran on before, it runs on afterwards. */
export async function availableBackends(): Promise<Availability[]> {
  // The types do not say that there may be none yet.
  const current: string | undefined = tf.getBackend();
  const found: Availability[] = [];
  for (const name of EAGER_BACKENDS) {
    try {
      found.push({ name, version: (await loadEager(name)).version });
    } catch (error) {
      found.push({ name, reason: (error as Error).message });
    }
  }
  if (current !== undefined) await tf.setBackend(current);
  return found;
}

/** What tfjs-node 4.22 calls of Node's `util`, which removed the first with version 23 and warns of the second. */
const FORMERLY_IN_UTIL = {
  isNullOrUndefined: (value: unknown) => value === null || value === undefined,
  isArray: Array.isArray,
};

async function registerTensorFlow() {
  Object.assign(util, FORMERLY_IN_UTIL);
  // Read by the library as it is loaded. oneDNN's kernels are no faster for networks of our size, round as the machine
  // pleases, and are announced however little the library is told to log. A worker thread has only a copy of the
  // process's environment, so it is quiet where the main thread loaded this before, or lent it `SHARE_ENV`.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  process.env.TF_ENABLE_ONEDNN_OPTS ??= '0';
  const node = require('@tensorflow/tfjs-node') as typeof tf & { version: Record<string, string> };
  if (node.Tensor !== tf.Tensor || node.engine() !== tf.engine()) {
    throw new Error('it came with a tfjs-core of its own, so its tensors would not be ours');
  }
  return () => {
    const { binding } = tf.backend() as unknown as { binding: { TF_Version: string } };
    return `tfjs-node ${node.version['tfjs-node']} (TensorFlow ${binding.TF_Version})`;
  };
}

async function registerWasm() {
  const before = ENDS.map((event) => process.listeners(event as 'exit'));
  const { setWasmPaths, version_wasm } = await import('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(dirname(require.resolve('@tensorflow/tfjs-backend-wasm')) + sep);
  // Initialised by hand: tfjs would print why it failed and tell its caller nothing.
  const instance = await tf.findBackendFactory('wasm')();
  tf.removeBackend('wasm');
  tf.registerBackend('wasm', () => instance);
  registerWasmKernels();
  // The module's own handlers of what nobody caught throw it again, past everybody else's.
  ENDS.forEach((event, i) => {
    for (const listener of process.listeners(event as 'exit')) {
      if (!before[i]!.includes(listener)) process.removeListener(event, listener);
    }
  });
  return () => `tfjs-backend-wasm ${version_wasm}`;
}

const ENDS = ['uncaughtException', 'unhandledRejection'] as const;

async function registerCpu() {
  const { version_cpu } = await import('@tensorflow/tfjs-backend-cpu');
  return () => `tfjs-backend-cpu ${version_cpu}`;
}
