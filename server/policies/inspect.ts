/**
 * A folder that should hold a trained policy, looked at without trust: how large things are before they are read, that
 * nothing leads out of the folder, and what the files claim to be. Nothing of it is run here.
 */
import { webcrypto } from 'node:crypto';
import { constants, open, readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { CARD_FILE, type PolicyCard, PolicyError } from '../../agents/policies/card.ts';
import { checkFile, type PolicyFiles, readCard } from '../../agents/policies/files.ts';
import { checkFits } from '../../agents/policies/policy.ts';
import { disguise, modelEnds, networkEnds } from '../../agents/policies/structure.ts';
import { reason } from '../../agents/training/errors.ts';
import { OptionsError, parseOptions } from '../../shared/definition.ts';
import { DILEMMAS } from '../../shared/registry.ts';

/** Bytes. A model card has a few thousand. */
const LARGEST_CARD = 1_000_000;
/** Bytes of one network; those of the paper's size have half a million. */
export const LARGEST_FILE = 32_000_000;
/** Numbers of memory that a row may have, by which a card decides how much is allocated. */
const LARGEST_STATE = 65_536;
const MOST_ACTIONS = 255;

/** What tells one state of a folder from another, without reading what is in it; and when it last changed, ms since 1970. */
export interface Signature {
  readonly text: string;
  readonly changed: number;
}

/** @returns null where there is no folder. */
export async function signatureOf(folder: string): Promise<Signature | null> {
  try {
    const parts = [await realpath(folder)];
    let changed = 0;
    for (const name of (await readdir(folder)).sort()) {
      // A run writes its log all the time, which is no change of what it can do.
      if (!/\.(?:json|onnx)$/.test(name)) continue;
      const { size, mtimeMs, ino } = await stat(join(folder, name)).catch(() => GONE);
      parts.push(`${name}:${size}:${mtimeMs}:${ino}`);
      changed = Math.max(changed, mtimeMs);
    }
    return { text: parts.join('\n'), changed };
  } catch {
    return null;
  }
}

/** Of a link that leads nowhere. */
const GONE = { size: -1, mtimeMs: 0, ino: 0 };

/** @param name what errors call it. @throws {PolicyError} that says what is wrong with it. */
export async function inspect(folder: string, name: string): Promise<PolicyFiles> {
  const base = await realpath(folder);
  const there = await readdir(base);
  if (!there.includes(CARD_FILE)) {
    throw new PolicyError(
      there.includes('run.json')
        ? `${CARD_FILE} is missing: a run has it once it is done, and its folder best as soon as anything was learned`
        : `${CARD_FILE} is missing${await pickled(base, there)}: a policy is what arena export writes`,
    );
  }
  const card = readCard(await read(base, CARD_FILE, LARGEST_CARD), CARD_FILE);
  checkSizes(card);
  checkEnvironment(card, name);
  const files = async (described: PolicyCard['files'], ends: ReturnType<typeof networkEnds>) => {
    const contents: Uint8Array[] = [];
    for (const one of described) {
      const bytes = await read(base, one.name, LARGEST_FILE);
      checkFile(bytes, await digest(bytes), one, ends, one.name);
      contents.push(bytes);
    }
    return contents;
  };
  return {
    card,
    networks: await files(card.files, networkEnds(card)),
    models: await files(card.moa?.files ?? [], modelEnds(card)),
  };
}

/** What else lies there that somebody may have taken for a policy. */
async function pickled(base: string, names: readonly string[]): Promise<string> {
  for (const name of names.slice(0, 20)) {
    const other = disguise(await head(join(base, name)).catch(() => new Uint8Array()));
    if (other !== null) return `, and ${name} is ${other}, which is never opened here`;
  }
  return '';
}

/** To open a pipe waits for whoever writes into it, for ever; and of a link it was asked before where it leads. */
const WITHOUT_WAITING = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;

/** The first bytes of a plain file. */
async function head(path: string): Promise<Uint8Array> {
  const file = await open(path, WITHOUT_WAITING);
  try {
    if (!(await file.stat()).isFile()) return new Uint8Array();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** A plain file in `base`, wherever links in `base` would lead. @throws {PolicyError} */
async function read(base: string, name: string, most: number): Promise<Uint8Array> {
  try {
    const path = await realpath(join(base, name));
    if (!path.startsWith(base + sep)) {
      throw new PolicyError(`${name} is a link out of the folder: copy the file itself`);
    }
    const file = await open(path, WITHOUT_WAITING);
    try {
      const about = await file.stat();
      if (!about.isFile()) throw new PolicyError(`${name} is no plain file`);
      if (about.size > most)
        throw new PolicyError(`${name} has ${about.size} bytes, at most ${most} are read`);
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof PolicyError) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new PolicyError(`${name} is missing`);
    throw new PolicyError(`${name} cannot be read: ${reason(error)}`);
  }
}

/** Off the main thread. */
async function digest(bytes: Uint8Array): Promise<string> {
  return Buffer.from(await webcrypto.subtle.digest('SHA-256', bytes as BufferSource)).toString('hex');
}

function checkSizes({ stateSize, moa, actions, symbols }: PolicyCard): void {
  const sizes = [
    ['stateSize', stateSize, LARGEST_STATE],
    ['moa.stateSize', moa?.stateSize ?? 0, LARGEST_STATE],
    ['the number of actions', actions.length, MOST_ACTIONS],
    ['symbols', symbols, MOST_ACTIONS],
  ] as const;
  for (const [what, size, most] of sizes) {
    if (size > most) throw new PolicyError(`${CARD_FILE}: ${what} is ${size}, at most ${most} can be played`);
  }
}

/** Whether its environment can be a room at all, and is what its card says. @throws {PolicyError} */
function checkEnvironment(card: PolicyCard, name: string): void {
  const definition = DILEMMAS.find((one) => one.name === card.env.name);
  if (definition === undefined) {
    throw new PolicyError(
      `it is for ${JSON.stringify(card.env.name)}, of which there are no rooms, only of ${DILEMMAS.map((one) => one.name).join(', ')}`,
    );
  }
  if (card.signals.some((signal) => signal.name === 'leadersActions')) {
    throw new PolicyError('it follows leaders, and in rooms everybody acts at once');
  }
  try {
    const environment = definition.create(parseOptions(definition, card.env.options));
    checkFits({ ...card, name }, environment);
    if (environment.players !== card.players) {
      throw new PolicyError(
        `${CARD_FILE}: players is ${card.players}, and the environment of env.options has ${environment.players}`,
      );
    }
  } catch (error) {
    if (error instanceof OptionsError) throw new PolicyError(`${CARD_FILE}: env.options: ${error.message}`);
    throw error;
  }
}
