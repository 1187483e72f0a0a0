/** Writes what is written of environments and algorithms: `npm run docs`, after a change of one, its options or a preset. */
import { writeFileSync } from 'node:fs';
import { algorithmsMarkdown } from '../agents/algorithms/docs.ts';
import { ALGORITHMS } from '../agents/algorithms/index.ts';
import { presetNames, presetText } from '../agents/training/presets.ts';
import { environmentsMarkdown } from '../shared/docs.ts';
import { ENVIRONMENTS } from '../shared/registry.ts';

const presets = presetNames().map((name) => ({ name, text: presetText(name) }));
writeFileSync(new URL('./environments.md', import.meta.url), environmentsMarkdown(ENVIRONMENTS));
writeFileSync(new URL('./algorithms.md', import.meta.url), algorithmsMarkdown(ALGORITHMS, presets));
