/** The page on the protocol of agents says what the code does: events, fields, codes, limits, and bytes of a real arena. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { serveSchema } from '../../server/config.ts';
import {
  ACT_RESULTS,
  AGENT_PROTOCOL_VERSION,
  askSchema,
  createSchema,
  GATEWAY_CODES,
  joinSchema,
  labelsSchema,
  loadSchema,
  MAX_AGENT_MESSAGE_BYTES,
  MAX_BATCH,
  MAX_STATE_BYTES,
  openSchema,
  resetSchema,
} from '../../shared/protocol/agents/index.ts';
import { MAX_TICKS_AHEAD } from '../../shared/protocol/index.ts';
import { startAgentArena } from './agent-arena.ts';
import { GatewayAgent } from './gateway-agent.ts';

const DOCUMENT = readFileSync(new URL('../../docs/agents.md', import.meta.url), 'utf8');
const arena = await startAgentArena();

/** A column of the table whose first heading is this, without code marks. */
function column(heading: string, index = 0): string[] {
  const table = DOCUMENT.split(/\n\n+/).find((block) => block.startsWith(`| ${heading} |`));
  if (table === undefined) throw new Error(`there is no table of ${heading}`);
  return table
    .trim()
    .split('\n')
    .slice(2)
    .map((row) => row.split('|')[index + 1]!.trim().replaceAll('`', ''));
}

test('version and limits are the code’s', () => {
  expect(DOCUMENT).toContain(`Version ${AGENT_PROTOCOL_VERSION}.`);
  for (const bytes of [MAX_AGENT_MESSAGE_BYTES, MAX_STATE_BYTES])
    expect(DOCUMENT).toContain(`${bytes.toLocaleString('en')} bytes`);
  expect(DOCUMENT).toContain(`1 to ${MAX_BATCH.toLocaleString('en')} |`);
  expect(DOCUMENT).toContain(`more than ${MAX_TICKS_AHEAD} ticks ahead`);
});

test('every event that the arena takes is listed, and no other', async () => {
  const agent = await GatewayAgent.connect(arena.url, arena.token);
  const { error } = await agent.ask('no such event', {});
  const taken = / there are (.*)$/.exec(error.message)![1]!.split(', ');
  // The first table with that heading is of events to the arena, and the last of those from it.
  expect(column('event').sort()).toEqual(taken.sort());
});

test.each([
  ['open', openSchema],
  ['reset', resetSchema],
  ['load', loadSchema],
  ['join', joinSchema],
  ['create', createSchema],
  ['ask', askSchema],
  ['labels', labelsSchema],
])('every field of %s is listed, and no other', (event, schema) => {
  expect(column(`field of \`${event}\``)).toEqual(Object.keys(schema.shape));
});

test('every field of the game is listed, and no other', async () => {
  const agent = await GatewayAgent.connect(arena.url, arena.token);
  const { game } = await agent.ask('open', { environment: 'harvest' });
  const table = DOCUMENT.split('## The game')[1]!.split('**Packed windows.**')[0]!;
  const fields = Array.from(table.matchAll(/^\| `(\w+)` \|/gm), ([, field]) => field);
  expect(fields).toEqual(Object.keys(game));
});

test('every code is listed, and no other', () => {
  expect(column('code')).toEqual([...GATEWAY_CODES]);
});

test('what becomes of actions is listed by number', () => {
  expect(column('byte', 1)).toEqual([...ACT_RESULTS]);
  expect(column('byte')).toEqual(ACT_RESULTS.map((_, number) => String(number)));
});

test('limits have their flags, variables and defaults', () => {
  const defaults = serveSchema.parse({});
  const flags = Object.keys(defaults).filter((field) => /^(agent|token)[A-Z]/.test(field));
  const kebab = (field: string) => field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  expect(column('flag of `arena serve`')).toEqual(flags.map((field) => `--${kebab(field)}`));
  expect(column('flag of `arena serve`', 1)).toEqual(
    flags.map((field) => `ARENA_${kebab(field).replaceAll('-', '_').toUpperCase()}`),
  );
  expect(column('flag of `arena serve`', 2)).toEqual(
    flags.map((field) => String(defaults[field as keyof typeof defaults])),
  );
});

describe('the transcript', () => {
  const transcripts = Array.from(DOCUMENT.matchAll(/```transcript\n([^`]+)\n```/g), ([, text]) =>
    text!.split('\n'),
  );

  test('is there twice, of a trainer and of a player', () => {
    expect(transcripts).toHaveLength(2);
  });

  test.each([0, 1])('%i is what a real arena says', async (index) => {
    const socket = new WebSocket(`${arena.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
    socket.binaryType = 'arraybuffer';
    const got: string[] = [];
    let wake = () => {};
    socket.onmessage = ({ data }) => {
      const hex = () =>
        Buffer.from(data)
          .toString('hex')
          .replace(/..(?=.)/g, '$& ');
      got.push(typeof data === 'string' ? data : `bytes ${hex()}`);
      wake();
    };
    const next = async () => {
      while (got.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      return got.shift()!;
    };
    const names = new Map([['TOKEN', arena.token]]);
    for (const line of transcripts[index]!) {
      let text = line.slice(2);
      for (const [name, value] of names) text = text.replaceAll(name, value);
      if (line.startsWith('> ')) {
        const hex = /^bytes (.*)/.exec(text)?.[1];
        socket.send(hex === undefined ? text : Buffer.from(hex.replaceAll(' ', ''), 'hex'));
        continue;
      }
      const answer = await next();
      const pattern = text
        .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
        .replaceAll('…', '.*')
        .replace('ROOM', '(?<room>[^"]+)');
      const match = new RegExp(`^${pattern}$`).exec(answer);
      if (match === null) expect(answer).toBe(text);
      if (match?.groups?.room !== undefined) names.set('ROOM', match.groups.room);
    }
    socket.close();
  });
});
