import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { TokenStore } from './tokens.ts';

const folder = () => join(mkdtempSync(join(tmpdir(), 'arena-tokens-')), 'data');
const MINUTE = 60_000;

test('a token is known by the store that made it, with its name and scopes', () => {
  const store = new TokenStore(folder());
  const { info, token } = store.create('laptop', ['train', 'watch']);
  expect(store.check(token)).toMatchObject({ id: info.id, name: 'laptop', scopes: ['train', 'watch'] });
});

test('a secret with one other character is not the token', () => {
  const store = new TokenStore(folder());
  const { token } = store.create('laptop', ['train']);
  const other = token.slice(0, -10) + (token.at(-10) === 'A' ? 'B' : 'A') + token.slice(-9);
  expect(store.check(other)).toMatchObject({ code: 'bad-token' });
});

test('a token of another arena, and text that is none, are not known', () => {
  const { token } = new TokenStore(folder()).create('laptop', ['train']);
  const store = new TokenStore(folder());
  expect(store.check(token)).toMatchObject({ code: 'bad-token' });
  expect(store.check('arena_1')).toMatchObject({ code: 'bad-token' });
});

test('another process revokes a token, and it is seen at once', () => {
  const data = folder();
  const store = new TokenStore(data);
  const { info, token } = store.create('laptop', ['train']);
  const { version } = store;
  expect(new TokenStore(data).revoke(info.id)).toBe(true);
  expect(store.version).not.toBe(version);
  expect(store.isRevoked(info.id)).toBe(true);
  expect(store.check(token)).toMatchObject({ code: 'revoked-token' });
});

test('a token that is not there cannot be revoked', () => {
  expect(new TokenStore(folder()).revoke('000000000000')).toBe(false);
});

test('the last use is written once a minute', () => {
  const store = new TokenStore(folder());
  const { token } = store.create('laptop', ['train'], 0);
  const uses = [1000, 1000 + MINUTE - 1, 1000 + MINUTE].map((now) => {
    store.check(token, now);
    return store.list()[0]!.lastUsed;
  });
  expect(uses).toEqual([1000, 1000, 1000 + MINUTE]);
});

test('of a secret only its SHA-256 is kept', () => {
  const data = folder();
  const { info, token } = new TokenStore(data).create('laptop', ['train']);
  const secret = token.slice(`arena_${info.id}_`.length);
  const row = new DatabaseSync(join(data, 'arena.db')).prepare('SELECT hash FROM tokens').get();
  expect(Buffer.from(row!.hash as Uint8Array)).toEqual(createHash('sha256').update(secret).digest());
  expect(readFileSync(join(data, 'arena.db')).includes(secret)).toBe(false);
});

test('folder and file are their owner’s alone', () => {
  const data = folder();
  new TokenStore(data);
  expect(statSync(data).mode & 0o777).toBe(0o700);
  expect(statSync(join(data, 'arena.db')).mode & 0o777).toBe(0o600);
});

test('a key stays with the folder', () => {
  const data = folder();
  const key = new TokenStore(data).key('snapshots');
  expect(key).toHaveLength(32);
  expect(new TokenStore(data).key('snapshots')).toEqual(key);
});
