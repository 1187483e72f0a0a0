/** `arena token`: makes, lists and revokes the tokens of agents; the arena may run meanwhile. */
import * as z from 'zod';
import { SCOPES } from '../../shared/protocol/agents/index.ts';
import { parseFlags, UsageError } from '../config.ts';
import { type TokenInfo, TokenStore } from '../gateway/tokens.ts';
import { table } from './table.ts';

const scopes = z
  .string()
  .transform((text) => [...new Set(text.split(',').map((scope) => scope.trim()))])
  .pipe(z.array(z.enum(SCOPES, { error: `must be some of ${SCOPES.join(',')}` })).min(1));

/** No control characters, line ends, or what turns the direction of text: a list of names stays what it says. */
const PRINTABLE = /^[^\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]*$/u;

const place = {
  data: z.string().min(1).optional(),
  json: z.boolean().default(false),
};
const placeSchema = z.strictObject(place);
const createSchema = z.strictObject({
  ...place,
  name: z
    .string({ error: 'say what the token is for, for example --name laptop' })
    .trim()
    .min(1)
    .max(64, { error: 'must have 1 to 64 characters' })
    .regex(PRINTABLE, { error: 'must be one line, without control characters' }),
  scopes: scopes.default([...SCOPES]),
});

/** Prints the token: the only time that it can be read. */
export function createToken(raw: unknown): void {
  const { name, scopes, data, json } = parseFlags(createSchema, raw);
  withStore(data, (store) => {
    const { info, token } = store.create(name, scopes);
    if (json) print({ ...describe(info), token });
    else {
      process.stdout.write(`${token}\n`);
      process.stderr.write(
        `token ${info.id} (${scopes.join(', ')}): keep it, it cannot be shown again; \`arena token revoke ${info.id}\` ends it\n`,
      );
    }
  });
}

export function listTokens(raw: unknown): void {
  const { data, json } = parseFlags(placeSchema, raw);
  withStore(data, (store) => {
    const tokens = store.list();
    if (json) for (const info of tokens) print(describe(info));
    else if (tokens.length === 0) process.stdout.write('no tokens yet: arena token create --name NAME\n');
    else {
      const rows = tokens.map(({ id, name, scopes, created, lastUsed, revoked }) => [
        id,
        name,
        scopes.join(','),
        date(created),
        lastUsed === null ? 'never' : date(lastUsed),
        revoked === null ? '' : date(revoked),
      ]);
      const heading = ['id', 'name', 'scopes', 'created', 'last used', 'revoked'];
      process.stdout.write(`${table([heading, ...rows], [0, 1, 2, 3, 4, 5]).join('\n')}\n`);
    }
  });
}

export function revokeToken(id: string, raw: unknown): void {
  const { data, json } = parseFlags(placeSchema, raw);
  withStore(data, (store) => {
    if (!store.revoke(id))
      throw new UsageError(`there is no token ${JSON.stringify(id)}: \`arena token list\` has their ids`);
    if (json) print(describe(store.list().find((info) => info.id === id)!));
    else process.stdout.write(`token ${id} is revoked: its connections end within seconds\n`);
  });
}

function withStore(data: string | undefined, use: (store: TokenStore) => void): void {
  const store = new TokenStore(data ?? (process.env.ARENA_DATA || 'data'));
  try {
    use(store);
  } finally {
    store.close();
  }
}

const date = (time: number) => new Date(time).toISOString().replace(/:\d\d\.\d+Z$/, 'Z');

function describe({ created, lastUsed, revoked, ...info }: TokenInfo) {
  const text = (time: number | null) => (time === null ? null : new Date(time).toISOString());
  return { ...info, created: text(created), lastUsed: text(lastUsed), revoked: text(revoked) };
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
