/** PyTorch's times of the same network and update, measured by `torch_bench.py` in whichever Python has a torch. */
import { spawn, spawnSync } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';

const SCRIPT = fileURLToPath(new URL('torch_bench.py', import.meta.url));
/** The script's exit code where its Python has no torch. */
const NO_TORCH = 3;

/** What to tell where no Python with a torch is found; measuring goes on without that column. */
export const TORCH_MISSING = [
  'no Python with PyTorch was found, so nothing can be compared with it. To have one:',
  '  python3 -m venv ~/.cache/commons-arena/venv-torch && ~/.cache/commons-arena/venv-torch/bin/pip install torch',
  'takes 5.3 GB on Linux x64, where PyPI has it with CUDA only;',
  '  apt-get install python3-torch libopenblas0-pthread',
  'is 0.7 GB of an older one (without OpenBLAS its matrix products are 20 times slower). Or name a Python in ARENA_PYTHON.',
].join('\n');

export interface Torch {
  readonly python: string;
  /** As torch says it, for example `2.15.0+cu132`. */
  readonly version: string;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** Where a torch may be, in this order: $ARENA_PYTHON, our folder in the cache, the PATH's Python, the system's. */
export function pythons(variables: Variables = process.env): string[] {
  const cache = variables.XDG_CACHE_HOME || join(homedir(), '.cache');
  const places = [
    variables.ARENA_PYTHON,
    join(cache, 'commons-arena/venv-torch/bin/python'),
    'python3',
    '/usr/bin/python3',
  ];
  return places.filter((place) => place !== undefined && place !== '') as string[];
}

/** The first of `candidates` that can import torch, which is tried: a second or two for each that has one. */
export function findTorch(candidates: readonly string[] = pythons()): Torch | null {
  for (const python of candidates) {
    const code = 'import warnings; warnings.simplefilter("ignore"); import torch; print(torch.__version__)';
    const { status, stdout } = spawnSync(python, ['-c', code], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    if (status === 0) return { python, version: stdout.trim() };
  }
  return null;
}

const point = {
  torch: z.string().min(1),
  /** The form that was timed; the fastest of a point is the one to compare with. */
  variant: z.string().min(1),
  batch: z.int().positive(),
  /** Milliseconds a call: median, and minimum, which a busy machine disturbs less. */
  ms: z.number().positive(),
  bestMs: z.number().positive(),
  repeats: z.int().positive(),
};
const recordSchema = z.discriminatedUnion('measure', [
  /** `batch` is the side of the square matrices. */
  z.strictObject({ ...point, measure: z.literal('gemm'), gflops: z.number().positive() }),
  /** `input`: from uint8 class ids, as acting does, or from float32 pixels that are ready. */
  z.strictObject({
    ...point,
    measure: z.literal('inference'),
    input: z.enum(['ids', 'rgb']),
    samplesPerSecond: z.number().positive(),
  }),
  /** `batch` is the samples of the update, 64 sequences of 20 steps. */
  z.strictObject({ ...point, measure: z.literal('update'), samplesPerSecond: z.number().positive() }),
]);

export type TorchRecord = z.infer<typeof recordSchema>;

/** @throws {Error} that names the line, the field and what was expected of it. */
export function parseRecord(text: string, line: number): TorchRecord {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error(
      `torch_bench.py, line ${line}: a JSON object was expected, not ${JSON.stringify(text.slice(0, 80))}`,
    );
  }
  const parsed = recordSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw new Error(
    `torch_bench.py, line ${line}: ${path.length === 0 ? '' : `${path.join('.')}: `}${message}`,
  );
}

/** Of each point (measure, batch, input) the variant with the smallest median, in the order of first appearance. */
export function fastest(records: readonly TorchRecord[]): TorchRecord[] {
  const best = new Map<string, TorchRecord>();
  for (const record of records) {
    const key = `${record.measure} ${record.batch} ${record.measure === 'inference' ? record.input : ''}`;
    const other = best.get(key);
    if (other === undefined || record.ms < other.ms) best.set(key, record);
  }
  return [...best.values()];
}

export interface TorchBenchOptions {
  /** Which Python; without one, findTorch's. */
  readonly python?: string;
  /** For each line that is printed, of which there may be 45. */
  readonly seconds?: number;
  /** Batches of inference. */
  readonly batches?: readonly number[];
  readonly measures?: readonly TorchRecord['measure'][];
  /** Whether inference is tried with torch.compile: a minute more, and with `autotune` several. */
  readonly compile?: 'no' | 'default' | 'autotune';
  /** Told what is measured next and which variants do not run here. */
  readonly note?: (text: string) => void;
}

/** No torch in the Python that was asked, or none anywhere. */
export class TorchMissing extends Error {
  override name = 'TorchMissing';
}

/**
 * Measures PyTorch on one thread, in a process of its own.
 * @returns every variant of every point; `fastest` picks.
 * @throws {TorchMissing} where there is none. @throws {Error} where the script fails or prints something else.
 */
export async function torchBench(options: TorchBenchOptions = {}): Promise<TorchRecord[]> {
  const python = options.python ?? findTorch()?.python;
  if (python === undefined) throw new TorchMissing(TORCH_MISSING);
  const { seconds, batches, measures, compile, note } = options;
  const child = spawn(
    python,
    [
      SCRIPT,
      ...(seconds === undefined ? [] : ['--seconds', String(seconds)]),
      ...(batches === undefined ? [] : ['--batches', ...batches.map(String)]),
      ...(measures === undefined ? [] : ['--measures', ...measures]),
      ...(compile === undefined ? [] : ['--compile', compile]),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const ended = new Promise<number | string>((resolve, reject) => {
    child.once('error', (cause) => reject(new Error(`${python} does not run: ${cause.message}`, { cause })));
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'nothing'));
  });
  const complaints: string[] = [];
  createInterface(child.stderr).on('line', (text) => {
    complaints.push(text);
    note?.(text.replace(/^torch_bench: /, ''));
  });
  const lines: string[] = [];
  createInterface(child.stdout).on('line', (text) => lines.push(text));
  const code = await ended;
  if (code === NO_TORCH) throw new TorchMissing(`${complaints.at(-1)}\n${TORCH_MISSING}`);
  if (code !== 0) {
    throw new Error(`torch_bench.py ended with ${code}:\n${complaints.slice(-4).join('\n')}`);
  }
  return lines.map((text, i) => parseRecord(text, i + 1));
}
