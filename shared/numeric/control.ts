/** Makes a registry entry out of a control problem: all its file has to say are its numbers and its four functions. */
import * as z from 'zod';
import type { CommonOptions, EnvironmentDefinition } from '../definition.ts';
import type { Random } from '../random.ts';
import { rewardOptions } from '../rewards.ts';
import { simultaneous } from '../turns.ts';
import { defineNumeric, episodeLengthOption, type NumericGame } from './definition.ts';
import type { NumericProblem } from './numeric-environment.ts';

/** A `NumericProblem` of one player, in terms of its one action and one reward. */
export interface ControlProblem extends Omit<NumericProblem, 'advance' | 'observe'> {
  /** Advances `state` by one step. @returns the reward. */
  advance(state: Float64Array, action: number, random: Random): number;
  /** Writes the observation from `offset` of `out` on. */
  observe(state: Float64Array, out: Float32Array, offset: number): void;
}

export interface ControlGame<Shape extends z.ZodRawShape> extends NumericGame<Shape> {
  /** Called once an environment or a vector of them. */
  problem(options: z.infer<z.ZodObject<Shape>>): ControlProblem;
}

export function defineControl<Shape extends z.ZodRawShape>(game: ControlGame<Shape>): EnvironmentDefinition {
  type Options = CommonOptions & z.infer<z.ZodObject<Shape>>;
  const schema = z.strictObject({
    players: z
      .literal(1, { error: `${game.name} is played by one player` })
      .default(1)
      .describe('Players: always one'),
    episodeLength: episodeLengthOption(game.episodeLength),
    ...game.options,
    ...rewardOptions,
  }) as unknown as z.ZodType<Options>;
  return defineNumeric<Shape, Options>(game, {
    kind: 'control',
    schema,
    minPlayers: 1,
    maxPlayers: () => 1,
    turns: () => simultaneous(1),
    fingerprinted: (options) => options,
    problem: (options) => ofOnePlayer(game.problem(options)),
  });
}

function ofOnePlayer(problem: ControlProblem): NumericProblem {
  return {
    ...problem,
    advance(state, actions, offset, rewards, random) {
      rewards[0] = problem.advance(state, actions[offset]!, random);
    },
    observe(state, _, out, offset) {
      problem.observe(state, out, offset);
    },
  };
}
