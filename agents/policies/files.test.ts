/** What lies where a policy should: nothing is opened that its card, or its first bytes, speak against. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CARD_FILE, formatCard, parseCard } from './card.ts';
import { sha256 } from './files.ts';
import { temporaryFolder } from './fixture.ts';
import { loadPolicy } from './load.ts';
import { readSnapshot } from './snapshot.ts';
import { readEntry } from './zoo.ts';

const folder = temporaryFolder();
const { card, networks } = readEntry('harvest-dqn');
const network = networks[0]!;
const PICKLE = Buffer.from('\x80\x04cposix\nsystem\n.', 'latin1');
const ARCHIVE = Buffer.from('PK\x03\x04archive', 'latin1');

const make = () => mkdtempSync(join(folder, 'policy-'));

/** A policy's folder with something for a network. @param described what the card says that it is. */
function put(bytes: Uint8Array, described = bytes): string {
  const made = make();
  writeFileSync(join(made, 'policy.onnx'), bytes);
  const files = [{ name: 'policy.onnx', sha256: sha256(described) }];
  writeFileSync(join(made, CARD_FILE), formatCard({ ...card, files }));
  return made;
}

it('a network is opened as its card says', async () => {
  const policy = await loadPolicy(put(network));
  expect(policy.card.env.name).toBe('harvest');
  await policy.release();
});

it.each([
  [
    'a pickle',
    PICKLE,
    'policy.onnx is a Python pickle, which is never opened here: export the policy as ONNX',
  ],
  [
    'an archive of PyTorch',
    ARCHIVE,
    'policy.onnx is a zip archive, as torch.save writes, which is never opened here',
  ],
  ['half a network', network.subarray(0, 50_000), 'policy.onnx is no ONNX model, or was cut off'],
])('%s is refused as a network, also where the card knows of it', async (_, bytes, message) => {
  await expect(loadPolicy(put(bytes))).rejects.toThrow(message);
});

it('a pickle in the place of the network is called one, not only another file', async () => {
  await expect(loadPolicy(put(PICKLE, network))).rejects.toThrow(/policy\.onnx is a Python pickle/);
});

it('a pickle is refused as a card', async () => {
  const made = make();
  writeFileSync(join(made, CARD_FILE), PICKLE);
  await expect(loadPolicy(made)).rejects.toThrow(/policy\.json is a Python pickle, which is never opened/);
});

it('a checkpoint of PyTorch is refused as itself, whether to play or to export', async () => {
  const path = join(folder, 'model.pt');
  writeFileSync(path, ARCHIVE);
  const message = /model\.pt is a zip archive, as torch\.save writes, which is never opened here/;
  await expect(loadPolicy(path)).rejects.toThrow(message);
  expect(() => readSnapshot(path)).toThrow(message);
});

it('a folder, or a pipe that nobody writes into, is no file', async () => {
  const made = make();
  mkdirSync(join(made, CARD_FILE));
  await expect(loadPolicy(made)).rejects.toThrow(/policy\.json is no plain file/);
  const piped = make();
  execFileSync('mkfifo', [join(piped, CARD_FILE)]);
  await expect(loadPolicy(piped)).rejects.toThrow(/policy\.json is no plain file/);
});

it.each(['../policy.onnx', 'a policy.onnx', '/etc/passwd'])('a card names no file %s', (name) => {
  const text = formatCard({ ...card, files: [{ name, sha256: sha256(network) }] });
  expect(() => parseCard(text, 'it')).toThrow(
    'files.0.name: must be the name of a file beside the card: letters, digits, dots, hyphens and underscores',
  );
});
