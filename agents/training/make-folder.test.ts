import { existsSync, mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { WriteError } from './errors.ts';
import { makeFolder } from './make-folder.ts';

const fresh = () => mkdtempSync(join(tmpdir(), 'folder-'));

it('makes a folder and those above it', () => {
  const folder = join(fresh(), 'a', 'b', 'c');
  makeFolder(folder);
  expect(statSync(folder).isDirectory()).toBe(true);
});

it('leaves a folder that is there as it is', () => {
  const folder = fresh();
  writeFileSync(join(folder, 'kept'), '');
  makeFolder(folder);
  expect(existsSync(join(folder, 'kept'))).toBe(true);
});

it('refuses a place below a file, and names it', () => {
  const file = join(fresh(), 'file');
  writeFileSync(file, '');
  expect(() => makeFolder(join(file, 'a'))).toThrow(WriteError);
  expect(() => makeFolder(join(file, 'a'))).toThrow(file);
});

it.skipIf(!existsSync('/proc/self'))('ends where the system makes no folders', () => {
  expect(() => makeFolder('/proc/a/b')).toThrow(WriteError);
});
