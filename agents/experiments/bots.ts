/** What scripted players reach in the game of an experiment: lines to hold learning curves against. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { evaluate } from '../evaluate.ts';
import { bootstrap } from '../statistics.ts';
import { writeAtomic } from '../training/atomic-file.ts';
import type { PlannedArm } from './experiment.ts';
import { meanOf } from './results.ts';

const BOTS_FILE = 'bots.json';
const EPISODES = 20;
const SEED = 1;

interface Team {
  readonly label: string;
  /** One a player, repeated where there are fewer. */
  readonly policies: readonly string[];
}

/** What greed gets and what is possible, by environment; none where no scripted players are at home. */
const TEAMS: Readonly<Record<string, (players: number) => readonly Team[]>> = {
  harvest: () => [
    { label: 'random', policies: ['random'] },
    { label: 'greedy', policies: ['greedy'] },
    { label: 'possible: all sustainable', policies: ['sustainable'] },
  ],
  cleanup: (players) => {
    const cleaners = Math.max(1, Math.round(0.4 * players));
    const eaters = Math.max(0, players - cleaners);
    return [
      { label: 'random', policies: ['random'] },
      { label: 'greedy', policies: ['greedy'] },
      {
        label: `possible: ${cleaners} cleaner${cleaners === 1 ? '' : 's'}, ${eaters} greedy`,
        policies: [...Array(cleaners).fill('cleaner'), ...Array(eaters).fill('greedy')],
      },
    ];
  },
};

const scoreSchema = z.object({ label: z.string(), mean: z.number(), low: z.number(), high: z.number() });
const fileSchema = z.object({
  /** What they were made of: other teams or another game are played anew. */
  key: z.string(),
  episodes: z.int(),
  scores: z.array(scoreSchema),
});

/** The collective return of a team of bots, mean over episodes with its 95% bootstrap interval. */
export type BotScore = z.infer<typeof scoreSchema>;

export interface Bots {
  readonly episodes: number;
  readonly scores: readonly BotScore[];
}

/**
 * Plays the bots' episodes, or reads what an earlier call wrote into the folder.
 * @throws {WriteError}
 */
export async function botsOf(folder: string, arms: readonly PlannedArm[]): Promise<Bots> {
  const [{ plan }] = arms as [PlannedArm];
  const teams = TEAMS[plan.config.env.name]?.(plan.task.players) ?? [];
  const options = commonOptions(arms);
  const key = JSON.stringify([plan.config.env.name, options, teams, EPISODES, SEED]);
  const path = join(folder, BOTS_FILE);
  const before = read(path);
  if (before?.key === key) return before;
  const scores: BotScore[] = [];
  for (const { label, policies } of teams) {
    const reports = await evaluate({
      environment: plan.config.env.name,
      options,
      policies,
      episodes: EPISODES,
      seed: SEED,
    });
    const returns = reports.map((report) => report.returns.reduce((sum, value) => sum + value, 0));
    const { value, low, high } = bootstrap(returns, meanOf, { seed: SEED });
    scores.push({ label, mean: value, low, high });
  }
  const made = { key, episodes: EPISODES, scores };
  await writeAtomic(path, `${JSON.stringify(made, null, 2)}\n`);
  return made;
}

/** Options of the environment that all arms agree on: what arms change of it, bots play without. */
function commonOptions(arms: readonly PlannedArm[]): Record<string, unknown> {
  const [first, ...others] = arms.map(({ plan }) => plan.task.options as Record<string, unknown>);
  return Object.fromEntries(
    Object.entries(first!).filter(([name, value]) =>
      others.every((options) => JSON.stringify(options[name]) === JSON.stringify(value)),
    ),
  );
}

function read(path: string): z.infer<typeof fileSchema> | null {
  try {
    return fileSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return null;
  }
}
