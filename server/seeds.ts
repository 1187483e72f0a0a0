/** Where an episode's chance comes from. */
import { randomInt } from 'node:crypto';
import { deriveSeed } from '../shared/random.ts';

export interface EpisodeSeeds {
  /** Of the environment: in a match that counts, the server's secret until it is over. */
  readonly world: number;
  /** Of the bots. What they do is seen by all, so in a match that counts it must say nothing of the other. */
  readonly bots: number;
}

/** @param practice the seed that the room's creator chose, from which all follows; without one both are drawn apart. */
export function episodeSeeds(practice: number | undefined, episode: number): EpisodeSeeds {
  if (practice === undefined) return { world: secret(), bots: secret() };
  const world = deriveSeed(practice, episode);
  return { world, bots: world };
}

/** 53 random bits. */
function secret(): number {
  return randomInt(2 ** 26) * 2 ** 27 + randomInt(2 ** 27);
}
