import { expect, test } from 'vitest';
import type { PolicyList } from '../../shared/protocol/policies.ts';
import { byReturn, originOf, PolicyCatalogue, shortName } from './catalogue.ts';
import { learned } from './fixture.ts';

const LIST: PolicyList = { policies: [learned('zoo/a', {})], broken: [] };

test('who asks while an answer is awaited gets that answer', async () => {
  let asked = 0;
  const catalogue = new PolicyCatalogue(async () => {
    asked++;
    return LIST;
  });
  expect(await Promise.all([catalogue.refresh(), catalogue.refresh()])).toEqual([LIST, LIST]);
  expect(asked).toBe(1);
  await catalogue.refresh();
  expect(asked).toBe(2);
});

test('what is known stays known while the arena does not answer', async () => {
  const answers = [async () => LIST, async () => Promise.reject(new Error('The arena does not answer.'))];
  const catalogue = new PolicyCatalogue(() => answers.shift()!());
  await catalogue.refresh();
  expect(await catalogue.refresh()).toBe(LIST);
  expect(catalogue.trouble).toBe('The arena does not answer.');
  expect(catalogue.find('zoo/a')).toBe(LIST.policies[0]);
});

test('an arena that never answered has no list', async () => {
  const catalogue = new PolicyCatalogue(() => Promise.reject(new Error('no')));
  expect(await catalogue.refresh()).toBeNull();
});

test('what is broken has its reason, what failed as it played a failure too', async () => {
  const broken = [
    { name: 'own/cut', problem: 'policy.onnx is cut off', failed: false },
    { name: 'own/slow', problem: 'it took longer than 5 s', failed: true },
  ];
  const catalogue = new PolicyCatalogue(async () => ({ ...LIST, broken }));
  expect(catalogue.problemOf('own/cut')).toBeNull();
  await catalogue.refresh();
  const names = ['own/cut', 'own/slow', 'zoo/a', 'greedy'];
  expect(names.map((name) => catalogue.problemOf(name))).toEqual([
    'policy.onnx is cut off',
    'it took longer than 5 s',
    null,
    null,
  ]);
  expect(names.map((name) => catalogue.failureOf(name))).toEqual([
    null,
    'it took longer than 5 s',
    null,
    null,
  ]);
});

test('one of the same name is told from the zoo’s by where it lies', () => {
  expect(['zoo/harvest-moa', 'own/harvest-moa'].map(originOf)).toEqual(['zoo', 'own']);
});

test('best first, those without an evaluation last, and of equals by name', () => {
  const policies = [
    learned('zoo/none', { value: null }),
    learned('zoo/b', { value: 5 }),
    learned('zoo/a', { value: 5 }),
    learned('zoo/best', { value: 9 }),
  ];
  expect(byReturn(policies).map(({ name }) => name)).toEqual(['zoo/best', 'zoo/a', 'zoo/b', 'zoo/none']);
});

test('names lose where they lie, and nothing else', () => {
  expect(['zoo/harvest-moa', 'own/zoo.x', 'greedy'].map(shortName)).toEqual([
    'harvest-moa',
    'zoo.x',
    'greedy',
  ]);
});
