import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { fingerprint } from './fingerprint.ts';

const PINNED = readFileSync(new URL('./fingerprint.txt', import.meta.url), 'utf8').trim();

it.each([true, false])(
  'the rules give the bytes that are on record (kernel %s); `npm run record:playthroughs` records anew',
  (kernel) => {
    expect(fingerprint({ kernel })).toBe(PINNED);
  },
);
