/** A policy's card as a page for people. */
import { definitionOf } from '../../shared/registry.ts';
import type { Acting, PolicyCard } from './card.ts';

/** @param files what lies in the folder beside the page, with what it is. */
export function readmeOf(card: PolicyCard, files: Readonly<Record<string, string>>): string {
  const { env, network, algorithm, observation, actions, stateSize, scores } = card;
  const definition = definitionOf(env.name);
  const { name: algorithmName, ...settings } = algorithm;
  return [
    `# ${card.name}`,
    '',
    `A policy for ${definition.title} (\`${env.name}\`), ${card.players} player${card.players === 1 ? '' : 's'}, learned with ${algorithmName} over ${card.playerSteps.toLocaleString('en')} player steps.`,
    '',
    definition.summary,
    '',
    '## Files',
    '',
    ...Object.entries(files).map(([file, what]) => `- \`${file}\`: ${what}`),
    '',
    '## Use',
    '',
    `Inputs: \`observation\` ${observation.dtype} [batch, ${observation.shape.join(', ')}], the encoding \`${card.encoding}\`${stateSize > 0 ? `; \`state\` float32 [batch, ${stateSize}], zeros at the start of an episode and then the last \`nextState\`` : ''}.`,
    '',
    `Outputs: \`probabilities\` float32 [batch, ${actions.length}]; \`value\` float32 [batch]${stateSize > 0 ? `; \`nextState\` float32 [batch, ${stateSize}]` : ''}${card.acting.kind === 'policy' ? '' : `; \`values\` float32 [batch, ${actions.length}]`}. Actions are drawn from the probabilities: ${ACTING[card.acting.kind](card.acting)}.`,
    '',
    `Actions, in order: ${actions.join(', ')}.`,
    '',
    ...(card.files.length > 1
      ? [`Each of the ${card.files.length} players learned a network of its own.`, '']
      : []),
    '## Scores',
    '',
    ...(scores === null
      ? ['Not evaluated; `npx arena evaluate --policy` does.']
      : [
          `${scores.episodes} episodes from seed ${scores.seed}, all seats this policy, actions ${scores.greedy ? 'the most likely ones' : 'drawn'}; means with 95% bootstrap intervals.`,
          '',
          '| measure | mean | 95% interval | deviation |',
          '| --- | ---: | ---: | ---: |',
          ...Object.entries(scores.measures).map(
            ([measure, { mean, deviation, low, high }]) =>
              `| ${measure} | ${short(mean)} | ${low === null || high === null ? 'one episode' : `${short(low)} to ${short(high)}`} | ${short(deviation)} |`,
          ),
        ]),
    '',
    '## Learning',
    '',
    '```',
    card.command,
    '```',
    '',
    `Seed ${card.seed}, ${short(card.training.seconds)} seconds${card.training.bestScore === null ? '' : `, highest mean collective return between two checkpoints ${short(card.training.bestScore)}`}. ${card.parameters.toLocaleString('en')} parameters a network.`,
    '',
    '| | |',
    '| --- | --- |',
    ...rows('env', env.options),
    ...rows('algo', settings),
    ...rows('network', network),
    ...rows('version', card.versions),
    '',
  ].join('\n');
}

const ACTING: { readonly [K in Acting['kind']]: (acting: Acting) => string } = {
  policy: () => "they are the policy's own",
  'epsilon-greedy': (acting) =>
    `1 - epsilon for the action of highest value, and epsilon ${'epsilon' in acting ? acting.epsilon : ''} shared by all`,
  boltzmann: (acting) =>
    `a softmax of the values at temperature ${'temperature' in acting ? acting.temperature : ''}`,
};

const rows = (group: string, values: Readonly<Record<string, unknown>>) =>
  Object.entries(values).map(
    ([key, value]) => `| ${group}.${key} | ${typeof value === 'string' ? value : JSON.stringify(value)} |`,
  );

const short = (value: number) =>
  Number(value.toPrecision(5)).toLocaleString('en', { maximumFractionDigits: 4 });
