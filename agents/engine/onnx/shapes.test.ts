/** Traced kernels over shapes that nobody picked, against eager ones. */
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { disagreement, resultsOf } from '../agree.ts';
import { type Engine, openEngine } from '../index.ts';
import { allocate, float32, type Signature, type TensorFunction } from '../program.ts';
import * as tf from '../tf.ts';

let traced: Engine;
let eager: Engine;
beforeAll(async () => {
  traced = await openEngine('onnx');
  eager = await openEngine('cpu');
});

async function expectSame(signature: Signature, fn: TensorFunction): Promise<void> {
  const feeds = allocate(signature);
  // Distinct, so that an element out of place shows.
  for (const array of Object.values(feeds)) {
    for (let i = 0; i < array.length; i++) array[i] = Math.sin(i + 1);
  }
  const actual = await resultsOf(traced, fn, signature, feeds);
  const expected = await resultsOf(eager, fn, signature, feeds);
  expect(actual.outputs).toEqual(expected.outputs);
  expect(disagreement(actual.results, expected.results)).toBeNull();
}

const RUNS = { numRuns: 60 };
const side = fc.integer({ min: 1, max: 4 });
const shape = fc.array(side, { minLength: 1, maxLength: 4 });

/** A shape and two that broadcast to it. */
const broadcast = shape.chain((full) => {
  const part = fc
    .tuple(fc.integer({ min: 0, max: full.length }), fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }))
    .map(([rank, ones]) => full.slice(full.length - rank).map((n, k) => (ones[k] ? 1 : n)));
  return fc.tuple(part, part);
});

it('operands stretch to one another', async () => {
  const operation = fc.constantFrom(tf.add, tf.sub, tf.mul, tf.div, tf.maximum, tf.squaredDifference);
  await fc.assert(
    fc.asyncProperty(broadcast, operation, ([a, b], compute) =>
      expectSame({ a: float32(...a), b: float32(...b) }, ({ a, b }) => ({ y: compute(a!, b!) })),
    ),
    RUNS,
  );
});

it('gradients of operands that were stretched come back in their shapes', async () => {
  await fc.assert(
    fc.asyncProperty(broadcast, ([a, b]) =>
      expectSame({ a: float32(...a), b: float32(...b) }, ({ a, b }) => {
        const [da, db] = tf.grads((a: tf.Tensor, b: tf.Tensor) => tf.sum(tf.square(tf.sub(tf.square(a), b))))(
          [a!, b!],
        );
        return { da: da!, db: db! };
      }),
    ),
    RUNS,
  );
});

/** A shape with an order of its axes, and another. */
const turned = shape.chain((sides) => {
  const order = fc.shuffledSubarray(
    sides.map((_, k) => k),
    { minLength: sides.length },
  );
  return fc.tuple(fc.constant(sides), order, order);
});

it('axes turn, and turn again', async () => {
  await fc.assert(
    fc.asyncProperty(turned, ([sides, first, second]) =>
      expectSame({ x: float32(...sides) }, ({ x }) => {
        const once = tf.transpose(x!, first);
        return { once, twice: tf.transpose(once, second), flat: tf.reshape(once, [-1]) };
      }),
    ),
    RUNS,
  );
});

/** A shape with some of its axes, counted from either end. */
const withAxes = shape.chain((sides) => {
  const axes = fc.subarray(
    sides.map((_, k) => k),
    { minLength: 1 },
  );
  return fc.tuple(
    fc.constant(sides),
    fc.tuple(axes, fc.boolean()).map(([chosen, back]) => chosen.map((k) => (back ? k - sides.length : k))),
    fc.boolean(),
  );
});

it('axes are taken away', async () => {
  await fc.assert(
    fc.asyncProperty(withAxes, ([sides, axes, keep]) =>
      expectSame({ x: float32(...sides) }, ({ x }) => ({
        sum: tf.sum(x!, axes, keep),
        mean: tf.mean(x!, axes, keep),
        max: tf.max(x!, axes, keep),
        min: tf.min(x!, axes, keep),
      })),
    ),
    RUNS,
  );
});

/** A shape with a begin and a size for each axis. */
const withCut = shape.chain((sides) =>
  fc.tuple(
    fc.constant(sides),
    fc.tuple(
      ...sides.map((n) =>
        fc.nat(n - 1).chain((begin) => fc.tuple(fc.constant(begin), fc.integer({ min: 1, max: n - begin }))),
      ),
    ),
  ),
);

it('pieces are cut out, and their gradients put back', async () => {
  await fc.assert(
    fc.asyncProperty(withCut, ([sides, cuts]) => {
      const begin = cuts.map(([start]) => start);
      const size = cuts.map(([, count]) => count);
      return expectSame({ x: float32(...sides) }, ({ x }) => {
        const { value, grad } = tf.valueAndGrad((x: tf.Tensor) =>
          tf.sum<tf.Scalar>(tf.square(tf.slice(x, begin, size))),
        )(x!);
        return { value, grad, piece: tf.slice(x!, begin, size) };
      });
    }),
    RUNS,
  );
});

const withSplit = fc
  .tuple(shape, fc.array(side, { minLength: 1, maxLength: 4 }))
  .chain(([sides, sizes]) => fc.tuple(fc.constant(sides), fc.constant(sizes), fc.nat(sides.length - 1)));

it('what is split and joined again is what it was', async () => {
  await fc.assert(
    fc.asyncProperty(withSplit, async ([sides, sizes, axis]) => {
      const whole = sides.map((n, k) => (k === axis ? sizes.reduce((a, b) => a + b) : n));
      const signature = { x: float32(...whole) };
      const feeds = { x: Float32Array.from({ length: tf.util.sizeFromShape(whole) }, (_, i) => i) };
      const { results } = await resultsOf(
        traced,
        ({ x }) => ({ y: tf.concat(tf.split(x!, sizes, axis), axis) }),
        signature,
        feeds,
      );
      expect(results.y).toEqual(feeds.x);
    }),
    RUNS,
  );
});
