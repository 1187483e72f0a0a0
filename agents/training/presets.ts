/** Configurations that are shipped: YAML files in `agents/presets`, by name. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { TrainingUsageError } from './errors.ts';
import { nearest } from './schema-keys.ts';

const FOLDER = fileURLToPath(new URL('../presets/', import.meta.url));

export function presetNames(): string[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => name.slice(0, -'.yaml'.length))
    .sort();
}

/** @throws {TrainingUsageError} for a name that is none. */
export function presetText(name: string): string {
  const names = presetNames();
  if (!names.includes(name)) {
    const near = nearest(name, names);
    throw new TrainingUsageError(
      `preset ${JSON.stringify(name)} is unknown, ${near === null ? `there are ${names.join(', ')}` : `did you mean ${near}?`}`,
    );
  }
  return readFileSync(`${FOLDER}${name}.yaml`, 'utf8');
}
