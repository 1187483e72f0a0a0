/** What control tasks and matrix games have in common as registry entries. */
import * as z from 'zod';
import type { CommonOptions, EnvironmentDefinition, VectorSettings } from '../definition.ts';
import { withReward } from '../rewards.ts';
import { fingerprintOf } from '../snapshot.ts';
import type { Turns } from '../turns.ts';
import { VectorEnvironment } from '../vector.ts';
import { NumericEnvironment, type NumericProblem } from './numeric-environment.ts';

/** What an environment's own file says, whichever kind it is of. */
export interface NumericGame<Shape extends z.ZodRawShape> {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  readonly source: string;
  readonly details: readonly string[];
  /** Labels of the actions, with the default options. */
  readonly actions: readonly string[];
  /** Default of the option. */
  readonly episodeLength: number;
  /** Options of this environment's own. */
  readonly options: Shape;
  readonly presets: EnvironmentDefinition['presets'];
}

/** What a kind adds to a game. */
export interface NumericKind<O extends CommonOptions>
  extends Pick<EnvironmentDefinition<O>, 'kind' | 'schema' | 'minPlayers' | 'maxPlayers'> {
  turns(options: O): Turns;
  /** What of the options a snapshot's fingerprint covers. */
  fingerprinted(options: O): object;
  /** Called once an environment or a vector of them. */
  problem(options: O): NumericProblem;
}

export function episodeLengthOption(standard: number) {
  return z
    .int()
    .min(1)
    .max(1_000_000)
    .default(standard)
    .describe('Steps after which an episode is truncated');
}

/** Of one environment's objects and arrays, about. */
const OBJECT_BYTES = 4096;

export function defineNumeric<Shape extends z.ZodRawShape, O extends CommonOptions>(
  game: NumericGame<Shape>,
  { turns, fingerprinted, problem, ...kind }: NumericKind<O>,
): EnvironmentDefinition {
  const { name, title, summary, source, details, actions, presets } = game;

  function maker(options: O) {
    const { players, episodeLength } = options;
    const fingerprint = fingerprintOf(name, fingerprinted(options));
    const setup = { name, players, episodeLength, fingerprint, ...turns(options) };
    const rules = problem(options);
    return () => withReward(new NumericEnvironment(setup, rules), options);
  }

  function createVector(options: O, count: number, settings: VectorSettings): VectorEnvironment {
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
    ...{ name, title, summary, source, details, actions, presets },
    ...kind,
    create: (options: O) => maker(options)(),
    vectorBytes: (_options: O, count: number) => count * OBJECT_BYTES,
    createVector,
  } as unknown as EnvironmentDefinition;
}
