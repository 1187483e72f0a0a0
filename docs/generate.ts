/**
 * Writes what is written of environments, algorithms and intrinsic rewards: `npm run docs`, after a change of one, its options
 * or a preset.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { algorithmsMarkdown } from '../agents/algorithms/docs.ts';
import { ALGORITHMS } from '../agents/algorithms/index.ts';
import { intrinsicMarkdown } from '../agents/intrinsic/docs.ts';
import { INTRINSIC_REWARDS } from '../agents/intrinsic/index.ts';
import { presetNames, presetText } from '../agents/training/presets.ts';
import { environmentsMarkdown } from '../shared/docs.ts';
import { ENVIRONMENTS } from '../shared/registry.ts';

const presets = presetNames().map((name) => ({ name, text: presetText(name) }));
writeFileSync(new URL('./environments.md', import.meta.url), environmentsMarkdown(ENVIRONMENTS));
writeFileSync(new URL('./algorithms.md', import.meta.url), algorithmsMarkdown(ALGORITHMS, presets));
const example = readFileSync(new URL('./examples/variety.ts', import.meta.url), 'utf8');
writeFileSync(new URL('./intrinsic.md', import.meta.url), intrinsicMarkdown(INTRINSIC_REWARDS, example));
