/** Records every playthrough and the fingerprint anew: `npm run record:playthroughs`, after a change of rules that is meant. */
import { readdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { ENVIRONMENTS } from '../../shared/registry.ts';
import { fingerprint } from '../conformance/fingerprint.ts';
import { format, play } from './playthrough.ts';

const STEPS = 200;
const folder = new URL('./', import.meta.url);

for (const file of readdirSync(folder)) if (file.endsWith('.txt')) unlinkSync(new URL(file, folder));
for (const [index, definition] of ENVIRONMENTS.entries()) {
  for (const [k, preset] of Object.keys(definition.presets).entries()) {
    const header = { environment: definition.name, preset, seed: 100 * (index + 1) + k, steps: STEPS };
    writeFileSync(new URL(`${definition.name}-${preset}.txt`, folder), format(play(header)));
  }
}
writeFileSync(new URL('../conformance/fingerprint.txt', folder), `${fingerprint({ kernel: true })}\n`);
