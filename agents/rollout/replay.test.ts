import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../shared/random.ts';
import { ReplayMemory, TransitionBatch } from './replay.ts';

/** [step, column]; after an episode's last step [-1 - step, column], so that no observation is like another. */
const OBSERVATION = { dtype: 'float32', shape: [2], low: -1e6, high: 1e6 } as const;

interface World {
  readonly capacity: number;
  readonly environments: number;
  readonly players: number;
  readonly episodeLength: number;
  readonly steps: number;
  readonly seed: number;
}

/** What happened in step t, in lists that grow, as against the ring: [steps][B], [steps][E], [steps][B]. */
interface History {
  readonly memory: ReplayMemory;
  readonly actions: number[][];
  readonly rewards: number[][];
  readonly ended: boolean[][];
  readonly terminated: number[][];
}

/** Plays a world whose episodes end by chance, or are cut at their length with some players terminated just then. */
function play({ capacity, environments, players, episodeLength, steps, seed }: World): History {
  const random = new Random().seed(seed);
  const columns = environments * players;
  const memory = new ReplayMemory({
    capacity,
    environments,
    players,
    observation: OBSERVATION,
    episodeLength,
  });
  const history: History = { memory, actions: [], rewards: [], ended: [], terminated: [] };
  const times = new Array<number>(environments).fill(0);
  const observed = (t: number, first: number, count: number) =>
    Float32Array.from({ length: 2 * count }, (_, k) => (k % 2 === 0 ? t : first + (k - 1) / 2));
  memory.observe(observed(0, 0, columns));
  for (let t = 0; t < steps; t++) {
    const actions = Uint8Array.from({ length: columns }, () => random.below(5));
    const rewards = Float32Array.from({ length: columns }, () => random.uniform() - 0.5);
    const ended: boolean[] = [];
    const terminated = new Array<number>(columns).fill(0);
    for (let e = 0; e < environments; e++) {
      const cut = ++times[e]! === episodeLength;
      ended[e] = cut || random.chance(0.15);
      if (!ended[e]) continue;
      times[e] = 0;
      const flags = Uint8Array.from({ length: players }, () => (!cut || random.chance(0.3) ? 1 : 0));
      flags.forEach((flag, n) => {
        terminated[e * players + n] = flag;
      });
      memory.end(e, flags, observed(-1 - t, e * players, players));
    }
    memory.advance(actions, rewards);
    memory.observe(observed(t + 1, 0, columns));
    history.actions.push([...actions]);
    history.rewards.push([...rewards]);
    history.ended.push(ended);
    history.terminated.push(terminated);
  }
  return history;
}

const worlds = fc.record({
  capacity: fc.integer({ min: 4, max: 24 }),
  environments: fc.integer({ min: 1, max: 3 }),
  players: fc.integer({ min: 1, max: 3 }),
  episodeLength: fc.integer({ min: 1, max: 9 }),
  steps: fc.integer({ min: 4, max: 80 }),
  seed: fc.integer({ min: 0, max: 1e6 }),
});
const options = fc.record({ nStep: fc.integer({ min: 1, max: 4 }), gamma: fc.constantFrom(0, 0.5, 0.9, 1) });

/** The batch's transitions: where they start and what they say. */
function sampled(memory: ReplayMemory, given: { nStep: number; gamma: number }, networks: number, size = 64) {
  const batch = new TransitionBatch(networks, size, OBSERVATION);
  memory.sample(batch, given, new Random().seed(7));
  return Array.from({ length: networks * size }, (_, k) => ({
    network: Math.floor(k / size),
    step: batch.observation[2 * k]!,
    column: batch.observation[2 * k + 1]!,
    action: batch.action[k]!,
    reward: batch.reward[k]!,
    discount: batch.discount[k]!,
    terminated: batch.terminated[k]!,
    next: [batch.nextObservation[2 * k]!, batch.nextObservation[2 * k + 1]!],
  }));
}

