import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { roomOptionsSchema } from '../../shared/protocol/index.ts';
import { ENVIRONMENTS } from '../../shared/registry.ts';
import { fieldsOf, readField } from './fields.ts';

const field = (name: string) => fieldsOf(roomOptionsSchema).find((candidate) => candidate.name === name)!;

test('every option of every environment has a field with a help text', () => {
  for (const definition of ENVIRONMENTS) {
    const fields = fieldsOf(definition.schema);
    expect(fields.length).toBe(
      Object.keys(z.toJSONSchema(definition.schema, { io: 'input' }).properties!).length,
    );
    for (const { name, help } of fields) expect(help, `${definition.name} ${name}`).not.toBe('');
  }
});

test('bounds, defaults and choices are the schema’s own', () => {
  expect(field('tickRate')).toMatchObject({
    kind: 'number',
    min: 1,
    max: 60,
    fallback: 8,
    label: 'Tick rate',
  });
  expect(field('view')).toMatchObject({ kind: 'choice', choices: ['full', 'partial'], fallback: 'full' });
  expect(field('seed')).toMatchObject({ kind: 'integer', min: 0, max: null, fallback: undefined });
});

describe('reading what was typed', () => {
  test('an empty field leaves the default in force', () => {
    expect(readField(field('tickRate'), '  ')).toBeUndefined();
  });

  test('numbers become numbers, and what is none goes to the schema as it is', () => {
    expect(readField(field('tickRate'), ' 7.5 ')).toBe(7.5);
    expect(readField(field('tickRate'), 'fast')).toBe('fast');
  });

  test('lists and maps', () => {
    const harvest = fieldsOf(ENVIRONMENTS[0]!.schema);
    const named = (name: string) => harvest.find((candidate) => candidate.name === name)!;
    expect(readField(named('regrowthProbability'), '0, 0.1 0.2')).toEqual([0, 0.1, 0.2]);
    expect(readField(named('map'), '@@@\n@P@\r\n@@@\n')).toEqual(['@@@', '@P@', '@@@']);
    expect(readField(named('beamsVisible'), 'false')).toBe(false);
  });
});
