/** A policy's files as they lie in a folder. */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { reason } from '../training/errors.ts';
import { CARD_FILE, type PolicyCard, PolicyError, parseCard } from './card.ts';
import { checkStructure, type Ends, modelEnds, networkEnds, refuseDisguise } from './structure.ts';

/** A policy's card, networks and models of others in memory. */
export interface PolicyFiles {
  readonly card: PolicyCard;
  /** In the order of the card's `files`. */
  readonly networks: readonly Uint8Array[];
  /** In the order of the `files` of the card's `moa`; none without. */
  readonly models: readonly Uint8Array[];
}

export const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** A card as a file has it. @param source what errors call it. @throws {PolicyError} for one that is none. */
export function readCard(bytes: Uint8Array, source: string): PolicyCard {
  refuseDisguise(bytes, source);
  return parseCard(Buffer.from(bytes).toString('utf8'), source);
}

/**
 * Holds a file against what a card says of it, before anything could run it: all that is opened has been here.
 * @param digest sha256 of the bytes, in hexadecimal. @param source what errors call it. @throws {PolicyError}
 */
export function checkFile(
  bytes: Uint8Array,
  digest: string,
  described: PolicyCard['files'][number],
  ends: Ends,
  source: string,
): void {
  // What it is says more than that it is another.
  refuseDisguise(bytes, source);
  if (digest !== described.sha256) {
    throw new PolicyError(`${source} is not the file that ${CARD_FILE} describes: its sha256 differs`);
  }
  checkStructure(bytes, ends, source);
}

/** @throws {PolicyError} for a card that is none, or a file that is missing, another than the card's or none of a policy. */
export function readFiles(folder: string): PolicyFiles {
  const path = join(folder, CARD_FILE);
  const card = readCard(read(path), path);
  const contents = (files: PolicyCard['files'], ends: Ends) =>
    files.map((described) => {
      const source = join(folder, described.name);
      const bytes = read(source);
      checkFile(bytes, sha256(bytes), described, ends, source);
      return bytes;
    });
  return {
    card,
    networks: contents(card.files, networkEnds(card)),
    models: contents(card.moa?.files ?? [], modelEnds(card)),
  };
}

function read(path: string): Buffer {
  try {
    // A pipe would wait for whoever writes into it.
    if (!statSync(path).isFile()) throw new PolicyError(`${path} is no plain file`);
    return readFileSync(path);
  } catch (error) {
    if (error instanceof PolicyError) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new PolicyError(`${path} is missing`);
    throw new PolicyError(`${path} cannot be read: ${reason(error)}`);
  }
}
