/** The rules give the same bytes in a browser as they do in Node: one value for all environments, presets and options. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build, type Rolldown } from 'vite';
import { expect, test } from 'vitest';
import { useArena } from './arena-page.ts';

const arena = useArena('--no-demo');
const CONFORMANCE = new URL('../conformance/', import.meta.url);
const PINNED = readFileSync(new URL('fingerprint.txt', CONFORMANCE), 'utf8').trim();

/** The module as one script that leaves its exports in the global `rules`. */
async function bundle(): Promise<string> {
  const outputs = (await build({
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      minify: false,
      lib: {
        entry: fileURLToPath(new URL('fingerprint.ts', CONFORMANCE)),
        formats: ['iife'],
        name: 'rules',
      },
    },
  })) as Rolldown.RolldownOutput[];
  const [chunk] = outputs[0]!.output;
  return chunk.code;
}

test.each([true, false])('the fingerprint on record (kernel %s)', async (kernel) => {
  const page = await arena.open();
  const script = await bundle();
  const value = await page.evaluate(`${script}; rules.fingerprint({ kernel: ${kernel} })`);
  expect(value).toBe(PINNED);
});
