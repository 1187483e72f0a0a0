/** Makes a registry entry out of a control problem: all its file has to say are its numbers and its four functions. */
import * as z from 'zod';
import type { CommonOptions, EnvironmentDefinition, VectorSettings } from '../definition.ts';
import { rewardOptions, withReward } from '../rewards.ts';
import { fingerprintOf } from '../snapshot.ts';
import { VectorEnvironment } from '../vector.ts';
import { ControlEnvironment, type ControlProblem } from './control-environment.ts';

export interface ControlGame<Shape extends z.ZodRawShape> {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  readonly source: string;
  readonly details: readonly string[];
  /** Labels of the actions, with the default options. */
  readonly actions: readonly string[];
  /** Default of the option. */
  readonly episodeLength: number;
  /** Options of this problem's own. */
  readonly options: Shape;
  readonly presets: EnvironmentDefinition['presets'];
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
    episodeLength: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(game.episodeLength)
      .describe('Steps after which an episode is truncated'),
    ...game.options,
    ...rewardOptions,
  }) as unknown as z.ZodType<Options>;

  function maker(options: Options) {
    const problem = game.problem(options);
    const fingerprint = fingerprintOf(game.name, options);
    return () =>
      withReward(new ControlEnvironment(game.name, problem, options.episodeLength, fingerprint), options);
  }

  function createVector(options: Options, count: number, settings: VectorSettings): VectorEnvironment {
    let reserve = settings.reserve ?? 0;
    return new VectorEnvironment(Array.from({ length: count }, maker(options)), {
      allocate(bytes) {
        if (bytes > reserve) throw new RangeError(`${bytes} bytes are asked for, ${reserve} are reserved`);
        reserve -= bytes;
        return new Uint8Array(bytes);
      },
    });
  }

  return {
    name: game.name,
    kind: 'control',
    title: game.title,
    summary: game.summary,
    source: game.source,
    details: game.details,
    schema,
    presets: game.presets,
    actions: game.actions,
    maxPlayers: () => 1,
    create: (options: Options) => maker(options)(),
    createVector,
  } as unknown as EnvironmentDefinition;
}
