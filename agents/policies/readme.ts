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
    `Inputs: \`observation\` ${observation.dtype} [batch, ${observation.shape.join(', ')}], the encoding \`${card.encoding}\`${stateSize > 0 ? `; \`state\` float32 [batch, ${stateSize}], zeros at the start of an episode and then the last \`nextState\`` : ''}${card.signals.map(({ name, slots }) => `; \`${name}\` uint8 [batch, ${slots}]`).join('')}.`,
    '',
    `Outputs: \`probabilities\` float32 [batch, ${actions.length}]; \`value\` float32 [batch]${stateSize > 0 ? `; \`nextState\` float32 [batch, ${stateSize}]` : ''}${card.acting.kind === 'policy' ? '' : `; \`values\` float32 [batch, ${actions.length}]`}${card.symbols > 0 ? `; \`symbolProbabilities\` float32 [batch, ${card.symbols}]` : ''}. Actions are drawn from the probabilities: ${ACTING[card.acting.kind](card.acting)}.`,
    '',
    ...amongOthers(card),
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
    ...Object.entries(card.intrinsic).flatMap(([reward, options]) =>
      rows(`intrinsic.${reward}`, options as Readonly<Record<string, unknown>>),
    ),
    ...rows('version', card.versions),
    '',
  ].join('\n');
}

/** What it hears of the others, what it says to them, and what it predicts of them: a paragraph each. */
function amongOthers({ signals, symbols, moa, players, actions, observation }: PolicyCard): string[] {
  const others = players - 1;
  const slots = `slot 0 is the player itself, slot i the player i places after it, round the ${players} of them`;
  return [
    ...(signals.length === 0
      ? []
      : [
          `It hears ${listed(signals.map(({ name, choices }) => `${HEARD[name]} (\`${name}\`, ${choices} where there is none)`))}. Of these ${slots}.`,
          '',
        ]),
    ...(symbols === 0
      ? []
      : [
          `It says one of ${symbols} symbols a step, drawn from \`symbolProbabilities\`, which all hear in the next.`,
          '',
        ]),
    ...(moa === null
      ? []
      : [
          `It predicts what the others do: \`${moa.files[0]!.name}\`${moa.files.length > 1 ? ' and its like, one a player,' : ''} is its model of other agents, a step for any batch. Inputs: \`observation\` ${observation.dtype} [batch, ${observation.shape.join(', ')}]; \`joint\` uint8 [batch, ${players}], what all do in this step; \`pi\` float32 [batch, ${actions.length}], the policy's \`probabilities\` in this step; \`state\` float32 [batch, ${moa.stateSize}]. Outputs: \`predictions\` float32 [batch, ${others}, ${actions.length}], how likely each of the others does what in the next step; \`influence\` float32 [batch, ${others}], by how much the own action changes that (${moa.divergence === 'kl' ? 'KL' : 'Jensen-Shannon'} divergence from what is expected without knowing it, nats); \`nextState\` float32 [batch, ${moa.stateSize}]. In \`joint\` ${slots}; the others are slots 1 to ${others}.${moa.visibleOnly ? ' It learned of a player only while it saw it.' : ''}`,
          '',
        ]),
  ];
}

const HEARD: { readonly [K in PolicyCard['signals'][number]['name']]: string } = {
  lastActions: 'what everybody did in the last step',
  leadersActions: 'what those who lead do in this step',
  heardSymbols: 'what everybody said in the last step',
};

const listed = (parts: readonly string[]) =>
  parts.length === 1 ? parts[0]! : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)!}`;

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
