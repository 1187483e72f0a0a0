/**
 * What plays needs to know of a policy, whatever learned it and whatever runs it: windows and recurrent state in; a
 * distribution over actions, a value and the next state out. Free of Node.
 */
import { type ArraySpec, type Environment, elementsOf } from '../../shared/environment.ts';
import type { Random } from '../../shared/random.ts';
import { argmax, sample } from '../math/sample.ts';
import { type PolicyCard, PolicyError } from './card.ts';

/** B rows of a policy and their memory, allocated once: fill `observation`, `run`, read the rest. */
export interface PolicyCall {
  /** B */
  readonly rows: number;
  /** [B, ...], of the dtype and shape that the card says. */
  readonly observation: Uint8Array | Float32Array;
  /** [B, S] before the step: 0 where an episode starts. */
  readonly state: Float32Array;
  /** [B, slots] each, by the names in the card; `choices` where there is nothing, as at the start. */
  readonly signals: Readonly<Record<string, Uint8Array>>;
  /** [B, A] */
  readonly probabilities: Float32Array;
  /** [B, M] of those who speak, else empty. */
  readonly symbolProbabilities: Float32Array;
  /** [B] in units of the head; see `value` in the card. */
  readonly value: Float32Array;
  /** [B, S] after the step; `advance` makes it the state. */
  readonly nextState: Float32Array;
  /** One step of all rows. One run at a time. */
  run(): Promise<void>;
}

/** B rows of a policy's model of other agents, likewise. J = N - 1 others, in relative slots 1 to J. */
export interface ModelCall {
  /** B */
  readonly rows: number;
  /** [B, ...] as the policy's. */
  readonly observation: Uint8Array | Float32Array;
  /** [B, N] what everybody does in the step, in relative slots. */
  readonly joint: Uint8Array;
  /** [B, A] the policy's probabilities in the step. */
  readonly pi: Float32Array;
  /** [B, 2H] before the step: 0 where an episode starts. */
  readonly state: Float32Array;
  /** [B, J, A] how likely each other does what in the next step. */
  readonly predictions: Float32Array;
  /** [B, J] of the own action, in nats; by the divergence in the card. */
  readonly influence: Float32Array;
  /** [B, 2H] after the step; `advance` makes it the state. */
  readonly nextState: Float32Array;
  /** One step of all rows. One run at a time. */
  run(): Promise<void>;
}

export interface Policy {
  readonly card: PolicyCard;
  /** @param player whose network it is where each player has its own; more players than networks take turns. */
  call(rows: number, player?: number): PolicyCall;
  /** Its model of other agents. @param player as of `call`. @throws {PolicyError} for a policy without. */
  model(rows: number, player?: number): ModelCall;
  release(): Promise<void>;
}

/** Arrays for a call of `rows` rows. */
export function callMemory({ observation, actions, stateSize, signals, symbols }: PolicyCard, rows: number) {
  const elements = rows * elementsOf(observation);
  return {
    rows,
    observation: observation.dtype === 'uint8' ? new Uint8Array(elements) : new Float32Array(elements),
    state: new Float32Array(rows * stateSize),
    signals: Object.fromEntries(
      signals.map(({ name, choices, slots }) => [name, new Uint8Array(rows * slots).fill(choices)]),
    ),
    probabilities: new Float32Array(rows * actions.length),
    symbolProbabilities: new Float32Array(rows * symbols),
    value: new Float32Array(rows),
    nextState: new Float32Array(rows * stateSize),
  };
}

/** Arrays for a call of the model of `rows` rows. @throws {PolicyError} for a card without one. */
export function modelMemory({ name, observation, players, actions, moa }: PolicyCard, rows: number) {
  if (moa === null) {
    throw new PolicyError(
      `policy ${name} has no model of other agents: train it with --set intrinsic.influence-moa={}`,
    );
  }
  const elements = rows * elementsOf(observation);
  const others = players - 1;
  return {
    rows,
    observation: observation.dtype === 'uint8' ? new Uint8Array(elements) : new Float32Array(elements),
    joint: new Uint8Array(rows * players),
    pi: new Float32Array(rows * actions.length),
    state: new Float32Array(rows * moa.stateSize),
    predictions: new Float32Array(rows * others * actions.length),
    influence: new Float32Array(rows * others),
    nextState: new Float32Array(rows * moa.stateSize),
  };
}

/** What rows of a call remember. */
type Memory = Pick<PolicyCall, 'rows' | 'state' | 'nextState'>;

/** After a run: the next one goes on from the states that it left. */
export function advance(call: Memory): void {
  call.state.set(call.nextState);
}

/** A row's episode is over: what it remembers is gone. */
export function forget({ state, rows }: Memory, row: number): void {
  const size = state.length / rows;
  state.fill(0, row * size, (row + 1) * size);
}

/** An action drawn from a row's distribution, by one uniform number. */
export function draw({ probabilities, rows }: PolicyCall, row: number, random: Random): number {
  const actions = probabilities.length / rows;
  return sample(probabilities, row * actions, actions, random.uniform());
}

/** A row's symbol, drawn likewise. @throws where it does not speak. */
export function drawSymbol({ symbolProbabilities, rows }: PolicyCall, row: number, random: Random): number {
  const symbols = symbolProbabilities.length / rows;
  return sample(symbolProbabilities, row * symbols, symbols, random.uniform());
}

/** A row's most likely action, the first of equal ones. */
export function likeliest({ probabilities, rows }: PolicyCall, row: number): number {
  const actions = probabilities.length / rows;
  return argmax(probabilities, row * actions, actions);
}

/** @throws {PolicyError} for an environment that a policy cannot play, naming what it is for and what it is given. */
export function checkFits(card: PolicyCard, environment: Environment): void {
  const refuse = (what: string, own: string, given: string): never => {
    throw new PolicyError(`policy ${card.name} is for ${what} ${own}, here it is ${given}`);
  };
  if (card.env.name !== environment.name) refuse('environment', card.env.name, environment.name);
  const spec = environment.observationSpecs[card.encoding];
  if (spec === undefined) {
    const others = Object.keys(environment.observationSpecs).join(', ');
    refuse('observations encoded as', card.encoding, `one of ${others}`);
    return;
  }
  if (describe(spec) !== describe(card.observation)) {
    refuse('observations of', describe(card.observation), describe(spec));
  }
  const { actionSpec } = environment;
  const labels = actionSpec.kind === 'discrete' ? actionSpec.labels.join(', ') : 'continuous';
  if (labels !== card.actions.join(', ')) refuse('actions', card.actions.join(', '), labels);
  for (const { name, slots } of card.signals) {
    if (slots !== environment.players) {
      refuse(`${slots} players, whom it hears of by ${name}`, '', `${environment.players}`);
    }
  }
}

const describe = ({ dtype, shape }: Pick<ArraySpec, 'dtype' | 'shape'>) => `${dtype} [${shape.join(', ')}]`;
