/** Whole updates of the paper's network: equal on all backends, and of the same bits again and in other threads. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { InferenceSession } from 'onnxruntime-node';
import { beforeAll, describe, expect, it } from 'vitest';
import { disagreement, largest } from '../../agents/engine/agree.ts';
import { BACKENDS, type Engine, openEngine } from '../../agents/engine/index.ts';
import { sizeOf } from '../../agents/engine/program.ts';
import { ppoUpdate, updated } from './engine-update.ts';

const UPDATES = 2;
type Made = Awaited<ReturnType<typeof updated>>;

const engines: Engine[] = [];
// In JavaScript they are the reference.
for (const backend of BACKENDS.filter((name) => name !== 'cpu')) {
  try {
    engines.push(await openEngine(backend));
  } catch (error) {
    // TensorFlow is not everywhere.
    console.warn(`skipped: ${(error as Error).message}`);
  }
}
const onnx = engines.find(({ backend }) => backend === 'onnx')!;

/** The bits of everything that an update gave. */
const bits = ({ results }: Made) =>
  Object.fromEntries(
    Object.entries(results).map(([name, array]) => [name, createHash('sha256').update(array).digest('hex')]),
  );

describe.each([1, 3])('updates of %i networks', (networks) => {
  const update = ppoUpdate(networks);
  let reference: Made;
  let first: Made;
  beforeAll(async () => {
    reference = await updated(await openEngine('cpu'), update, UPDATES);
    first = await updated(onnx, update, UPDATES);
  });

  it('move the weights', () => {
    const before = update.feeds().theta!;
    const after = reference.results.theta!;
    const moved = before.filter((x, k) => Math.abs(x - after[k]!) > 1e-4).length;
    expect(moved / before.length).toBeGreaterThan(0.5);
  });

  it.each(engines)(
    'give on $backend the weights, moments and loss that they give in JavaScript',
    async (engine) => {
      const { results } = await updated(engine, update, UPDATES);
      for (const [output, values] of Object.entries(reference.results)) {
        const floor = largest({ values });
        expect(disagreement({ [output]: results[output]! }, { [output]: values }, { floor })).toBeNull();
      }
    },
  );

  it('give the same bits again', async () => {
    expect(bits(await updated(onnx, update, UPDATES))).toEqual(bits(first));
  });

  it('are the same graph again', async () => {
    const again = await onnx.compile('update', update.fn, update.signature);
    expect(Buffer.from(again.onnx!).equals(first.onnx!)).toBe(true);
  });

  it('give the same bits in another thread', async () => {
    const worker = new Worker(new URL('./engine-worker.ts', import.meta.url), {
      workerData: { networks, count: UPDATES },
    });
    const [made] = (await once(worker, 'message')) as [Made];
    await worker.terminate();
    expect(bits(made)).toEqual(bits(first));
  });

  it('are a file whose inputs and outputs say their names, types and sizes', async () => {
    const session = await InferenceSession.create(first.onnx!);
    // Axes of length 1 in front are left out. Of a vector that is cut up there are pieces too, called name@offset.
    const described = (all: readonly InferenceSession.ValueMetadata[]) => {
      const sizes: Record<string, [type: string, size: number]> = {};
      for (const value of all) {
        if (!value.isTensor) throw new Error(`${value.name} is no tensor`);
        if (value.name.includes('@')) continue;
        sizes[value.name] = [value.type, sizeOf(value.shape.map(Number))];
      }
      return sizes;
    };
    const wanted = Object.entries(update.signature).map(([name, { dtype, shape }]) => [
      name,
      [dtype, sizeOf(shape)],
    ]);
    expect(described(session.inputMetadata)).toEqual(Object.fromEntries(wanted));
    const size = sizeOf(update.signature.theta!.shape);
    expect(described(session.outputMetadata)).toEqual({
      theta_next: ['float32', size],
      m_next: ['float32', size],
      v_next: ['float32', size],
      loss: ['float32', 1],
    });
    await session.release();
  });
});
