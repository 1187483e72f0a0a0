/** A policy's files as they lie in a folder. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { reason } from '../training/errors.ts';
import { CARD_FILE, type PolicyCard, PolicyError, parseCard } from './card.ts';

/** A policy's card, networks and models of others in memory. */
export interface PolicyFiles {
  readonly card: PolicyCard;
  /** In the order of the card's `files`. */
  readonly networks: readonly Uint8Array[];
  /** In the order of the `files` of the card's `moa`; none without. */
  readonly models: readonly Uint8Array[];
}

export const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** @throws {PolicyError} for a card that is none, or a file that is missing or another than the card's. */
export function readFiles(folder: string): PolicyFiles {
  const card = parseCard(read(join(folder, CARD_FILE)).toString('utf8'), join(folder, CARD_FILE));
  const bytesOf = ({ name, sha256: expected }: PolicyCard['files'][number]) => {
    const bytes = read(join(folder, name));
    if (sha256(bytes) !== expected) {
      throw new PolicyError(
        `${join(folder, name)} is not the file that ${CARD_FILE} describes: its sha256 differs`,
      );
    }
    return bytes;
  };
  return { card, networks: card.files.map(bytesOf), models: (card.moa?.files ?? []).map(bytesOf) };
}

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new PolicyError(`${path} is missing`);
    throw new PolicyError(`${path} cannot be read: ${reason(error)}`);
  }
}
