/** What is said of functions that cannot be made into programs, and of arrays that do not fit one. */
import { beforeAll, describe, expect, it } from 'vitest';
import { CompileError } from './errors.ts';
import { type Engine, openEngine } from './index.ts';
import { allocate, float32, int32, type Signature, type TensorFunction } from './program.ts';
import * as tf from './tf.ts';

/** The file and line of who calls this. */
const here = () => /(\/[^\s()]*:\d+):\d+/.exec(new Error().stack!.split('\n')[2]!)![1]!;

let traced: Engine;
let eager: Engine;
beforeAll(async () => {
  traced = await openEngine('onnx');
  eager = await openEngine('cpu');
});

const one: Signature = { x: float32(2, 3) };

async function refusal(engine: Engine, fn: TensorFunction, inputs = one): Promise<CompileError> {
  const error = await engine.compile('broken', fn, inputs).then(
    () => null,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(CompileError);
  return error as CompileError;
}

describe('a function that cannot be traced', () => {
  it.each<[string, (x: tf.Tensor) => unknown]>([
    ['dataSync', (x) => x.dataSync()],
    ['arraySync', (x) => x.arraySync()],
    ['print', (x) => x.print()],
    ['bufferSync', (x) => x.bufferSync()],
  ])('may not read a value with %s, and is told where it does', async (_, read) => {
    const { message } = await refusal(traced, ({ x }) => ({ y: tf.mul(x!, read(x!) as number) }));
    expect(message).toMatch(
      /^compiling broken: a value was read while tracing .* \(at .*errors\.test\.ts:\d+:\d+\)$/,
    );
  });

  it('is told the line of the op that has no kernel, and the op', async () => {
    let line = '';
    const { message } = await refusal(traced, ({ x }) => {
      const [, y] = [(line = here()), tf.topk(x!, 2).values];
      return { y };
    });
    expect(message.replace(/:\d+\)$/, ')')).toBe(
      `compiling broken: the op TopK has no kernel for ONNX here (at ${line})`,
    );
  });

  it('is told of an op that has none in a gradient', async () => {
    const { message } = await refusal(traced, ({ x }) => ({ y: tf.grad((z) => tf.prod(z))(x!) }));
    expect(message).toMatch(
      /^compiling broken: the op \w+ has no kernel for ONNX here \(at .*errors\.test\.ts:/,
    );
  });

  it('may not use a tensor that was made outside', async () => {
    const outside = tf.ones([2, 3]);
    const { message } = await refusal(traced, ({ x }) => ({ y: tf.add(x!, outside) }));
    expect(message).toMatch(
      /^compiling broken: a tensor of shape \[2, 3\] comes from outside .*: pass it as an input, or make it inside \(at .*errors\.test\.ts:/,
    );
  });

  it('may not return a tensor that was made outside', async () => {
    const outside = tf.ones([3]);
    const { message } = await refusal(traced, () => ({ y: outside }));
    expect(message).toMatch(/a tensor of shape \[3\] comes from outside/);
  });

  it('may not use a tensor of another trace', async () => {
    let kept: tf.Tensor | undefined;
    await traced.compile('first', ({ x }) => ({ y: (kept = x!) }), one);
    const { message } = await refusal(traced, ({ x }) => ({ y: tf.add(x!, kept!) }));
    expect(message).toMatch(/Tensor is disposed|comes from outside/);
  });

  it('may not compile another', async () => {
    const inner: Promise<unknown>[] = [];
    await traced.compile(
      'outer',
      ({ x }) => {
        const compiled = traced.compile('inner', ({ x }) => ({ y: x! }), one);
        inner.push(compiled.catch((error) => error.message));
        return { y: x! };
      },
      one,
    );
    expect(await inner[0]).toMatch(/^compiling inner: compiling inner inside outer/);
  });

  it('may not give an output whose name in the file is taken', async () => {
    const { message } = await refusal(traced, ({ x, x_next }) => ({ x: tf.add(x!, x_next!) }), {
      x: float32(2),
      x_next: float32(2),
    });
    expect(message).toContain(
      'compiling broken: output x would be x_next in the file, since there is an input x, and x_next is there too',
    );
  });

  it('leaves tfjs on the backend it was on, and the next one compiles', async () => {
    await tf.setBackend('cpu');
    await refusal(traced, ({ x }) => ({ y: tf.topk(x!).values }));
    expect(tf.getBackend()).toBe('cpu');
    const program = await traced.compile('sound', ({ x }) => ({ y: tf.neg(x!) }), one);
    expect(program.outputs).toEqual({ y: float32(2, 3) });
  });

  it('leaves stack traces as long as they were', async () => {
    const before = Error.stackTraceLimit;
    await refusal(traced, ({ x }) => ({ y: tf.topk(x!).values }));
    expect(Error.stackTraceLimit).toBe(before);
  });

  it('keeps what was wrong as the cause', async () => {
    const { cause } = await refusal(traced, () => {
      throw new RangeError('of my own');
    });
    expect(cause).toEqual(new RangeError('of my own'));
  });
});

describe.each(['onnx', 'cpu'] as const)('on %s a function', (backend) => {
  const engine = () => (backend === 'onnx' ? traced : eager);

  it('is told what fails in it, and in which line', async () => {
    let line = '';
    const { message } = await refusal(engine(), ({ x }) => {
      const [, y] = [(line = here()), tf.add(x!, tf.zeros([4]))];
      return { y };
    });
    expect(message).toMatch(/^compiling broken: /);
    expect(message).toContain(`(at ${line}:`);
  });

  it.each<[string, (x: tf.Tensor) => tf.Tensor]>([
    ['operands that do not stretch', (x) => tf.add(x, tf.zeros([4]))],
    ['products whose sides differ', (x) => tf.matMul(x, x)],
    ['shapes of another size', (x) => tf.reshape(x, [4])],
    ['joined tensors of other sides', (x) => tf.concat([x, tf.zeros([3, 2])])],
    ['joined tensors of other ranks', (x) => tf.concat([x, tf.zeros([2])])],
    ['a slice beyond the end', (x) => tf.slice(x, [0, 2], [2, 2])],
    ['a split that leaves a rest', (x) => tf.split(x, 2, 1)[0]!],
    ['a split into sizes that are too few', (x) => tf.split(x, [1, 1], 1)[0]!],
    ['axes that are not there', (x) => tf.sum(x, 2)],
  ])('is told of %s', async (_, compute) => {
    const { message } = await refusal(engine(), ({ x }) => ({ y: compute(x!) }));
    expect(message).toMatch(/^compiling broken: (?:.|\n)* \(at .*errors\.test\.ts:\d+:\d+\)$/);
    expect(message).not.toMatch(/ONNX Runtime/);
  });

  it('may not give flags', async () => {
    const { message } = await refusal(engine(), ({ x }) => ({ y: tf.greater(x!, 0) }));
    expect(message).toMatch(/^compiling broken: output y is bool: cast it to float32 or int32/);
  });

  it('must give tensors', async () => {
    const { message } = await refusal(engine(), ({ x }) => ({ y: x!, z: 3 }) as never);
    expect(message).toMatch(/^compiling broken: output z is no tensor but a number/);
  });

  it('must give something', async () => {
    const { message } = await refusal(engine(), () => ({}));
    expect(message).toMatch(/^compiling broken: the function returns no outputs/);
  });

  it('must name what it gives', async () => {
    const { message } = await refusal(engine(), ({ x }) => x as never);
    expect(message).toMatch(/^compiling broken: the function must return its outputs by name/);
  });

  it.each(['_v0', '_k0', 'theta@0', '0', ''])('may not take an input called "%s"', async (name) => {
    const { message } = await refusal(engine(), (inputs) => ({ y: tf.neg(inputs[name]!) }), {
      [name]: float32(2),
    });
    expect(message).toContain(
      `compiling broken: input "${name}" needs another name: one that begins with a letter and has no @`,
    );
  });

  it('may not give an output that a graph could have a name for', async () => {
    const { message } = await refusal(engine(), ({ x }) => ({ _v1: tf.neg(tf.exp(x!)) }));
    expect(message).toMatch(/^compiling broken: output "_v1" needs another name/);
  });

  it('may not be async', async () => {
    const { message } = await refusal(engine(), (async ({ x }: { x: tf.Tensor }) => ({
      y: await x.data(),
    })) as never);
    expect(message).toMatch(/^compiling broken: the function is async/);
  });
});

describe.each(['onnx', 'cpu'] as const)('on %s a program is not bound to', (backend) => {
  const inputs: Signature = { x: float32(2, 3), n: int32(2) };
  const compiled = () =>
    (backend === 'onnx' ? traced : eager).compile('sum', ({ x, n }) => ({ y: tf.sum(x!), n: n! }), inputs);
  const arrays = () => ({
    feeds: allocate(inputs),
    results: { y: new Float32Array(1), n: new Int32Array(2) },
  });

  it('too few inputs', async () => {
    const program = await compiled();
    const { results } = arrays();
    expect(() => program.bind({ x: new Float32Array(6) }, results)).toThrow(
      new RangeError('program sum: input n (int32 [2]) is missing'),
    );
  });

  it('an input that it does not have', async () => {
    const program = await compiled();
    const { feeds, results } = arrays();
    expect(() => program.bind({ ...feeds, z: new Float32Array(1) }, results)).toThrow(
      new RangeError('program sum has no input "z"'),
    );
  });

  it('an input of another size', async () => {
    const program = await compiled();
    const { feeds, results } = arrays();
    expect(() => program.bind({ ...feeds, x: new Float32Array(5) }, results)).toThrow(
      new RangeError('program sum: input x must be float32 [2, 3], 6 elements, and is a Float32Array of 5'),
    );
  });

  it('an input of another type', async () => {
    const program = await compiled();
    const { feeds, results } = arrays();
    expect(() => program.bind({ ...feeds, n: new Float32Array(2) }, results)).toThrow(
      new RangeError('program sum: input n must be int32 [2], 2 elements, and is a Float32Array of 2'),
    );
  });

  it('an output that is missing, or of another size', async () => {
    const program = await compiled();
    const { feeds, results } = arrays();
    expect(() => program.bind(feeds, { y: results.y })).toThrow(
      new RangeError('program sum: output n (int32 [2]) is missing'),
    );
    expect(() => program.bind(feeds, { ...results, y: new Float32Array(2) })).toThrow(
      new RangeError('program sum: output y must be float32 [], 1 elements, and is a Float32Array of 2'),
    );
  });
});
