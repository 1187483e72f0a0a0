/** The engine: picks what carries the programs, says why, and compiles. */
import { compileEager } from './eager.ts';
import type { CompileOptions, Program, Signature, TensorFunction } from './program.ts';

export const BACKENDS = ['onnx', 'tfjs-node', 'wasm', 'cpu'] as const;
export type BackendName = (typeof BACKENDS)[number];

export interface Engine {
  readonly backend: BackendName;
  /** What it is, with version, for logs. */
  readonly description: string;
  /**
   * @param fn computes only with tfjs ops, and the same ones each time.
   * @throws {CompileError} for what cannot be traced, naming the op and the line.
   */
  compile(name: string, fn: TensorFunction, inputs: Signature, options?: CompileOptions): Promise<Program>;
}

export interface BackendChoice {
  readonly backend: BackendName;
  readonly why: string;
}

/** @param flag as given on the command line. @throws {RangeError} for a name that is none. */
export function chooseBackend(
  flag: string | undefined,
  variables: Readonly<Record<string, string | undefined>> = process.env,
): BackendChoice {
  const fromFlag = flag !== undefined;
  const asked = fromFlag ? flag : variables.ARENA_BACKEND;
  if (asked === undefined || asked === '') {
    return { backend: 'onnx', why: 'the fastest, and the default' };
  }
  const backend = BACKENDS.find((name) => name === asked);
  const source = fromFlag ? '--backend' : 'ARENA_BACKEND';
  if (backend === undefined) {
    throw new RangeError(`${source} is ${JSON.stringify(asked)}, there are ${BACKENDS.join(', ')}`);
  }
  return { backend, why: `${source} says so` };
}

/** @throws {Error} where the backend does not load, saying why and what helps. */
export async function openEngine(backend: BackendName): Promise<Engine> {
  if (backend === 'onnx') {
    const [{ compileOnnx }, { env }] = await Promise.all([
      import('./onnx/compile.ts'),
      import('onnxruntime-node'),
    ]);
    return {
      backend,
      description: `ONNX Runtime ${env.versions.node ?? env.versions.common}`,
      compile: compileOnnx,
    };
  }
  const { loadEager } = await import('./tensorflow.ts');
  const loaded = await loadEager(backend);
  return {
    backend,
    description: loaded.version,
    compile: async (name, fn, inputs, options) => compileEager(loaded.backend, name, fn, inputs, options),
  };
}
