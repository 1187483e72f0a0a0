/** What TensorFlow.js itself makes of the files, against ONNX Runtime on the same network. */
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { Random } from '../../shared/random.ts';
import { PROGRESS, temporaryFolder, untrained } from './fixture.ts';
import { layersModel } from './layers-model.ts';
import { openPolicy } from './load.ts';
import { snapshotOf } from './snapshot.ts';
import { policyFiles } from './write.ts';

const folder = temporaryFolder();
const ROWS = 3;

async function opened(name: string, settings: readonly string[], network = 0) {
  const { run, plan, theta } = await untrained(folder, name, ...settings);
  const snapshot = snapshotOf(run, plan, PROGRESS, { theta });
  const files = await layersModel(snapshot, network);
  await tf.setBackend('cpu');
  const { modelTopology, weightsManifest } = JSON.parse(files['model.json']);
  const model = await tf.loadLayersModel(
    tf.io.fromMemory({
      modelTopology,
      weightSpecs: weightsManifest[0].weights,
      weightData: files['weights.bin'].slice().buffer,
    }),
  );
  const policy = await openPolicy(policyFiles(snapshot), name);
  return { model, policy, call: policy.call(ROWS, network) };
}

describe('a layers model computes what the ONNX file does', () => {
  it.each([
    ['the network of the paper', [], 0],
    ['the network of player 3', ['network.perPlayer=true'], 3],
    [
      'no convolution',
      ['network.filters=0', 'network.dense=[8]', 'network.lstm=5', 'network.activation=tanh'],
      0,
    ],
    ['no memory', ['network.lstm=0'], 0],
    ['numbers', ['env.name=cartpole', 'network.lstm=0', 'network.separateValue=true'], 0],
  ] as const)('%s', async (name, settings, network) => {
    const { model, policy, call } = await opened(name.replaceAll(' ', '-'), settings, network);
    const { observation, stateSize } = policy.card;
    const random = new Random().seed(2);
    const bytes = observation.dtype === 'uint8';
    for (let i = 0; i < call.observation.length; i++) {
      call.observation[i] = bytes ? random.below(20) : random.uniform() - 0.5;
    }
    for (let i = 0; i < call.state.length; i++) call.state[i] = random.uniform() - 0.5;
    await call.run();
    await tf.setBackend('cpu');
    const seen = tf.tensor(call.observation, [ROWS, ...observation.shape], bytes ? 'int32' : 'float32');
    const state = stateSize === 0 ? [] : tf.split(tf.tensor(call.state, [ROWS, stateSize]), 2, 1);
    const outputs = model.predict([seen, ...state]) as tf.Tensor[];
    const close = (tensor: tf.Tensor, expected: Float32Array) => {
      for (const [i, value] of tensor.dataSync().entries()) expect(value).toBeCloseTo(expected[i]!, 5);
    };
    close(outputs[0]!, call.probabilities);
    close(outputs[1]!, call.value);
    expect(outputs).toHaveLength(stateSize === 0 ? 2 : 4);
    if (stateSize > 0) close(tf.concat(outputs.slice(2), 1), call.nextState);
  });

  it('has none for learners that have values of actions, and says what there is', async () => {
    const { run, plan, theta } = await untrained(folder, 'q', 'env.name=cartpole', 'algo.name=dqn');
    const snapshot = snapshotOf(run, plan, PROGRESS, { theta });
    await expect(layersModel(snapshot, 0)).rejects.toThrow(/take --format onnx or safetensors/);
  });
});
