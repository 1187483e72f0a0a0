/** The rules do what is on record; `npm run record:playthroughs` records anew what was changed on purpose. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ENVIRONMENTS } from '../../shared/registry.ts';
import { difference, format, parse, play } from './playthrough.ts';

const folder = new URL('./', import.meta.url);
const files = readdirSync(folder).filter((file) => file.endsWith('.txt'));
const read = (file: string) => readFileSync(new URL(file, folder), 'utf8');

it('there is a playthrough of each preset of each environment, and no other', () => {
  const expected = ENVIRONMENTS.flatMap(({ name, presets }) =>
    Object.keys(presets).map((preset) => `${name}-${preset}.txt`),
  );
  expect(files.toSorted()).toEqual(expected.toSorted());
});

it.each(files)('%s is played again exactly', (file) => {
  const recorded = parse(read(file));
  const parted = difference(recorded, play(recorded.header, recorded));
  if (parted !== null) expect.fail(`${file}, ${parted}`);
});

describe('a difference', () => {
  const recorded = parse(read(files[0]!));

  it('is told by step and field', () => {
    const steps = recorded.steps.map((fields) => new Map(fields));
    steps[17]!.set('rewards', '0 0 1 0 0');
    const was = recorded.steps[17]!.get('rewards');
    expect(difference(recorded, { header: recorded.header, steps })).toBe(
      `step 17, rewards: recorded ${was}, now 0 0 1 0 0`,
    );
    expect(difference(recorded, { header: recorded.header, steps: recorded.steps.slice(0, 3) })).toMatch(
      /^step 3, actions: /,
    );
  });

  it('is none in what was written and read back', () => {
    expect(format(recorded)).toBe(read(files[0]!));
  });
});
