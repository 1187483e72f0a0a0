/** For tests: policies of the zoo, and rooms of random sights that ask them. */
import type { PolicyFiles } from '../../agents/policies/files.ts';
import { readEntry } from '../../agents/policies/zoo.ts';
import { elementsOf } from '../../shared/environment.ts';
import { Random } from '../../shared/random.ts';
import type { Ask } from './messages.ts';

export const moa = readEntry('harvest-moa');
export const speakers = readEntry('harvest-communication');
export const dqn = readEntry('harvest-dqn');

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
