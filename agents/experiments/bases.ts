/**
 * What all arms of an experiment share, by environment: `bases/<environment>.yaml`. The one place where the baseline's
 * numbers are, so that every arm has the same.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('./bases/', import.meta.url));

/** The text of each, which is YAML. */
export const BASES: Readonly<Record<string, string>> = Object.fromEntries(
  readdirSync(FOLDER)
    .filter((name) => name.endsWith('.yaml'))
    // Harvest first, then by name: what comes first is what is run where nobody says on what.
    .sort((a, b) => Number(b === 'harvest.yaml') - Number(a === 'harvest.yaml') || a.localeCompare(b))
    .map((name) => [name.slice(0, -'.yaml'.length), readFileSync(`${FOLDER}${name}`, 'utf8')]),
);
