/** For tests: policies of the zoo, and rooms of random sights that ask them. */
import { encodeModel, type OnnxGraph, type OnnxNode } from '../../agents/engine/onnx/model.ts';
import { type PolicyFiles, sha256 } from '../../agents/policies/files.ts';
import { readEntry } from '../../agents/policies/zoo.ts';
import { elementsOf } from '../../shared/environment.ts';
import { Random } from '../../shared/random.ts';
import type { Ask } from './messages.ts';

export const moa = readEntry('harvest-moa');
export const speakers = readEntry('harvest-communication');
export const dqn = readEntry('harvest-dqn');

/**
 * A policy that is quick where it sees nothing but zeros, and whose calls otherwise multiply matrices of a size that grows
 * with what it sees: about 11 * `size` a side in a `RandomRoom`. It passes every check of files.
 */
export function slowOne(size: number): PolicyFiles {
  const { card } = dqn;
  const node = (op: string, inputs: string[], output: string, attributes: OnnxNode['attributes'] = {}) => ({
    op,
    domain: '',
    inputs,
    outputs: [output],
    attributes,
  });
  const whole = (name: string, values: readonly number[]) => ({
    name,
    type: 'int64' as const,
    shape: [values.length],
    bytes: new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
  });
  const graph: OnnxGraph = {
    name: 'slow',
    nodes: [
      node('Cast', ['observation'], 'numbers', { to: 7 }),
      node('ReduceMax', ['numbers'], 'largest', { keepdims: 0 }),
      node('Mul', ['largest', 'size'], 'longer'),
      node('Add', ['longer', 'one'], 'side'),
      node('Concat', ['side', 'side'], 'sides', { axis: 0 }),
      node('ConstantOfShape', ['sides'], 'matrix'),
      node('MatMul', ['matrix', 'matrix'], 'product'),
      node('MatMul', ['product', 'matrix'], 'work'),
      node('ReduceSum', ['work'], 'nothing', { keepdims: 0 }),
      node('Cast', ['observation'], 'floats', { to: 1 }),
      node('ReduceSum', ['floats', 'axes'], 'sum', { keepdims: 0 }),
      node('Add', ['sum', 'nothing'], 'value'),
      node('Unsqueeze', ['value', 'one'], 'column'),
      node('Expand', ['column', 'width'], 'logits'),
      node('Softmax', ['logits'], 'probabilities', { axis: 1 }),
    ],
    initializers: [
      whole('size', [size]),
      whole('one', [1]),
      whole('axes', [1, 2]),
      whole('width', [1, card.actions.length]),
    ],
    inputs: [{ name: 'observation', type: 'uint8', shape: ['rows', ...card.observation.shape] }],
    outputs: [
      { name: 'probabilities', type: 'float32', shape: ['rows', card.actions.length] },
      { name: 'value', type: 'float32', shape: ['rows'] },
    ],
  };
  const bytes = encodeModel(graph, {});
  const files = [{ name: 'policy.onnx', sha256: sha256(bytes) }];
  return { card: { ...card, files }, networks: [bytes], models: [] };
}

/** A room of one policy in all seats that sees and does whatever comes, a function of its seed alone. */
export class RandomRoom {
  readonly #random: Random;
  readonly #number: number;
  readonly #policy: number;
  readonly #card: PolicyFiles['card'];
  readonly #seed: number;
  tick = 0;
  episode = 0;
  minds: readonly number[] = [];

  /** @param number the room's. @param policy the number that the policy was loaded under. */
  constructor(number: number, policy: number, { card }: PolicyFiles, seed: number) {
    this.#random = new Random().seed(seed);
    this.#number = number;
    this.#policy = policy;
    this.#card = card;
    this.#seed = seed;
  }

  /** The next tick's. @param seats who is asked. */
  ask(seats: readonly number[] = [0, 1, 2, 3, 4]): Ask {
    const { players, actions, observation } = this.#card;
    const random = this.#random;
    const tick = this.tick++;
    const joint = Uint8Array.from({ length: players }, () => random.below(actions.length));
    return {
      room: this.#number,
      episode: this.episode,
      tick,
      seed: this.#seed,
      patience: 0,
      players,
      playing: Uint8Array.from({ length: players }, (_, seat) => Number(seats.includes(seat))),
      joint: tick === 0 ? null : joint,
      groups: [
        {
          policy: this.#policy,
          seats: Uint8Array.from(seats),
          observation: Uint8Array.from({ length: seats.length * elementsOf(observation) }, () =>
            random.below(12),
          ),
        },
      ],
      minds: this.minds,
      visible: null,
    };
  }
}
