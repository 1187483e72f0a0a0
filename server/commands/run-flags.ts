/** Flags that commands which train have in common. */
import * as z from 'zod';

/** A whole number of something, in any notation: 200000 or 2e7. */
export const playerSteps = z
  .string()
  .transform(Number)
  .pipe(z.int({ error: 'must be a whole number of player steps, such as 200000 or 2e7' }).min(1));

/** `0..9` as all of them. */
export const seedRange = z
  .string()
  .regex(/^\d+\.\.\d+$/, { error: 'must be a range such as 0..9' })
  .transform((text) => text.split('..').map(Number) as [number, number])
  .refine(([first, last]) => first <= last && last - first < 1000, { error: 'must be a range such as 0..9' })
  .transform(([first, last]) => Array.from({ length: last - first + 1 }, (_, k) => first + k));

/** As typed, without the paths of Node and of the program; quoted where a shell would need it. */
export function commandLine(): string {
  const quoted = process.argv
    .slice(2)
    .map((word) => (/^[\w./:,=@+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`));
  return ['npx arena', ...quoted].join(' ');
}
