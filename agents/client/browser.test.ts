/** The client as browsers get it. */
import { fileURLToPath } from 'node:url';
import { build, type Rolldown } from 'vite';
import { expect, it } from 'vitest';

it('is one module without anything of Node', async () => {
  const [{ output }] = (await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      write: false,
      lib: { entry: fileURLToPath(new URL('index.ts', import.meta.url)), formats: ['es'] },
    },
  })) as [Rolldown.RolldownOutput];
  const [chunk] = output;
  expect(output).toHaveLength(1);
  expect(chunk.imports).toEqual([]);
  expect(chunk.moduleIds.filter((id) => /__vite-browser-external|^node:/.test(id))).toEqual([]);
  expect(chunk.exports.toSorted()).toEqual([
    'ArenaConnection',
    'ArenaError',
    'ClassId',
    'connectArena',
    'connectPlayer',
    'connectTrainer',
    'watch',
  ]);
});
