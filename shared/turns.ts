/**
 * Options of who chooses when, and of who sees whose actions: alike in every environment of several players.
 *
 * They change nothing of what a step does with its joint action. Whoever plays the environment carries them out: it lets
 * the leaders choose first and tells the others, and it adds the last joint action to observations.
 */
import * as z from 'zod';
import type { Environment } from './environment.ts';

/** Zod fields that the options of every environment of several players contain. */
export const turnOptions = {
  leaders: z
    .array(z.int().min(0))
    .default([])
    .describe('Players who act first in each step; the others see what they chose'),
  revealActions: z
    .boolean()
    .default(false)
    .describe('Whether a player’s observation includes what everybody did in the last step'),
};

export type TurnOptions = z.infer<z.ZodObject<typeof turnOptions>>;
export type Turns = Pick<Environment, 'leads' | 'revealsActions'>;

/** Everybody at once, and nobody told: what an environment is that does not take the options. */
export function simultaneous(players: number): Turns {
  return { leads: new Uint8Array(players), revealsActions: false };
}

/** @param options as `checkLeaders` lets through. */
export function turnsOf({
  players,
  leaders,
  revealActions,
}: TurnOptions & { readonly players: number }): Turns {
  const leads = new Uint8Array(players);
  for (const leader of leaders) leads[leader] = 1;
  return { leads, revealsActions: revealActions };
}

/** For a schema with `turnOptions` and `players`: leaders are there, each named once, and leave somebody to follow. */
export function checkLeaders({
  value: { leaders, players },
  issues,
}: z.core.ParsePayload<TurnOptions & { readonly players: number }>): void {
  const report = (path: PropertyKey[], message: string) =>
    issues.push({ code: 'custom', input: leaders, path, message });
  const before = issues.length;
  leaders.forEach((leader, k) => {
    if (leader >= players) {
      const range = players === 1 ? 'the only player is 0' : `players are 0 to ${players - 1}`;
      report(['leaders', k], `there is no player ${leader}, ${range}`);
    } else if (leaders.indexOf(leader) < k) {
      report(['leaders', k], `player ${leader} is named twice; name each leader once`);
    }
  });
  if (issues.length === before && leaders.length > 0 && leaders.length === players) {
    report(
      ['leaders'],
      players === 1
        ? 'the only player cannot lead, since nobody is left to follow; leave it out'
        : `all ${players} players lead, so nobody is left to follow; leave out at least one`,
    );
  }
}

/**
 * What of the options a snapshot's fingerprint covers: all, but not options of turns that say nothing, so that snapshots
 * from before there were any still fit.
 */
export function fingerprinted<O extends TurnOptions>(options: O): O | Omit<O, keyof TurnOptions> {
  const { leaders, revealActions, ...rest } = options;
  return leaders.length > 0 || revealActions ? options : rest;
}
