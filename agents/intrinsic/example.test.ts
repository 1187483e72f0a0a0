/** The reward that docs/intrinsic.md shows, as somebody who copies it would have it. */
import { expect, it } from 'vitest';
import { variety } from '../../docs/examples/variety.ts';
import { openEngine } from '../engine/index.ts';
import { Collective, collectiveMemory } from '../training/collective.ts';
import { readPlan } from '../training/config.ts';
import type { IntrinsicPlan, Payments } from './intrinsic.ts';

const CONFIG = `
env: {name: harvest, players: 2, episodeLength: 7}
environments: 2
shards: 1
steps: 100000
algo: {name: a2c, segment: 8, sequence: 4}
network: {filters: 0, dense: [4], lstm: 4}
`;

it('pays for doing something else, from one segment into the next, and no episode into the next', async () => {
  const { task, config, algorithm, options, parameters } = readPlan(CONFIG, 'a test');
  const own = variety.plan(variety.schema.parse({ again: 0.5 }), task, config.network);
  const found: number[][] = [];
  const expected: number[][] = [];
  let before: number[] = [];
  const watched: IntrinsicPlan = {
    ...own,
    async create(setup) {
      const reward = await own.create(setup);
      return {
        ...reward,
        async compute(out: readonly Payments[]) {
          await reward.compute(out);
          const { actions, starts, columns } = setup.rollouts[0]!;
          const all = [...before, ...actions];
          const from = before.length;
          found.push(Array.from(out[0]!));
          expected.push(
            Array.from(actions, (action, i) =>
              starts[i] === 1 ? 0 : action === all[from + i - columns] ? 0.5 : 1,
            ),
          );
          before = Array.from(actions.subarray(-columns));
        },
      };
    },
  };
  const learner = await algorithm.create(options, {
    engine: await openEngine('onnx'),
    task,
    network: config.network,
    intrinsic: [watched],
    collective: new Collective(collectiveMemory(1, 1, parameters), 0),
    seed: 1,
    totalSteps: 1000,
  });
  for (let k = 0; k < 3; k++) await learner.iterate(0);
  expect(found).toEqual(expected);
  expect(new Set(found.flat())).toEqual(new Set([0, 0.5, 1]));
  expect(learner.measure()['intrinsic/variety']).toBeCloseTo(
    found.flat().reduce((sum, x) => sum + x, 0) / found.flat().length,
    12,
  );
});
