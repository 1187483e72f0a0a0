/** Which engine is picked, and what all of them have in common. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { BACKENDS, type BackendName, chooseBackend, type Engine, openEngine } from './index.ts';
import { allocate, float32, int32, type Signature, type TensorFunction, uint8 } from './program.ts';
import * as tf from './tf.ts';

const engines = new Map<BackendName, Engine>();
for (const backend of BACKENDS) {
  try {
    engines.set(backend, await openEngine(backend));
  } catch (error) {
    // TensorFlow is not everywhere; that the others are is tested below.
    console.warn(`skipped: ${(error as Error).message}`);
  }
}
const present = [...engines.values()];

describe('the choice of a backend', () => {
  it('is ONNX where nobody says anything', () => {
    expect(chooseBackend(undefined, {})).toEqual({ backend: 'onnx', why: 'the fastest, and the default' });
  });

  it.each(BACKENDS)('follows the flag %s', (name) => {
    expect(chooseBackend(name, {})).toEqual({ backend: name, why: '--backend says so' });
  });

  it('follows the environment', () => {
    expect(chooseBackend(undefined, { ARENA_BACKEND: 'wasm' })).toEqual({
      backend: 'wasm',
      why: 'ARENA_BACKEND says so',
    });
  });

  it('follows the flag before the environment', () => {
    expect(chooseBackend('cpu', { ARENA_BACKEND: 'wasm' }).backend).toBe('cpu');
  });

  it('takes an empty variable for none', () => {
    expect(chooseBackend(undefined, { ARENA_BACKEND: '' }).backend).toBe('onnx');
  });

  it('says what there is where a flag names nothing', () => {
    expect(() => chooseBackend('webgl', {})).toThrow(
      new RangeError('--backend is "webgl", there are onnx, tfjs-node, wasm, cpu'),
    );
  });

  it('says what there is where the environment names nothing', () => {
    expect(() => chooseBackend(undefined, { ARENA_BACKEND: 'ONNX' })).toThrow(
      new RangeError('ARENA_BACKEND is "ONNX", there are onnx, tfjs-node, wasm, cpu'),
    );
  });
});

it('ONNX Runtime, WebAssembly and JavaScript are always there', () => {
  expect([...engines.keys()]).toEqual(expect.arrayContaining(['onnx', 'wasm', 'cpu']));
});

/** y = 2 x + n, and n, from every type that inputs have. */
const inputs: Signature = { x: float32(2, 2), n: int32(2), b: uint8(2) };
const fn: TensorFunction = ({ x, n, b }) => ({
  y: tf.add(tf.mul(x!, 2), tf.cast(tf.add(n!, b!), 'float32')),
  n: tf.add(n!, b!),
});

