/**
 * API tokens of agents, and the arena's own key, in `arena.db` in the data folder. Several processes may have it open: the
 * command line makes and revokes tokens while the arena runs.
 *
 * A token is `arena_<id>_<secret>`: 6 bytes in hexadecimal and 32 random bytes in base64url. Only a SHA-256 of the secret is
 * kept. A slow hash is for passwords, which people choose and others guess; 256 random bits are beyond guessing, and a slow
 * hash would only make connections a way to keep the arena busy.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { chmodSync, closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { makeFolder } from '../../agents/training/make-folder.ts';
import { type AgentError, SCOPES, type Scope } from '../../shared/protocol/agents/index.ts';
import { UsageError } from '../config.ts';

/** A token as its owner sees it, without its secret. Times are milliseconds since 1970. */
export interface TokenInfo {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly created: number;
  /** To the minute; null before the first use. */
  readonly lastUsed: number | null;
  readonly revoked: number | null;
}

/** What a connection knows of its token. */
export type TokenIdentity = Pick<TokenInfo, 'id' | 'name' | 'scopes'>;

interface TokenRow {
  readonly id: string;
  readonly name: string;
  readonly scopes: string;
  readonly hash: Uint8Array;
  readonly created: number;
  readonly last_used: number | null;
  readonly revoked: number | null;
}

const TOKEN = /^arena_([0-9a-f]{12})_([\w-]{43})$/;
const DATABASE = 'arena.db';
/** How long writers wait for each other. */
const BUSY_MS = 5000;
/** How often a token's last use is written down at most. */
const USE_MS = 60_000;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS tokens (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, scopes TEXT NOT NULL, hash BLOB NOT NULL,
    created INTEGER NOT NULL, last_used INTEGER, revoked INTEGER
  ) STRICT;
  CREATE TABLE IF NOT EXISTS keys (name TEXT PRIMARY KEY, key BLOB NOT NULL) STRICT;
`;

export class TokenStore {
  readonly #database: DatabaseSync;

  /** @param folder is made where it is missing, for its owner alone. @throws {UsageError} where it cannot be used. */
  constructor(folder: string) {
    try {
      makeFolder(folder, 0o700);
      const path = join(folder, DATABASE);
      // Whatever the process's mask says; the files beside it take their mode from it.
      closeSync(openSync(path, 'a', 0o600));
      chmodSync(path, 0o600);
      this.#database = new DatabaseSync(path, { timeout: BUSY_MS });
      this.#database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; ${SCHEMA}`);
    } catch (error) {
      throw new UsageError(`the data folder ${folder} cannot be used: ${(error as Error).message}`);
    }
  }

  /** @returns the token, which is nowhere to be read again. @param now milliseconds since 1970. */
  create(
    name: string,
    scopes: readonly Scope[],
    now: number = Date.now(),
  ): { info: TokenInfo; token: string } {
    const id = randomBytes(6).toString('hex');
    const secret = randomBytes(32).toString('base64url');
    this.#database
      .prepare('INSERT INTO tokens (id, name, scopes, hash, created) VALUES (?, ?, ?, ?, ?)')
      .run(id, name, scopes.join(','), sha256(secret), now);
    const info = { id, name, scopes, created: now, lastUsed: null, revoked: null };
    return { info, token: `arena_${id}_${secret}` };
  }

  /** In the order they were made. */
  list(): TokenInfo[] {
    const rows = this.#database.prepare('SELECT * FROM tokens ORDER BY created, rowid').all();
    return (rows as unknown as TokenRow[]).map(infoOf);
  }

  /** @returns whether there is such a token. One that is revoked already stays as it is. */
  revoke(id: string, now: number = Date.now()): boolean {
    const { changes } = this.#database
      .prepare('UPDATE tokens SET revoked = coalesce(revoked, ?) WHERE id = ?')
      .run(now, id);
    return changes > 0;
  }

  /** Whose token it is, or why it is nobody's. */
  check(token: string, now: number = Date.now()): TokenIdentity | AgentError {
    const bad: AgentError = {
      code: 'bad-token',
      message: 'this arena does not know the token: make one with `arena token create --name NAME`',
    };
    const [, id, secret] = TOKEN.exec(token) ?? [];
    if (id === undefined || secret === undefined) return bad;
    const row = this.#row(id);
    // The comparison takes as long wherever two hashes differ.
    if (row === undefined || !timingSafeEqual(sha256(secret), row.hash)) return bad;
    if (row.revoked !== null) {
      return { code: 'revoked-token', message: `token ${id} was revoked: make another` };
    }
    if (row.last_used === null || now - row.last_used >= USE_MS) {
      this.#database.prepare('UPDATE tokens SET last_used = ? WHERE id = ?').run(now, id);
    }
    return infoOf(row);
  }

  isRevoked(id: string): boolean {
    const row = this.#row(id);
    return row === undefined || row.revoked !== null;
  }

  /** A number that changes whenever another connection has written. */
  get version(): number {
    return (this.#database.prepare('PRAGMA data_version').get() as { data_version: number }).data_version;
  }

  /** [32] a key that is drawn once and stays with the data folder. */
  key(name: string): Uint8Array {
    this.#database
      .prepare('INSERT INTO keys (name, key) VALUES (?, ?) ON CONFLICT DO NOTHING')
      .run(name, randomBytes(32));
    return (this.#database.prepare('SELECT key FROM keys WHERE name = ?').get(name) as { key: Uint8Array })
      .key;
  }

  close(): void {
    this.#database.close();
  }

  #row(id: string): TokenRow | undefined {
    return this.#database.prepare('SELECT * FROM tokens WHERE id = ?').get(id) as TokenRow | undefined;
  }
}

function sha256(secret: string): Uint8Array {
  return createHash('sha256').update(secret).digest();
}

function infoOf(row: TokenRow): TokenInfo {
  const scopes = row.scopes.split(',').filter((scope): scope is Scope => SCOPES.includes(scope as Scope));
  return {
    id: row.id,
    name: row.name,
    scopes,
    created: row.created,
    lastUsed: row.last_used,
    revoked: row.revoked,
  };
}
