/** The zoo: trained policies that are shipped, a folder each in `agents/zoo`. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PolicyError } from './card.ts';
import { type PolicyFiles, readFiles } from './files.ts';

export const ZOO = fileURLToPath(new URL('../zoo/', import.meta.url));
/** What `zoo/greedy-harvest` starts with where a policy is named. */
export const ZOO_PREFIX = 'zoo/';

/** A network is cloned by everybody who clones the project. Bytes. */
const MOST = 2_000_000;

export type ZooEntry =
  | { readonly name: string; readonly files: PolicyFiles; readonly problem: null }
  | { readonly name: string; readonly files: null; readonly problem: string };

/** Names of all folders in the zoo, in order, those that are broken too. */
export function zooNames(zoo = ZOO): string[] {
  if (!existsSync(zoo)) return [];
  return readdirSync(zoo)
    .filter((name) => !name.startsWith('.') && statSync(join(zoo, name)).isDirectory())
    .sort();
}

/** All entries; one that cannot be used has a reason instead, and hides none of the others. */
export function readZoo(zoo = ZOO): ZooEntry[] {
  return zooNames(zoo).map((name): ZooEntry => {
    try {
      return { name, files: readEntry(name, zoo), problem: null };
    } catch (error) {
      if (!(error instanceof PolicyError)) throw error;
      return { name, files: null, problem: error.message };
    }
  });
}

/** @throws {PolicyError} for a name that is none, or an entry that cannot be used. */
export function readEntry(name: string, zoo = ZOO): PolicyFiles {
  const names = zooNames(zoo);
  if (!names.includes(name)) {
    throw new PolicyError(
      `the zoo has no ${JSON.stringify(name)}, there ${names.length === 0 ? 'is nothing in it' : `are ${names.join(', ')}`}`,
    );
  }
  const files = readFiles(join(zoo, name));
  checkSize(files);
  return files;
}

/** @throws {PolicyError} for a file that is too large to be cloned with the project. */
export function checkSize({ card, networks, models }: PolicyFiles): void {
  const files = [...card.files, ...(card.moa?.files ?? [])];
  [...networks, ...models].forEach((bytes, k) => {
    if (bytes.length > MOST) {
      throw new PolicyError(
        `${files[k]!.name} of ${card.name} has ${bytes.length} bytes, the zoo takes at most ${MOST} a file`,
      );
    }
  });
}
