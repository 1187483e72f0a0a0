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

/** Address of an arena. A secret in it would be written down with the run. */
export const arenaUrl = z
  .url({ protocol: /^https?$/, error: 'must be the address of an arena, such as http://127.0.0.1:2567' })
  .refine((text) => !/^https?:\/\/[^/?#]*@/i.test(text), { error: 'must be without a user and a password' });

/** Flags whose value nobody else should read. */
const SECRET_FLAGS = ['--token', '--key'];

/** The same words without the values of flags that are secret. */
function withoutSecrets(words: readonly string[]): string[] {
  return words.flatMap((word, k) => {
    if (k > 0 && SECRET_FLAGS.includes(words[k - 1]!)) return [];
    if (SECRET_FLAGS.some((flag) => word === flag || word.startsWith(`${flag}=`))) return [];
    // Of the seats' link.
    return [word.replace(/([?&]key=)[^&#]*/, '$1...')];
  });
}

/** As typed, without the paths of Node and of the program, and without secrets; quoted where a shell would need it. */
export function commandLine(words: readonly string[] = process.argv.slice(2)): string {
  const quoted = withoutSecrets(words).map((word) =>
    /^[\w./:,=@+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`,
  );
  return ['npx arena', ...quoted].join(' ');
}
