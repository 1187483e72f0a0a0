/** Random play over the environment contract alone, written down so that two plays can be compared byte by byte. */
import { type EnvironmentDefinition, type OptionsInput, parseOptions } from '../../shared/definition.ts';
import {
  type ActionBuffer,
  type ActionSpec,
  type ArraySpec,
  actionElements,
  type Environment,
  elementsOf,
  type ObservationBuffer,
} from '../../shared/environment.ts';
import { hash64, hashText } from '../../shared/hash.ts';
import { Random } from '../../shared/random.ts';

/** Steps that episodes are cut to where a test plays many. */
export const SHORT = 60;

/** Makes environments of one preset, and started ones. */
export function makerOf(definition: EnvironmentDefinition, preset: string) {
  const make = (options: OptionsInput = {}): Environment =>
    definition.create(parseOptions(definition, { preset, ...options }));
  const started = (seed: number, options: OptionsInput = {}): Environment => {
    const environment = make(options);
    environment.reset(seed);
    return environment;
  };
  return { make, started };
}

export function observationBuffer(spec: ArraySpec, players: number, extra = 0): ObservationBuffer {
  const length = players * elementsOf(spec) + extra;
  return spec.dtype === 'uint8' ? new Uint8Array(length) : new Float32Array(length);
}

export function actionBuffer(spec: ActionSpec, players: number): ActionBuffer {
  const length = players * actionElements(spec);
  return spec.kind === 'discrete' || spec.dtype === 'uint8'
    ? new Uint8Array(length)
    : new Float32Array(length);
}

export function drawActions(spec: ActionSpec, random: Random, out: ActionBuffer): void {
  for (let i = 0; i < out.length; i++) {
    out[i] =
      spec.kind === 'discrete'
        ? random.below(spec.labels.length)
        : spec.low + random.uniform() * (spec.high - spec.low);
  }
}

/** The bytes behind any typed array. */
export function bytesOf(array: ActionBuffer | ObservationBuffer): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** All that a caller can read of the present step, as text: one line that differs where any byte does. */
export function reading(environment: Environment, rewards: Float32Array): string {
  const seen = Object.entries(environment.observationSpecs).map(([encoding, spec]) => {
    const out = observationBuffer(spec, environment.players);
    environment.observe(encoding, out);
    return `${encoding} ${hashText(hash64(bytesOf(out)))}`;
  });
  return [
    `time ${environment.time}`,
    ...seen,
    `rewards ${rewards.join(' ')}`,
    `raw ${environment.rawRewards.join(' ')}`,
    `hash ${hashText(environment.hash())}`,
  ].join(', ');
}

/** A play that can be advanced step by step. */
export class Play {
  readonly environment: Environment;
  readonly rewards: Float32Array;
  readonly actions: ActionBuffer;
  readonly #random: Random;

  /** @param environment already reset, or loaded. */
  constructor(environment: Environment, actionSeed: number) {
    this.environment = environment;
    this.rewards = new Float32Array(environment.players);
    this.actions = actionBuffer(environment.actionSpec, environment.players);
    this.#random = new Random().seed(actionSeed);
  }

  /** Draws a joint action without taking it. */
  skip(): void {
    drawActions(this.environment.actionSpec, this.#random, this.actions);
  }

  step(): void {
    this.skip();
    this.environment.step(this.actions, this.rewards);
  }

  /** Up to `steps` steps, or to the end of the episode; a line for each. */
  run(steps = Number.POSITIVE_INFINITY): string[] {
    const lines: string[] = [];
    while (!this.environment.done && lines.length < steps) {
      this.step();
      lines.push(reading(this.environment, this.rewards));
    }
    return lines;
  }
}

/** A whole episode as text, the reset included. */
export function episode(environment: Environment, seed: number): string[] {
  environment.reset(seed);
  const play = new Play(environment, seed);
  return [reading(environment, play.rewards), ...play.run()];
}
