/** Flags that commands which train have in common. */
import * as z from 'zod';

/** A whole number of something, in any notation: 200000 or 2e7. */
export const playerSteps = z
  .string()
  .transform(Number)
  .pipe(z.int({ error: 'must be a whole number of player steps, such as 200000 or 2e7' }).min(1));

const SEEDS = 'must be a seed such as 3 or a range such as 0..9';

/** `0..9` as all of them, `3` as that one. */
export const seedRange = z
  .string()
  .regex(/^\d+(\.\.\d+)?$/, { error: SEEDS })
  .transform((text) => text.split('..').map(Number))
  .transform(([first, last = first]) => [first!, last!] as const)
  .refine(([first, last]) => first <= last && last - first < 1000 && last <= Number.MAX_SAFE_INTEGER, {
    error: SEEDS,
  })
  .transform(([first, last]) => Array.from({ length: last - first + 1 }, (_, k) => first + k));

/** As typed, without the paths of Node and of the program; quoted where a shell would need it. */
export function commandLine(): string {
  const quoted = process.argv
    .slice(2)
    .map((word) => (/^[\w./:,=@+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`));
  return ['npx arena', ...quoted].join(' ');
}
