import { describe, expect, it } from 'vitest';
import { arenaUrl, commandLine, seedRange } from './run-flags.ts';

describe('seedRange', () => {
  it.each([
    ['0', [0]],
    ['7', [7]],
    ['0..0', [0]],
    ['2..4', [2, 3, 4]],
  ])('%s is %j', (text, seeds) => {
    expect(seedRange.parse(text)).toEqual(seeds);
  });

  it.each(['', '3..1', '-1', '1.5', '0..', '0,1', '0..1000', '9007199254740993'])('refuses %j', (text) => {
    expect(() => seedRange.parse(text)).toThrow(/must be a seed such as 3 or a range such as 0\.\.9/);
  });
});

describe('commandLine', () => {
  it.each([
    [['train', '--token', 'secret', '--seed', '1'], 'npx arena train --seed 1'],
    [['train', '--token=secret', '--out', 'a b'], "npx arena train --out 'a b'"],
    [['train', '--key', 'secret', '--room', 'x'], 'npx arena train --room x'],
    [
      ['train', '--room', 'http://h/#/room/x?key=secret'],
      "npx arena train --room 'http://h/#/room/x?key=...'",
    ],
  ])('of %j is without secrets: %s', (words, line) => {
    expect(commandLine(words)).toBe(line);
  });
});

describe('arenaUrl', () => {
  it.each(['http://127.0.0.1:2567', 'https://arena.example/commons/'])('takes %s', (url) => {
    expect(arenaUrl.parse(url)).toBe(url);
  });

  it.each([
    ['arena', /must be the address of an arena/],
    ['ftp://127.0.0.1', /must be the address of an arena/],
    ['http://user:password@127.0.0.1', /must be without a user and a password/],
  ])('refuses %s', (url, message) => {
    expect(() => arenaUrl.parse(url)).toThrow(message);
  });
});