describe('what is sampled', () => {
  it('is what a walk through everything that happened finds from there, and never goes on past an end', () => {
    fc.assert(
      fc.property(worlds, options, (world, given) => {
        const { memory, actions, rewards, ended, terminated } = play(world);
        const { nStep, gamma } = given;
        for (const sample of sampled(memory, given, 1)) {
          const { step, column } = sample;
          const environment = Math.floor(column / world.players);
          let reward = 0;
          let k = 0;
          while (k < nStep) {
            reward += gamma ** k * rewards[step + k]![column]!;
            k++;
            if (ended[step + k - 1]![environment]) break;
          }
          const last = step + k - 1;
          const over = terminated[last]![column] === 1;
          const next = over ? [0, 0] : [ended[last]![environment] ? -1 - last : last + 1, column];
          expect(sample.action).toBe(actions[step]![column]);
          expect(sample.reward).toBeCloseTo(reward, 5);
          expect(sample.discount).toBeCloseTo(gamma ** k, 6);
          expect(sample.terminated).toBe(over ? 1 : 0);
          expect(sample.next).toEqual(next);
        }
      }),
    );
  });

  it('lies within the capacity, with n steps known', () => {
    fc.assert(
      fc.property(worlds, options, (world, given) => {
        const { memory } = play(world);
        for (const { step } of sampled(memory, given, 1)) {
          expect(step).toBeGreaterThanOrEqual(world.steps - world.capacity);
          expect(step + given.nStep).toBeLessThanOrEqual(world.steps);
        }
      }),
    );
  });

  it("is each player's own where each has a network", () => {
    fc.assert(
      fc.property(worlds, options, (world, given) => {
        const { memory } = play(world);
        for (const { network, column } of sampled(memory, given, world.players)) {
          expect(column % world.players).toBe(network);
        }
      }),
    );
  });

  it('can be every transition that is kept', () => {
    const { memory } = play({
      capacity: 6,
      environments: 2,
      players: 2,
      episodeLength: 4,
      steps: 20,
      seed: 1,
    });
    const found = new Set(
      sampled(memory, { nStep: 2, gamma: 1 }, 1, 2000).map(({ step, column }) => `${step} ${column}`),
    );
    // Steps 14 to 18, of four columns.
    expect(found.size).toBe(20);
  });
});

describe('a memory', () => {
  it('goes on from what it saved as it would have', () => {
    fc.assert(
      fc.property(worlds, options, (world, given) => {
        const { memory } = play(world);
        const other = new ReplayMemory(memory.shape);
        other.load(memory.save());
        expect(sampled(other, given, 1)).toEqual(sampled(memory, given, 1));
      }),
    );
  });

  it('refuses what one of another capacity saved', () => {
    const world = { capacity: 8, environments: 1, players: 1, episodeLength: 3, steps: 20, seed: 1 };
    const other = new ReplayMemory({ ...play(world).memory.shape, capacity: 9 });
    expect(() => other.load(play(world).memory.save())).toThrow(
      'observations should have 20 elements and has 18',
    );
  });

  it('keeps bytes as bytes, each observation once', () => {
    const memory = new ReplayMemory({
      capacity: 99,
      environments: 3,
      players: 2,
      observation: { dtype: 'uint8', shape: [15, 15], low: 0, high: 20 },
      episodeLength: 50,
    });
    // 100 rows of 6 columns (225 + 6 bytes) and 3 endings of 4, and final observations of 2 episodes each.
    expect(memory.bytes).toBe(100 * (6 * 231 + 3 * 4) + 3 * 2 * 2 * 225);
  });

  it('offers no start before n steps are there', () => {
    const world = { capacity: 8, environments: 1, players: 1, episodeLength: 9, steps: 2, seed: 1 };
    const { memory } = play(world);
    expect([1, 2, 3].map((n) => memory.starts(n))).toEqual([2, 1, 0]);
  });
});
