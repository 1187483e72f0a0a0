/** `arena evaluate` without policies: what each of the zoo scores on its environment, all seats its own. */
import { type EpisodeReport, evaluate } from '../../agents/evaluate.ts';
import { PolicyError } from '../../agents/policies/card.ts';
import { openPolicy } from '../../agents/policies/load.ts';
import { readZoo } from '../../agents/policies/zoo.ts';
import { type Scores, scoresOf } from '../../agents/scores.ts';
import { OptionsError } from '../../shared/definition.ts';
import { definitionOf } from '../../shared/registry.ts';
import { UsageError } from '../config.ts';
import { type Flags, interval, warnOfFew } from './evaluate.ts';
import { digits, table } from './table.ts';

export async function evaluateZoo(flags: Flags): Promise<void> {
  const { env, episodes, seed, greedy, preset, players, sight } = flags;
  if (preset !== undefined || players !== undefined || flags.set.length > 0) {
    throw new UsageError(
      'the zoo is evaluated on what its policies learned on: name one with --policy zoo/<name> for another game',
    );
  }
  if (flags.measures.length > 0) throw new UsageError('--measures: name a policy with --policy');
  if (sight !== 'own') throw new UsageError('--sight: name a policy with --policy');
  const entries = readZoo();
  const rows: string[][] = [];
  const problems: string[] = [];
  let played = 0;
  for (const { name, files, problem } of entries) {
    if (files === null) {
      problems.push(`zoo/${name} cannot be used: ${problem}`);
      continue;
    }
    const { card } = files;
    if (env !== undefined && card.env.name !== env) continue;
    let reports: EpisodeReport[];
    try {
      const policy = await openPolicy(files, `zoo/${name}`);
      reports = await evaluate({
        environment: card.env.name,
        options: card.env.options,
        policies: [policy],
        episodes,
        seed,
        greedy,
      });
      await policy.release();
    } catch (error) {
      // Another environment than it knew, or a file that ONNX Runtime does not take.
      if (!(error instanceof PolicyError || error instanceof OptionsError)) throw error;
      problems.push(`zoo/${name} cannot be used: ${error.message}`);
      continue;
    }
    played++;
    const scores = scoresOf(reports, definitionOf(card.env.name).kind, seed);
    if (flags.json) {
      const { measures, seats } = scores;
      const line = {
        policy: `zoo/${name}`,
        env: card.env.name,
        episodes,
        confidence: 0.95,
        summary: measures,
        seats,
      };
      process.stdout.write(`${JSON.stringify(line)}\n`);
    } else rows.push([`zoo/${name}`, card.env.name, ...cells(scores)]);
  }
  if (!flags.json) {
    const head = [
      'policy',
      'environment',
      'return',
      '95% interval',
      'equality',
      'sustainability',
      'peace',
      'length',
    ];
    const lines =
      rows.length === 0
        ? [
            `the zoo has ${env === undefined ? 'no policy' : `none for ${env}`}; arena export --zoo puts one in`,
          ]
        : [
            `${episodes} episode${episodes === 1 ? '' : 's'} each from seed ${seed}, all seats the policy's own`,
            '',
            ...table([head, ...rows], [0, 1]),
          ];
    process.stdout.write(`${lines.join('\n')}\n`);
  }
  if (played > 0) warnOfFew(episodes);
  for (const problem of problems) process.stderr.write(`warning: ${problem}\n`);
  if (problems.length > 0) process.exitCode = 1;
}

function cells({ measures }: Scores): string[] {
  const mean = (name: keyof typeof measures) => {
    const score = measures[name];
    return score === undefined ? '' : digits(score.mean);
  };
  return [
    mean('collectiveReturn'),
    interval(measures.collectiveReturn!),
    mean('equality'),
    mean('sustainability'),
    mean('peace'),
    mean('length'),
  ];
}
