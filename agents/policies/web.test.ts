/** The same file in the browser's ONNX Runtime, which is WebAssembly and runs in Node too. */
import * as ort from 'onnxruntime-web';
import { expect, it } from 'vitest';
import { Random } from '../../shared/random.ts';
import { PROGRESS, temporaryFolder, untrained } from './fixture.ts';
import { openPolicy } from './load.ts';
import { snapshotOf } from './snapshot.ts';
import { policyFiles } from './write.ts';

const { run, plan, theta } = await untrained(temporaryFolder(), 'web');
const files = policyFiles(snapshotOf(run, plan, PROGRESS, { theta }));
const policy = await openPolicy(files, 'web');
ort.env.wasm.numThreads = 1;
const session = await ort.InferenceSession.create(files.networks[0]!, { executionProviders: ['wasm'] });

it.each([1, 2, 7])('computes the same in WebAssembly, %i rows at a time', async (rows) => {
  const call = policy.call(rows);
  const random = new Random().seed(rows);
  for (let i = 0; i < call.observation.length; i++) call.observation[i] = random.below(20);
  for (let i = 0; i < call.state.length; i++) call.state[i] = random.uniform() - 0.5;
  await call.run();
  const outputs = await session.run({
    observation: new ort.Tensor('uint8', call.observation as Uint8Array, [rows, 15, 15]),
    state: new ort.Tensor('float32', call.state, [rows, 256]),
  });
  for (const name of ['probabilities', 'value', 'nextState'] as const) {
    const found = outputs[name]!.data as Float32Array;
    expect(found).toHaveLength(call[name].length);
    for (const [i, expected] of call[name].entries()) expect(found[i]).toBeCloseTo(expected, 5);
  }
});
