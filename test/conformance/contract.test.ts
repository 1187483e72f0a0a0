/**
 * The contract is not shaped by grids: a single player, continuous actions, float observations and termination fit it, and
 * the vector form and reward options take such an environment as it is.
 */
import { describe, expect, it } from 'vitest';
import {
  type ActionBuffer,
  actionElements,
  type Environment,
  Events,
  elementsOf,
  type ObservationBuffer,
} from '../../shared/environment.ts';
import { hash64 } from '../../shared/hash.ts';
import { Random } from '../../shared/random.ts';
import { VectorEnvironment } from '../../shared/vector.ts';

/** A point on a line that is pushed by a force in [-1, 1]; it ends by the rules beyond 2, and is cut after 50 steps. */
class PushedPoint implements Environment {
  readonly name = 'pushed-point';
  readonly players = 1;
  readonly actionSpec = { kind: 'box', dtype: 'float32', shape: [1], low: -1, high: 1 } as const;
  readonly observationSpecs = { vector: { dtype: 'float32', shape: [2], low: -10, high: 10 } } as const;
  readonly episodeLength = 50;
  readonly terminated = new Uint8Array(1);
  readonly truncated = new Uint8Array(1);
  readonly events = new Events(0);
  readonly rawRewards = new Float32Array(1);
  readonly leads = new Uint8Array(1);
  readonly revealsActions = false;
  readonly grid = null;
  /** Position, velocity, time. */
  readonly #state = new Float32Array(3);

  get time() {
    return this.#state[2]!;
  }
  get done() {
    return this.terminated[0] === 1 || this.truncated[0] === 1;
  }

  reset(seed: number): void {
    this.#state.fill(0);
    this.#state[0] = new Random().seed(seed).uniform() - 0.5;
    this.terminated[0] = 0;
    this.truncated[0] = 0;
  }

  step(actions: ActionBuffer, rewards: Float32Array, offset = 0, rewardOffset = 0): void {
    const state = this.#state;
    state[1]! += 0.1 * actions[offset]!;
    state[0]! += 0.1 * state[1]!;
    state[2]!++;
    this.rawRewards[0] = -Math.abs(state[0]!);
    rewards[rewardOffset] = this.rawRewards[0];
    if (Math.abs(state[0]!) > 2) this.terminated[0] = 1;
    else if (state[2]! >= this.episodeLength) this.truncated[0] = 1;
  }

  observe(_encoding: string, out: ObservationBuffer, offset = 0): void {
    out.set(this.#state.subarray(0, 2), offset);
  }

  observeVisible(out: Uint8Array, offset = 0): void {
    out[offset] = 1;
  }

  save(): Uint8Array {
    return new Uint8Array(this.#state.slice().buffer);
  }

  load(snapshot: Uint8Array): void {
    this.#state.set(new Float32Array(snapshot.slice().buffer));
  }

  hash(): bigint {
    return hash64(this.save());
  }
}

describe('an environment of one player with continuous actions and float observations', () => {
  it('has sizes that follow from its specs', () => {
    const point = new PushedPoint();
    expect([actionElements(point.actionSpec), elementsOf(point.observationSpecs.vector)]).toEqual([1, 2]);
  });

  it('is stepped and observed in the vector form as by itself', () => {
    const vector = new VectorEnvironment([new PushedPoint(), new PushedPoint(), new PushedPoint()]);
    const alone = new PushedPoint();
    alone.reset(1);
    for (let e = 0; e < 3; e++) vector.reset(e, e);
    const random = new Random().seed(3);
    const actions = new Float32Array(3);
    const rewards = new Float32Array(3);
    const reward = new Float32Array(1);
    const observations = new Float32Array(6);
    const observation = new Float32Array(2);
    for (let t = 0; t < 20; t++) {
      for (let e = 0; e < 3; e++) actions[e] = 2 * random.uniform() - 1;
      vector.step(actions, rewards);
      vector.observe('vector', observations);
      alone.step(actions, reward, 1);
      alone.observe('vector', observation);
      expect(rewards[1]).toBe(reward[0]);
      expect(observations.slice(2, 4)).toEqual(observation);
    }
  });

  it('tells an end by the rules from a cut, and the vector form says which environment is to be reset', () => {
    const pushed = new PushedPoint();
    const left = new PushedPoint();
    const vector = new VectorEnvironment([pushed, left]);
    vector.reset(0, 1);
    vector.reset(1, 1);
    const actions = Float32Array.of(1, 0);
    const rewards = new Float32Array(2);
    while (vector.done[0] === 0) vector.step(actions, rewards);
    expect([pushed.terminated[0], pushed.truncated[0]]).toEqual([1, 0]);
    expect(() => vector.step(actions, rewards)).toThrow('call reset');
    actions[0] = 0;
    while (vector.done[1] === 0) {
      if (vector.done[0] === 1) vector.reset(0, 2);
      vector.step(actions, rewards);
    }
    expect([left.terminated[0], left.truncated[0], left.time]).toEqual([0, 1, 50]);
  });
});
