/** The intrinsic rewards' reference as Markdown, from the registry and the schemas themselves; see `docs/generate.ts`. */
import * as z from 'zod';
import { code, type Options, optionsOf, optionTable, table } from '../../shared/option-tables.ts';
import { type IntrinsicDefinition, intrinsicOptions } from './intrinsic.ts';

/** The whole document. @param example source of a reward to begin from. */
export function intrinsicMarkdown(rewards: readonly IntrinsicDefinition[], example: string): string {
  const parts = [
    INTRODUCTION,
    table(
      ['reward', 'name', 'what it pays for', 'source'],
      rewards.map(({ title, name, summary, source }) => [title, code(name), summary, source]),
    ),
    COMMON,
    optionTable(optionsOf(z.strictObject(intrinsicOptions))),
    COMBINING,
    METRICS,
    ...rewards.map(section),
    WRITING,
    `\`\`\`ts\n${example.trim()}\n\`\`\``,
  ];
  return `${parts.join('\n\n')}\n`;
}

function section({ title, name, summary, source, details, schema }: IntrinsicDefinition): string {
  return [
    `## ${title} (\`${name}\`)`,
    summary,
    `Source: ${source}`,
    details.join('\n'),
    `### Options of ${title}`,
    optionTable(ownOptions(schema)),
  ].join('\n\n');
}

/** Options that not all rewards have, or whose default is its own. */
export function ownOptions(schema: z.ZodType): Options {
  const common = optionsOf(z.strictObject(intrinsicOptions));
  const differs = ([name, option]: [string, Options[string]]) =>
    JSON.stringify(common[name]?.default) !== JSON.stringify(option.default) || !(name in common);
  return Object.fromEntries(Object.entries(optionsOf(schema)).filter(differs));
}

const INTRODUCTION = `# Intrinsic rewards

Written by \`npm run docs\` from \`agents/intrinsic\`: edit what is there, \`agents/intrinsic/docs.ts\` above all, not this file.

An intrinsic reward pays players for something that the environment does not pay for: that they influence others, that they see
something new, that nobody is left behind. It is added to the environment's reward of each player step once a segment is
played and before advantages are estimated, for any of the on-policy algorithms ([algorithms.md](algorithms.md)):

\`\`\`
npx arena train --preset harvest-moa
npx arena train --env harvest --set 'intrinsic.influence-moa={weight: 1000}' env.revealActions=true
npx arena train --env harvest --set 'intrinsic.rnd={weight: 0.5}' 'intrinsic.inequity-aversion={players: [0, 1]}'
\`\`\`

In a configuration the same stands under \`intrinsic\`: one that is named is at work, and what is left out of it has its default.

\`\`\`yaml
intrinsic:
  rnd:
    weight: [[0, 1], [0.5, 0]]
  count: {}
\`\`\``;

const COMMON = `## Options of every reward

With c the reward as it is computed, step t of player k is paid \`r + weight * curriculum * clip(c)\`, where r is what there was and
clip cuts at plus and minus \`clip\`. A *schedule* is what [algorithms.md](algorithms.md) calls so. A reward whose section has one of
these again has another default for it.`;

const COMBINING = `## Several at once

Rewards add up, in the order of the table above. Each is computed from what was played and not from what another paid, so
their order changes nothing but rounding: inequity aversion and social value orientation too are made from what the environment
paid. Different players can be paid differently by \`players\`. With \`algo.rewardScale: running\` or a constant it is the sum that is
scaled, so a weight is in units of the environment's reward. All are learned by one value head, with one discount; only what is
said has its own.

A reward with a model (\`influence-moa\`, \`rnd\`) puts its parameters behind the network's own. They are stepped by the same Adam,
and share the clip of the gradient's norm (\`algo.gradientClip\`) with the policy. \`policy.onnx\` is without them. With a
weight of 0 the reward is measured and pays nothing: the way to watch it in a baseline. The baseline is not plain PPO, though: a
model of others also trains the convolution that it shares with the policy, and what it adds to the norm is clipped together
with the rest. With \`lossWeight\` 0 beside, and a norm that is not clipped, it is plain PPO to the last digit.

No gradient flows through a reward. What it remembers is part of checkpoints: a resumed run goes on to the last digit, and
the number of workers changes nothing. What a shard remembers by itself, such as counts, makes the number of *shards* a setting.

DQN takes none: its replay outlives what a reward was computed from.`;

const METRICS = `## What is logged

| metric | |
| --- | --- |
| \`intrinsic/NAME\` | mean of c over the steps of those who are paid, before clip and weight |
| \`intrinsic/NAME/paid\` | mean of what was added to the reward |
| \`intrinsic/NAME/clipped\` | share of steps that were clipped |
| \`intrinsic/NAME/0\`, ... | mean of c of each player, of up to 16 |
| \`schedule/NAME\` | weight times curriculum |
| \`loss/rnd\`, \`loss/moa\` | what the models have left to learn |
| \`count/used\` | share of the tables' places in use, mean over shards |

Episode returns in the curves (\`episode/...\`) are of the environment's own rewards, whatever is paid beside.`;

const WRITING = `## Writing one

A reward is a file that exports an \`IntrinsicDefinition\` (\`agents/intrinsic/intrinsic.ts\`) and a line in
\`agents/intrinsic/index.ts\`; [CONTRIBUTING.md](../CONTRIBUTING.md#add-an-intrinsic-reward) has the steps. \`plan\` refuses what does
not fit the task and says what the reward needs of network and rollout: a model, fields, symbols. \`create\` makes the thing that
computes: once an iteration \`compute\` writes c of all player steps of the worker's own shards, [T, B] each in the order of
rollouts (\`agents/rollout/rollout.ts\`). Weight, clip, players and logging are not its business. This one is whole, and a test runs
it (\`docs/examples/variety.ts\`):`;
