/**
 * The environments of `bench:gateway` without a network, for clients in other languages: steps and observes E of them for as
 * many milliseconds as each line of its input says, and prints environment steps a second.
 *
 *     echo 50 | node test/bench/gateway-in-process.ts 64
 */
import { createInterface } from 'node:readline';
import { Random } from '../../shared/random.ts';
import { makeVector } from '../../shared/registry.ts';

const PLAYERS = 5;
/** Different joint actions, taken in turn. */
const DRAWN = 64;
/** Steps between looks at the clock. */
const STRIDE = 8;

const environments = Number(process.argv[2]);
const columns = environments * PLAYERS;
const cells = columns * 225;
const vector = makeVector('harvest', { players: PLAYERS }, environments, { reserve: cells + 64 });
const random = new Random().seed(1);
const actions = Array.from({ length: DRAWN }, () =>
  Uint8Array.from({ length: columns }, () => random.next() % 8),
);
const rewards = new Float32Array(columns);
const observations = vector.allocate(cells);
let episode = 0;
for (let e = 0; e < environments; e++) vector.reset(e, episode++);

for await (const line of createInterface({ input: process.stdin })) {
  const start = performance.now();
  const end = start + Number(line);
  let steps = 0;
  let now = start;
  while (now < end) {
    for (let k = 0; k < STRIDE; k++, steps++) {
      vector.step(actions[steps % DRAWN]!, rewards);
      for (let e = 0; e < environments; e++) if (vector.done[e] === 1) vector.reset(e, episode++);
      vector.observe('ids', observations);
    }
    now = performance.now();
  }
  process.stdout.write(`${(1000 * steps * environments) / (now - start)}\n`);
}
