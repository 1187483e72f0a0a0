import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { algorithmsMarkdown, summaryOf } from '../../agents/algorithms/docs.ts';
import { ALGORITHMS } from '../../agents/algorithms/index.ts';
import { intrinsicMarkdown, ownOptions } from '../../agents/intrinsic/docs.ts';
import { INTRINSIC_REWARDS } from '../../agents/intrinsic/index.ts';
import { intrinsicOptions } from '../../agents/intrinsic/intrinsic.ts';
import { networkSchema } from '../../agents/networks/actor-critic.ts';
import { runFields } from '../../agents/training/config.ts';
import { presetNames, presetText } from '../../agents/training/presets.ts';
import { environmentsMarkdown } from '../../shared/docs.ts';
import { code, optionsOf, optionTable } from '../../shared/option-tables.ts';
import { ENVIRONMENTS } from '../../shared/registry.ts';

const read = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
const keysOf = (schema: z.ZodType) => Object.keys(optionsOf(schema));
/** Parts of a document that begin with a heading, by the heading. */
const sections = (text: string) => text.split(/^## /m);

describe('docs/environments.md', () => {
  const written = read('environments.md');

  it('is what the registry says; `npm run docs` writes it anew', () => {
    expect(written).toBe(environmentsMarkdown(ENVIRONMENTS));
  });

  it.each(ENVIRONMENTS)('has every option and preset of $name', ({ name, schema, presets }) => {
    const section = sections(written).filter(
      (part) => part.includes(`(\`${name}\`)`) || part.startsWith('Options of every'),
    );
    for (const key of [...keysOf(schema), ...Object.keys(presets)]) {
      expect(section.join('')).toContain(`\`${key}\``);
    }
  });
});

describe('docs/algorithms.md', () => {
  const written = read('algorithms.md');
  const section = (start: string) => sections(written).find((part) => part.startsWith(start)) ?? '';
  const presets = presetNames().map((name) => ({ name, text: presetText(name) }));

  it('is what the registry says; `npm run docs` writes it anew', () => {
    expect(written).toBe(algorithmsMarkdown(ALGORITHMS, presets));
  });

  it.each(ALGORITHMS)('has every option of $name and an equation', ({ name, title, schema }) => {
    const own = section(`${title} (\`${name}\`)`);
    for (const key of keysOf(schema)) expect(own).toContain(`\n| \`${key}\` |`);
    expect(own).toContain('```\n');
  });

  it.each([
    ['Options of the network', networkSchema],
    ['Settings of a run', z.strictObject(runFields)],
  ])('has %s', (heading, schema) => {
    for (const key of keysOf(schema)) expect(section(heading)).toContain(`\n| \`${key}\` |`);
  });

  it.each(presets)('has preset $name', ({ name }) => {
    expect(section('Presets')).toContain(`\n| ${code(name)} |`);
  });

  it.each(ALGORITHMS)('describes every option of $name', ({ schema }) => {
    expect(Object.entries(optionsOf(schema)).filter(([, { description }]) => !description)).toEqual([]);
  });
});

describe('docs/intrinsic.md', () => {
  const written = read('intrinsic.md');
  const section = (start: string) => sections(written).find((part) => part.startsWith(start)) ?? '';
  const has = (text: string, key: string) => text.includes(`\n| \`${key}\` |`);

  it('is what the registry says; `npm run docs` writes it anew', () => {
    expect(written).toBe(intrinsicMarkdown(INTRINSIC_REWARDS, read('examples/variety.ts')));
  });

  it('has the options that all have', () => {
    const common = section('Options of every reward');
    expect(Object.keys(intrinsicOptions).filter((key) => !has(common, key))).toEqual([]);
  });

  it.each(INTRINSIC_REWARDS)('has every other option of $name and an equation', ({ name, title, schema }) => {
    const own = section(`${title} (\`${name}\`)`);
    const others = keysOf(schema).filter((key) => !(key in intrinsicOptions));
    expect(others.filter((key) => !has(own, key))).toEqual([]);
    expect(own).toContain('```\n');
  });

  it('has a default that is the reward’s own in its section', () => {
    const { schema } = INTRINSIC_REWARDS.find(({ name }) => name === 'count')!;
    expect(Object.keys(ownOptions(schema))).toEqual(['weight', 'counts', 'size', 'grain']);
  });

  it.each(INTRINSIC_REWARDS)('describes every option of $name', ({ schema }) => {
    expect(Object.entries(optionsOf(schema)).filter(([, { description }]) => !description)).toEqual([]);
  });
});

describe('a preset in the list', () => {
  it.each([
    ['one sentence', '# PPO on X.\n# More.\nsteps: 1\n', 'PPO on X.'],
    [
      'what begins on the first line',
      '# PPO on X. Known to\n# fail. More.\nsteps: 1\n',
      'PPO on X. Known to fail.',
    ],
    [
      'past numbers and abbreviations',
      '# As Huang et al. 2022 at 0.5 have\n# it. More.\n',
      'As Huang et al. 2022 at 0.5 have it.',
    ],
  ])('is told by %s', (_, text, summary) => {
    expect(summaryOf(text)).toBe(summary);
  });
});

describe('values of an option', () => {
  const cell = (schema: z.ZodType) => {
    const [, , row] = optionTable(optionsOf(z.strictObject({ x: schema }))).split('\n');
    return row!.split(' | ')[1];
  };
  it.each([
    ['both bounds', z.number().min(0).lt(1), 'number in [0, 1)'],
    ['one bound', z.number().positive(), 'number above 0'],
    ['a whole number', z.int().min(1), 'integer from 1'],
    ['one of two kinds', z.union([z.number(), z.literal('running')]), 'number or `"running"`'],
    ['a list', z.array(z.int().min(1).max(8)), 'list of: integer in [1, 8]'],
  ])('with %s', (_, schema, text) => {
    expect(cell(schema)).toBe(text);
  });
});
