/** Makes a registry entry out of a small game of several players: its file says its numbers and its four functions. */
import * as z from 'zod';
import type { CommonOptions, EnvironmentDefinition } from '../definition.ts';
import { rewardOptions } from '../rewards.ts';
import { checkLeaders, fingerprinted, type TurnOptions, turnOptions, turnsOf } from '../turns.ts';
import { defineNumeric, episodeLengthOption, type NumericGame } from './definition.ts';
import type { NumericProblem } from './numeric-environment.ts';

type MatrixOptions<Shape extends z.ZodRawShape> = CommonOptions & TurnOptions & z.infer<z.ZodObject<Shape>>;

export interface MatrixGame<Shape extends z.ZodRawShape> extends NumericGame<Shape> {
  readonly players: { readonly min: number; readonly max: number; readonly default: number };
  /** What is wrong with options that are each well, as the option's name and a reason; null where nothing is. */
  conflict?(options: MatrixOptions<Shape>): readonly [option: string, reason: string] | null;
  /** Called once an environment or a vector of them. */
  problem(options: MatrixOptions<Shape>): NumericProblem;
}

export function defineMatrix<Shape extends z.ZodRawShape>(game: MatrixGame<Shape>): EnvironmentDefinition {
  const { min, max } = game.players;
  const fields = z.strictObject({
    players: z.int().min(min).max(max).default(game.players.default).describe('Players'),
    episodeLength: episodeLengthOption(game.episodeLength),
    ...game.options,
    ...rewardOptions,
    ...turnOptions,
  }) as unknown as z.ZodType<MatrixOptions<Shape>>;
  const schema = fields.check(checkLeaders, ({ value, issues }) => {
    const conflict = game.conflict?.(value) ?? null;
    if (conflict === null) return;
    const [option, message] = conflict;
    issues.push({ code: 'custom', input: value, path: [option], message });
  });
  return defineNumeric<Shape, MatrixOptions<Shape>>(game, {
    kind: 'matrix',
    schema,
    minPlayers: min,
    maxPlayers: () => max,
    turns: turnsOf,
    fingerprinted,
    problem: (options) => game.problem(options),
  });
}
