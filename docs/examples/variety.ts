/** An intrinsic reward to begin from, not in the registry: a player is paid for doing something else than before. */
import * as z from 'zod';
import { restore } from '../../agents/algorithms/restore.ts';
import {
  checkPlayers,
  type IntrinsicDefinition,
  intrinsicOptions,
} from '../../agents/intrinsic/intrinsic.ts';

const schema = z.strictObject({
  ...intrinsicOptions,
  again: z.number().default(0).describe('What doing the same again pays'),
});

export const variety: IntrinsicDefinition<z.infer<typeof schema>> = {
  name: 'variety',
  title: 'Variety',
  summary: 'A step is paid for where its action is another than that of the step before.',
  source: 'An example',
  details: [
    '```',
    'c_t = 1 where a_t differs from a_t-1, else again; 0 in the first step of an episode',
    '```',
  ],
  schema,
  plan(options, task) {
    checkPlayers('variety', options, task);
    return {
      name: 'variety',
      options,
      async create({ rollouts }) {
        // [own shards][B] what was done in the last step of the segment before.
        const last = rollouts.map(({ columns }) => new Uint8Array(columns));
        return {
          async compute(out) {
            for (const [k, { actions, starts, columns }] of rollouts.entries()) {
              for (let i = 0; i < actions.length; i++) {
                const before = i < columns ? last[k]![i] : actions[i - columns];
                if (starts[i] === 0) out[k]![i] = actions[i] === before ? options.again : 1;
              }
              last[k]!.set(actions.subarray(-columns));
            }
          },
          saveShard: (k) => ({ last: last[k]!.slice() }),
          load(_, shards) {
            for (const [k, saved] of shards.entries()) restore(saved, 'last', last[k]!);
          },
        };
      },
    };
  },
};
