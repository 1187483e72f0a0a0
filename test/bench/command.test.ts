/** Benchmarks as they are called. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const call = (bench: string, ...args: string[]) =>
  spawnSync(process.execPath, [fileURLToPath(new URL(bench, import.meta.url)), ...args], {
    encoding: 'utf8',
  });

it.each(['env.ts', 'server.ts', 'client.ts', 'gateway.ts', 'policies.ts'])(
  '%s says with --help what it takes',
  (bench) => {
    const { status, stdout, stderr } = call(bench, '--help');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^Usage: npm run bench:\w+ -- \[options\]\n[\s\S]*--seconds <number>/);
  },
);

it.each([
  ['gateway.ts', '--packing zip', 'must be some of plain, nibbles, separated by commas'],
  ['gateway.ts', '--connections a', 'must be whole numbers from 1 to 64, separated by commas'],
  ['gateway.ts', '--connections 1,65', 'must be whole numbers from 1 to 64, separated by commas'],
  ['gateway.ts', '--environments 1,,2', 'must be whole numbers from 1 to 1024, separated by commas'],
  ['gateway.ts', '--clients python,ruby', 'must be some of typescript, python, separated by commas'],
  ['gateway.ts', '--seconds 0', 'must be a positive number'],
  ['gateway.ts', '--speed', "unknown option '--speed'"],
  ['policies.ts', '--rooms 0', 'must be a whole number from 1 to 10000'],
  ['client.ts', '--minds half', 'Allowed choices are closed, open'],
])('%s %s ends with 2 and one line that says what would be right', (bench, words, right) => {
  const { status, stdout, stderr } = call(bench, ...words.split(' '));
  expect([status, stdout]).toEqual([2, '']);
  const [said, ...rest] = stderr.trim().split('\n');
  expect(said).toContain(right);
  expect(rest).toEqual(['(--help says what there is)']);
});
