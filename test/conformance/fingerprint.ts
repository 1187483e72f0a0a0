/**
 * One value for all that the rules can come to, so that two machines, or Node and a browser, can be compared: imports
 * nothing but `shared`, reads no clock and no file.
 */
import { hash64, hashText } from '../../shared/hash.ts';
import { Random } from '../../shared/random.ts';
import { ENVIRONMENTS, makeVector } from '../../shared/registry.ts';
import { actionBuffer, bytesOf, drawActions, observationBuffer } from './play.ts';

const REWARDS = ['individual', 'collective', 'inequity', 'svo'] as const;
const COUNT = 2;
const STEPS = 40;

/** The same 16 hex digits wherever the rules give the same bytes: every environment, preset, reward and encoding. */
export function fingerprint(settings: { readonly kernel: boolean }): string {
  let folded = 0n;
  const fold = (value: bigint) => {
    const bytes = new Uint8Array(16);
    const view = new DataView(bytes.buffer);
    view.setBigUint64(0, folded);
    view.setBigUint64(8, value);
    folded = hash64(bytes);
  };
  for (const definition of ENVIRONMENTS) {
    for (const preset of Object.keys(definition.presets)) {
      for (const reward of REWARDS) {
        const vector = makeVector(definition.name, { preset, reward, episodeLength: STEPS }, COUNT, settings);
        const [first] = vector.environments as [(typeof vector.environments)[number]];
        for (let e = 0; e < COUNT; e++) vector.reset(e, 1000 + e);
        const random = new Random().seed(7);
        const actions = actionBuffer(first.actionSpec, COUNT * vector.players);
        const rewards = new Float32Array(COUNT * vector.players);
        for (let step = 0; step < STEPS; step++) {
          for (let e = 0; e < COUNT; e++) if (vector.done[e] === 1) vector.reset(e, 2000 + COUNT * step + e);
          drawActions(first.actionSpec, random, actions);
          vector.step(actions, rewards);
          fold(hash64(bytesOf(rewards)));
          for (const environment of vector.environments) fold(environment.hash());
          for (const [encoding, spec] of Object.entries(first.observationSpecs)) {
            const out = observationBuffer(spec, COUNT * vector.players);
            vector.observe(encoding, out);
            fold(hash64(bytesOf(out)));
          }
        }
      }
    }
  }
  return hashText(folded);
}
