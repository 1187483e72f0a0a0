import { expect, it } from 'vitest';
import { Random } from '../../shared/random.ts';
import { Rollout, type RolloutShape } from '../rollout/rollout.ts';
import { chooseVisited } from './visited.ts';

const shape: RolloutShape = {
  steps: 6,
  sequence: 6,
  environments: 2,
  players: 1,
  observation: { dtype: 'uint8', shape: [1], low: 0, high: 255 },
  actions: 2,
  stateSize: 0,
};

/** Observations are 10 times the column and the step; the policy is surer the later it is, but at step 3. */
function played(): Rollout {
  const rollout = new Rollout(shape, new Uint8Array(Rollout.observationElements(shape)));
  for (let t = 0; t < 6; t++) {
    for (let column = 0; column < 2; column++) {
      const i = 2 * t + column;
      rollout.observations[i] = 10 * column + t;
      const p = t === 3 ? 0.5 : 0.6 + 0.05 * t;
      rollout.probabilities.set([p, 1 - p], 2 * i);
    }
  }
  return rollout;
}

const random = () => new Random().seed(1);

it('of each part of the columns the state that the policy is least sure of is chosen, with what came before it', () => {
  const chosen = chooseVisited(played(), { count: 2, context: 2, by: 'entropy' }, random());
  expect(chosen.map(({ step, column }) => [column, step])).toEqual([
    [0, 3],
    [1, 3],
  ]);
  expect(chosen.map(({ observations }) => [...observations])).toEqual([
    [1, 2, 3],
    [11, 12, 13],
  ]);
  expect([...chosen[0]!.probabilities]).toEqual([0.5, 0.5]);
});

it('states without their context are left out, but where the episode starts', () => {
  const rollout = played();
  // Column 1 begins an episode at step 1.
  rollout.starts[2 * 1 + 1] = 1;
  const chosen = chooseVisited(rollout, { count: 100, context: 4, by: 'random' }, random());
  expect(chosen.map(({ column, step, steps }) => [column, step, steps])).toEqual([
    [0, 4, 5],
    [0, 5, 5],
    [1, 1, 1],
    [1, 2, 2],
    [1, 3, 3],
    [1, 4, 4],
    [1, 5, 5],
  ]);
});
