/** Every eager backend that is here computes the same network, and says what it is and nothing else. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Availability,
  availableBackends,
  EAGER_BACKENDS,
  type EagerBackend,
  loadEager,
} from './tensorflow.ts';
import * as tf from './tf.ts';

const here = await availableBackends();
for (const found of here) if ('reason' in found) console.warn(`skipped: ${found.reason}`);

/** Numbers in [-1, 1), the same wherever it is called. */
function numbers(shape: number[], seed: number): tf.Tensor {
  let state = seed;
  const next = () => (state = (state * 48271) % 0x7fffffff) / 0x7fffffff;
  return tf.tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 2 * next() - 1),
    shape,
  );
}

/**
 * A policy's loss: embedded class ids [2, 5, 5], a convolution, a dense layer with tanh, a softmax over 3 actions, the
 * log probability of those taken, an entropy bonus and a clipped squared value.
 */
function policyLoss(table: tf.Tensor, filter: tf.Tensor, dense: tf.Tensor, head: tf.Tensor): tf.Tensor {
  const ids = tf.tensor3d(
    Array.from({ length: 50 }, (_, i) => (i * i) % 4),
    [2, 5, 5],
    'int32',
  );
  const actions = tf.tensor1d([2, 0], 'int32');
  const window = tf.gather(table, ids) as tf.Tensor4D;
  const features = tf.reshape(tf.relu(tf.conv2d(window, filter as tf.Tensor4D, 1, 'valid')), [2, 36]);
  const hidden = tf.tanh(tf.matMul(features, dense));
  const [logits, value] = tf.split(tf.matMul(hidden, head), [3, 1], 1) as [tf.Tensor, tf.Tensor];
  const logProbabilities = tf.logSoftmax(logits);
  const taken = tf.sum(tf.mul(logProbabilities, tf.oneHot(actions, 3)), 1);
  const entropy = tf.neg(tf.sum(tf.mul(tf.exp(logProbabilities), logProbabilities)));
  const clipped = tf.clipByValue(value, -0.5, 0.5);
  return tf.add(
    tf.sub(tf.neg(tf.mean(taken)), tf.mul(0.01, entropy)),
    tf.mean(tf.square(tf.maximum(clipped, tf.sub(value, 0.1)))),
  );
}

async function lossAndGradients(backend: EagerBackend): Promise<number[][]> {
  await loadEager(backend);
  return tf.tidy(() => {
    const weights = [numbers([4, 3], 1), numbers([3, 3, 3, 4], 2), numbers([36, 8], 3), numbers([8, 4], 4)];
    const { value, grads } = tf.valueAndGrads(policyLoss)(weights);
    return [value, ...grads].map((tensor) => Array.from(tensor.dataSync()));
  });
}

/** Runs a module in a process of its own, where no backend has been loaded yet. */
function fresh(code: string) {
  return spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    encoding: 'utf8',
  });
}

it('the JavaScript and WebAssembly backends are always there', () => {
  const usable = here.filter((found) => 'version' in found).map(({ name }) => name);
  expect(usable).toEqual(expect.arrayContaining(['wasm', 'cpu']));
});

it('every backend is either there or says why not', () => {
  expect(here.map(({ name }: Availability) => name)).toEqual([...EAGER_BACKENDS]);
});

const versions = here.map((found) => ({
  name: found.name,
  version: 'version' in found ? found.version : null,
}));

describe.each(versions)('$name', ({ name, version }) => {
  let reference: number[][];
  beforeAll(async () => {
    reference = await lossAndGradients('cpu');
  });

  it.skipIf(version === null)('gives the loss and gradients that the JavaScript backend gives', async () => {
    const found = await lossAndGradients(name);
    expect(found.map((values) => values.length)).toEqual([1, 12, 108, 288, 32]);
    found.forEach((values, k) => {
      values.forEach((value, i) => {
        expect(Math.abs(value - reference[k]![i]!)).toBeLessThan(1e-5);
      });
    });
  });

  it.skipIf(version === null)('becomes the one that tfjs runs on', async () => {
    const { backend } = await loadEager(name);
    expect(tf.getBackend()).toBe(backend);
  });

  it.skipIf(version === null)('says its version', () => {
    expect(version).toMatch(/^tfjs-[a-z-]+ 4\.22\.0/);
  });

  it.skipIf(version === null)('loads and computes in a fresh process without another word', () => {
    const { stdout, stderr } = fresh(`
      const { loadEager } = await import('./tensorflow.ts');
      const tf = await import('./tf.ts');
      const { version } = await loadEager('${name}');
      console.log(version, tf.concat([tf.tensor1d([1, 2]), tf.ones([1])]).dataSync().join());`);
    expect([stdout, stderr]).toEqual([`${version} 1,2,1\n`, '']);
  });

  it.skipIf(version === null)('leaves what nobody caught to others', () => {
    const { stdout } = fresh(`
      const { loadEager } = await import('./tensorflow.ts');
      await loadEager('${name}');
      console.log(process.listenerCount('uncaughtException') + process.listenerCount('unhandledRejection'));`);
    expect(stdout).toBe('0\n');
  });
});

it('a look at what is there changes nothing', async () => {
  await loadEager('wasm');
  await availableBackends();
  expect(tf.getBackend()).toBe('wasm');
});

it('a backend that does not load is named, with the reason and what to do', () => {
  // A module loader that does not find the package, as where it is not installed.
  const { stdout } = fresh(`
    import Module from 'node:module';
    const resolve = Module._resolveFilename;
    Module._resolveFilename = function (name, ...rest) {
      if (name === '@tensorflow/tfjs-node') throw new Error('Cannot find module\\nand a second line');
      return resolve.call(this, name, ...rest);
    };
    const { loadEager } = await import('./tensorflow.ts');
    await loadEager('tfjs-node').catch(({ name, message }) => console.log(name + ': ' + message));`);
  expect(stdout).toBe(
    'CompileError: the backend "tfjs-node" cannot be loaded: Cannot find module; run `npm run setup:tfjs-node`\n',
  );
});