describe.each(present)('$backend', (engine) => {
  it('says what it is, with its version', () => {
    expect(engine.description).toMatch(/\d+\.\d+\.\d+/);
  });

  it('knows the outputs of a program', async () => {
    const program = await engine.compile('double', fn, inputs);
    expect(program.outputs).toEqual({ y: float32(2, 2), n: int32(2) });
  });

  it('reads what is in the arrays at each run and writes in place', async () => {
    const program = await engine.compile('double', fn, inputs);
    const [feeds, results] = [allocate(inputs), allocate(program.outputs)];
    const call = program.bind(feeds, results);
    feeds.x!.set([1, 2, 3, 4]);
    feeds.b!.set([0, 255]);
    await call.run();
    expect([...results.y!]).toEqual([2, 259, 6, 263]);
    feeds.n!.set([-1, 5]);
    await call.run();
    expect([...results.y!]).toEqual([1, 264, 5, 268]);
    expect([...results.n!]).toEqual([-1, 260]);
  });

  it('leaves the inputs as they are', async () => {
    const program = await engine.compile('double', fn, inputs);
    const feeds = allocate(inputs);
    feeds.x!.set([1, 2, 3, 4]);
    await program.bind(feeds, allocate(program.outputs)).run();
    expect([...feeds.x!]).toEqual([1, 2, 3, 4]);
  });

  it('serves several bindings of one program', async () => {
    const program = await engine.compile('negate', ({ x }) => ({ y: tf.neg(x!) }), { x: float32(1) });
    const [first, second] = [new Float32Array(1), new Float32Array(1)];
    const calls = [
      program.bind({ x: Float32Array.of(1) }, { y: first }),
      program.bind({ x: Float32Array.of(2) }, { y: second }),
    ];
    await Promise.all(calls.map((call) => call.run()));
    expect([first[0], second[0]]).toEqual([-1, -2]);
  });

  it('binds to parts of larger arrays', async () => {
    const program = await engine.compile('negate', ({ x }) => ({ y: tf.neg(x!) }), { x: float32(2) });
    const memory = Float32Array.of(1, 2, 3, 0, 0, 0);
    await program.bind({ x: memory.subarray(1, 3) }, { y: memory.subarray(3, 5) }).run();
    expect([...memory]).toEqual([1, 2, 3, -2, -3, 0]);
  });

  it('gives an input back as an output of the same name', async () => {
    const program = await engine.compile('step', ({ x }) => ({ x: tf.add(x!, 1) }), { x: float32(1) });
    const results = { x: new Float32Array(1) };
    await program.bind({ x: Float32Array.of(4) }, results).run();
    expect(results.x[0]).toBe(5);
  });

  it('does without inputs that the function does not use', async () => {
    const program = await engine.compile('half', ({ x }) => ({ y: tf.neg(x!) }), {
      x: float32(1),
      unused: float32(3),
      unusedBytes: uint8(2),
    });
    const results = { y: new Float32Array(1) };
    const feeds = { x: Float32Array.of(4), unused: new Float32Array(3), unusedBytes: new Uint8Array(2) };
    await program.bind(feeds, results).run();
    expect(results.y[0]).toBe(-4);
  });

  it('takes names for inputs that look like those of a graph', async () => {
    const inputs = { v0: float32(2), k0: float32(2), sides0: float32(2) };
    const program = await engine.compile(
      'names',
      ({ v0, k0, sides0 }) => ({ v1: tf.add(tf.mul(v0!, 3), tf.mul(k0!, sides0!)) }),
      inputs,
    );
    const results = { v1: new Float32Array(2) };
    const feeds = { v0: Float32Array.of(1, 2), k0: Float32Array.of(4, 5), sides0: Float32Array.of(6, 7) };
    await program.bind(feeds, results).run();
    expect([...results.v1]).toEqual([27, 41]);
  });

  it('computes with copies of what it holds until it holds something else', async () => {
    const signature = { x: float32(2), w: float32(6) };
    // Cut in pieces, one of them turned, as weights are.
    const layers: TensorFunction = ({ x, w }) => {
      const [kernel, bias] = tf.split(w!, [4, 2]) as [tf.Tensor, tf.Tensor];
      const turned = tf.transpose(tf.reshape(kernel, [2, 2]));
      return { y: tf.add(tf.matMul(tf.reshape(x!, [1, 2]), turned), bias) };
    };
    const program = await engine.compile('layers', layers, signature, { held: ['w'] });
    expect([program.inputs, program.held]).toEqual([{ x: float32(2) }, { w: float32(6) }]);
    const y = new Float32Array(2);
    const call = program.bind({ x: Float32Array.of(1, 10) }, { y });
    await expect(call.run()).rejects.toThrow('program layers was run before it was told to hold w');
    const w = Float32Array.of(1, 2, 3, 4, 100, 200);
    await program.hold({ w });
    w.fill(0);
    await call.run();
    expect([...y]).toEqual([121, 243]);
    await program.hold({ w });
    await call.run();
    expect([...y]).toEqual([0, 0]);
    await program.release();
  });

  it('holds nothing that is no input', async () => {
    await expect(engine.compile('double', fn, inputs, { held: ['z'] })).rejects.toThrow(
      'program double has no input "z" to hold',
    );
  });

  it('leaves no tensors behind', async () => {
    const program = await engine.compile('double', fn, inputs);
    const call = program.bind(allocate(inputs), allocate(program.outputs));
    await call.run();
    const before = tf.memory().numTensors;
    await call.run();
    await engine.compile('double', fn, inputs);
    expect(tf.memory().numTensors).toBe(before);
  });
});

it('programs on different backends do not disturb each other', async () => {
  const square: TensorFunction = ({ x }) => ({ y: tf.square(x!) });
  const bound = [];
  for (const engine of present) {
    const program = await engine.compile('square', square, { x: float32(1) });
    const [x, y] = [new Float32Array(1), new Float32Array(1)];
    bound.push({ x, y, call: program.bind({ x }, { y }) });
  }
  for (let round = 1; round <= 3; round++) {
    for (const [k, { x }] of bound.entries()) x[0] = round + k;
    await Promise.all(bound.map(({ call }) => call.run()));
    expect(bound.map(({ y }) => y[0])).toEqual(bound.map((_, k) => (round + k) ** 2));
  }
});

it('tfjs prints no advertisement where nobody picked a backend', () => {
  const code = `
    const tf = await import('./tf.ts');
    console.log(tf.add(tf.tensor1d([1, 2]), 1).dataSync().join(), tf.env().getBool('PROD'));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    encoding: 'utf8',
  });
  expect([stdout, stderr]).toEqual(['2,3 false\n', '']);
});
