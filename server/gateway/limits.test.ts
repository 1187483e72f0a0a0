import { expect, test } from 'vitest';
import { serveConfig } from '../config.ts';
import { Accounts, limitsOf } from './limits.ts';

const MIB = 1 << 20;
const NOTHING = { environments: 0, bytes: 0 };

function accounts(): Accounts {
  const made = new Accounts(limitsOf(serveConfig({ agentMemory: 4, tokenMemory: 6 }, {})));
  made.connect('a');
  return made;
}

test('a connection takes as much memory as it may, and no byte more', () => {
  const made = accounts();
  expect(made.memoryRefusal('a', { environments: 1, bytes: MIB }, 3 * MIB)).toBeNull();
  expect(made.memoryRefusal('a', { environments: 1, bytes: MIB }, 3 * MIB + 1)).toMatchObject({
    code: 'too-much',
    message: expect.stringContaining(
      'the batch takes 3.0 MiB, and a connection may take 4.0 MiB, of which 1.0 MiB are taken',
    ),
  });
});

test('connections of a token share its memory, and those of another do not', () => {
  const made = accounts();
  made.connect('b');
  made.open('a', { environments: 1, bytes: 4 * MIB });
  expect(made.memoryRefusal('a', NOTHING, 3 * MIB)).toMatchObject({
    code: 'too-much',
    message: expect.stringContaining('a token may take 6.0 MiB, of which 4.0 MiB are taken'),
  });
  expect(made.memoryRefusal('b', NOTHING, 3 * MIB)).toBeNull();
  made.close('a', { environments: 1, bytes: 4 * MIB });
  expect(made.memoryRefusal('a', NOTHING, 3 * MIB)).toBeNull();
});
