/** What `npm run bench:train` is told on the command line. */
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { BACKENDS, type BackendName } from '../../agents/engine/index.ts';

export interface Flags {
  readonly json: boolean;
  /** Of measuring for each figure, over all rounds. */
  readonly seconds: number;
  readonly rounds: number;
  readonly backends: readonly BackendName[];
  readonly torch: boolean;
  /** Whether iterations with intrinsic rewards are measured. */
  readonly intrinsic: boolean;
  /** Small sizes, to see that everything runs; the figures then say nothing. */
  readonly quick: boolean;
}

const isBackend = (name: string): name is BackendName => (BACKENDS as readonly string[]).includes(name);

const schema = z.object({
  json: z.boolean().default(false),
  seconds: z
    .string()
    .default('1.5')
    .transform(Number)
    .pipe(
      z
        .number({ error: 'must be a positive number of seconds, such as 1.5' })
        .positive({ error: 'must be a positive number of seconds, such as 1.5' })
        .max(600, { error: 'must be at most 600' }),
    ),
  rounds: z
    .string()
    .default('3')
    .transform(Number)
    .pipe(
      z
        .int({ error: 'must be a whole number from 1 to 100' })
        .min(1, { error: 'must be a whole number from 1 to 100' })
        .max(100, { error: 'must be a whole number from 1 to 100' }),
    ),
  backends: z
    .string()
    .default(BACKENDS.join(','))
    .transform((text) => [...new Set(text.split(',').map((name) => name.trim()))])
    .transform((names, context): BackendName[] => {
      for (const name of names) {
        if (isBackend(name)) continue;
        context.addIssue({
          code: 'custom',
          message: `has ${JSON.stringify(name)}: it must be a list such as onnx,wasm of ${BACKENDS.join(', ')}`,
        });
        return z.NEVER;
      }
      return names.filter(isBackend);
    }),
  'no-torch': z.boolean().default(false),
  'no-intrinsic': z.boolean().default(false),
  quick: z.boolean().default(false),
});

/** @throws {RangeError | TypeError} naming the flag, what it was and what it must be. */
export function parseFlags(argv: readonly string[]): Flags {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      json: { type: 'boolean' },
      seconds: { type: 'string' },
      rounds: { type: 'string' },
      backends: { type: 'string' },
      'no-torch': { type: 'boolean' },
      'no-intrinsic': { type: 'boolean' },
      quick: { type: 'boolean' },
    },
  });
  const parsed = schema.safeParse(values);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    const flag = String(path[0]) as keyof typeof values;
    throw new RangeError(`--${flag} ${String(values[flag])}: ${message}`);
  }
  const { 'no-torch': noTorch, 'no-intrinsic': noIntrinsic, ...rest } = parsed.data;
  return { ...rest, torch: !noTorch, intrinsic: !noIntrinsic };
}
