/** `arena environments`: what there is to play. */
import * as z from 'zod';
import type { EnvironmentKind } from '../../shared/definition.ts';
import { definitionOf, ENVIRONMENTS } from '../../shared/registry.ts';
import { describeEnvironments, type EnvironmentDescription } from '../describe.ts';

const KINDS: Readonly<Record<EnvironmentKind, string>> = {
  dilemma: 'dilemma, to watch, play and learn',
  control: 'control, to learn only',
  matrix: 'matrix game of several players, to learn only',
};

export function environments(name: string | undefined, flags: { json?: boolean }): void {
  const definitions = name === undefined ? ENVIRONMENTS : [definitionOf(name)];
  const described = describeEnvironments(definitions);
  if (flags.json) {
    process.stdout.write(`${JSON.stringify(described, null, 2)}\n`);
    return;
  }
  const lines: string[] = [];
  for (const environment of described) {
    lines.push(
      `${environment.name}  ${environment.title}: ${environment.summary}`,
      `  kind      ${KINDS[environment.kind]}`,
      `  players   ${playersText(environment)}`,
      `  episode   ${environment.episodeLength} steps`,
      `  actions   ${environment.actions.kind === 'discrete' ? environment.actions.labels.map((label, i) => `${i} ${label}`).join(', ') : 'continuous'}`,
      `  presets   ${environment.presets.join(', ')}`,
      `  source    ${environment.source}`,
    );
    if (name !== undefined) lines.push('  options', ...optionLines(environment.options));
    lines.push('');
  }
  if (name === undefined) lines.push('arena environments NAME describes one with its options.');
  process.stdout.write(`${lines.join('\n')}\n`);
}

function playersText({ kind, players }: EnvironmentDescription): string {
  if (players.max === 1) return '1';
  return kind === 'dilemma'
    ? `${players.default}, at most ${players.max} on the standard map`
    : `${players.default}, from ${players.min} to ${players.max}`;
}

const optionSchema = z.object({
  properties: z.record(
    z.string(),
    z.object({ default: z.unknown().optional(), description: z.string().optional() }),
  ),
});

function optionLines(schema: unknown): string[] {
  const { properties } = optionSchema.parse(schema);
  const width = Math.max(...Object.keys(properties).map((key) => key.length));
  return Object.entries(properties).map(([key, option]) => {
    const standard = option.default === undefined ? '' : ` (${JSON.stringify(option.default)})`;
    return `    ${key.padEnd(width)}  ${option.description ?? ''}${standard}`;
  });
}
