import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { environmentsMarkdown } from '../../shared/docs.ts';
import { ENVIRONMENTS } from '../../shared/registry.ts';

const written = readFileSync(new URL('../../docs/environments.md', import.meta.url), 'utf8');

it('docs/environments.md is what the registry says; `npm run docs` writes it anew', () => {
  expect(written).toBe(environmentsMarkdown(ENVIRONMENTS));
});

it.each(ENVIRONMENTS)('every option and preset of $name is documented', ({ name, schema, presets }) => {
  const section = written
    .split(/^## /m)
    .filter((part) => part.includes(`(\`${name}\`)`) || part.startsWith('Options of every'));
  const options = Object.keys(z.toJSONSchema(schema, { io: 'input' }).properties!);
  for (const key of [...options, ...Object.keys(presets)]) expect(section.join('')).toContain(`\`${key}\``);
});
