/**
 * The algorithms' reference as Markdown, from the registry, the schemas and the presets themselves. `docs/generate.ts`
 * writes the file.
 */
import * as z from 'zod';
import { code, optionsOf, optionTable, table } from '../../shared/option-tables.ts';
import { networkSchema } from '../networks/actor-critic.ts';
import { runFields } from '../training/config.ts';
import type { AlgorithmDefinition } from './algorithm.ts';

/** A shipped configuration, as it is listed. */
export interface PresetText {
  readonly name: string;
  /** YAML that opens with a comment. */
  readonly text: string;
}

/** The whole document. */
export function algorithmsMarkdown(
  algorithms: readonly AlgorithmDefinition<never>[],
  presets: readonly PresetText[],
): string {
  const parts = [
    INTRODUCTION,
    table(
      ['algorithm', 'name', 'what it is', 'source'],
      algorithms.map(({ title, name, summary, source }) => [title, code(name), summary, source]),
    ),
    NOTATION,
    `## Settings of a run\n\n${optionTable(optionsOf(z.strictObject(runFields)))}`,
    `${NETWORK}\n\n${optionTable(optionsOf(networkSchema))}`,
    ...algorithms.map(algorithmSection),
    PRESETS,
    table(
      ['preset', 'what it is'],
      presets.map(({ name, text }) => [code(name), summaryOf(text)]),
    ),
  ];
  return `${parts.join('\n\n')}\n`;
}

function algorithmSection({
  title,
  name,
  summary,
  source,
  details,
  schema,
  network,
}: AlgorithmDefinition<never>) {
  const differing = Object.entries(network ?? {}).map(
    ([option, value]) => `${option} ${JSON.stringify(value)}`,
  );
  return [
    `## ${title} (\`${name}\`)`,
    summary,
    `Source: ${source}`,
    details.join('\n'),
    ...(differing.length === 0
      ? []
      : [`Its network differs from the default by ${differing.map(code).join(', ')}.`]),
    `### Options of ${title}`,
    optionTable(optionsOf(schema)),
  ].join('\n\n');
}

/** The sentences of a preset's comment that begin on its first line, with the rest of the last one. */
export function summaryOf(text: string): string {
  const lines = text.split('\n');
  const end = lines.findIndex((line) => !line.startsWith('#'));
  const comment = lines.slice(0, end === -1 ? undefined : end).map((line) => line.replace(/^#\s*/, ''));
  const whole = comment.join(' ').trim();
  const first = comment[0]?.length ?? 0;
  // The abbreviation ends no sentence.
  const stops = [...whole.matchAll(/(?<!\bet al)[.!?](?=\s|$)/g)].map(({ index }) => index + 1);
  return whole.slice(0, stops.find((stop) => stop >= first) ?? whole.length);
}

const INTRODUCTION = `# Algorithms

Written by \`npm run docs\` from \`agents/algorithms\`, the network's schema and \`agents/presets\`: edit those or
\`agents/algorithms/docs.ts\`, not this file. [training.md](training.md) tells how a run is started and what it leaves
behind.

\`npx arena train --algo NAME\` chooses an algorithm. Its options stand under \`algo\` in a configuration, those of the
network under \`network\`, those of the environment ([environments.md](environments.md)) under \`env\`, rewards that the environment
does not pay ([intrinsic.md](intrinsic.md)) under \`intrinsic\`, those of the run at the top; on the command line they are
\`--set algo.gamma=0.998 network.lstm=0\`. Unless an algorithm says otherwise, every player learns by itself, for its own reward,
and sees the others as a part of its world.`;

const NOTATION = `A *schedule* is a number, or points \`[[fraction of the run, value], ...]\`, or \`{unit: steps, points: [[player steps,
value], ...]}\`; between points it is linear.

In the equations pi is the policy, o an observation, a an action, r a reward, V the value, G its target, H the mean entropy of the
policy in nats, L_V = 1/2 mean (V - G)^2, c_v is \`valueCoefficient\`, c_e \`entropy\`, eps \`clip\`. Advantages are generalized
(Schulman et al. 2016):

\`\`\`
delta_t = r_t + gamma V_{t+1} - V_t
A_t = delta_t + gamma lambda A_{t+1}     G_t = A_t + V_t
\`\`\`

After a step that terminates an episode V_{t+1} is 0. After one that truncates it, it is the value of the final observation. After
either A_{t+1} is 0. A mean runs over the samples of one network; gradients of shards are averaged, clipped by their norm and
stepped along by Adam.`;

const NETWORK = `## Options of the network

The default is the network of Jaques et al. (2019): class ids become colours, then come a convolution with 6 filters of 3x3,
two dense layers of 32 and an LSTM of 128, then a head for the policy and one for the value. Observations that are no windows go to
the dense layers directly.`;

const PRESETS = `## Presets

Configurations that are shipped, in \`agents/presets\`: \`npx arena train --preset NAME\`. Flags and \`--set\` change what they say.
Each file says where its settings come from.`;
