/** What environments do in this process, for the Python client to be compared with: prints JSON. */
import { makeVector } from '../../../shared/registry.ts';

interface Asked {
  readonly environment: string;
  readonly encoding: string;
  readonly players: number;
  readonly seeds: readonly number[];
  /** [steps, E, N] */
  readonly actions: readonly (readonly (readonly number[])[])[];
}

const { environment, encoding, players, seeds, actions } = JSON.parse(process.argv[2]!) as Asked;
const vector = makeVector(environment, { players, episodeLength: 100 }, seeds.length);
const spec = vector.environments[0]!.observationSpecs[encoding]!;
const elements = seeds.length * players * spec.shape.reduce((product, side) => product * side, 1);
const observations = spec.dtype === 'float32' ? new Float32Array(elements) : new Uint8Array(elements);
const rewards = new Float32Array(seeds.length * players);
const hex = (array: Uint8Array | Float32Array) => Buffer.from(array.buffer).toString('hex');
const steps: [string, string][] = [];
const look = () => {
  vector.observe(encoding, observations);
  steps.push([hex(observations), hex(rewards)]);
};
seeds.forEach((seed, e) => {
  vector.reset(e, seed);
});
look();
for (const joint of actions) {
  if (vector.done.includes(1)) break;
  vector.step(Uint8Array.from(joint.flat()), rewards);
  look();
}
process.stdout.write(JSON.stringify(steps));
