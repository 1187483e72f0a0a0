import { describe, expect, test } from 'vitest';
import { SocialMetrics } from '../../shared/metrics.ts';
import {
  type FrameLayout,
  frameLayout,
  MAX_STATE_BYTES,
  type Open,
  openSchema,
  packCells,
  STEP_HEADER,
} from '../../shared/protocol/agents/index.ts';
import { deriveSeed, Random } from '../../shared/random.ts';
import { definitionOf, makeEnvironment } from '../../shared/registry.ts';
import { Batch } from './batch.ts';

const KEY = new Uint8Array(32).fill(7);
const SMALL = { players: 3, episodeLength: 20 };

function openBatch(open: Partial<Open> = {}, number = 0): Batch {
  const options = openSchema.parse({ environment: 'harvest', options: SMALL, environments: 2, ...open });
  const batch = Batch.open(number, definitionOf(options.environment), options, () => null);
  if ('error' in batch) throw new Error(batch.error.message);
  return batch;
}

/** The answer, or the code of the refusal. */
function codeOf(answer: object): string {
  return 'error' in answer ? (answer.error as { code: string }).code : 'answered';
}

function framed(answer: object): Uint8Array {
  if (!(answer instanceof Uint8Array)) throw new Error(JSON.stringify(answer));
  return answer.slice();
}

/** Of all environments. */
function observationsIn(frame: Uint8Array, { observations, observationBytes }: FrameLayout): Uint8Array {
  return frame.subarray(observations, observations + observationBytes);
}

function request(batch: Batch, actions: Iterable<number>): Uint8Array {
  const bytes = new Uint8Array(batch.layout.requestBytes);
  bytes.set(Uint8Array.from(actions), STEP_HEADER);
  return bytes;
}

/** Requests by chance, the same for the same seed. */
function requests(batch: Batch, count: number, seed = 1): Uint8Array[] {
  const random = new Random().seed(seed);
  const columns = batch.layout.requestBytes - STEP_HEADER;
  return Array.from({ length: count }, () =>
    request(
      batch,
      Array.from({ length: columns }, () => random.next() % 8),
    ),
  );
}

function steps(batch: Batch, bytes: readonly Uint8Array[]): Uint8Array[] {
  return bytes.map((one) => framed(batch.step(one, true)));
}

describe('frames', () => {
  test('have what the environments say, for as long as an episode', () => {
    const batch = openBatch({ seed: 5, visible: true });
    const { layout } = batch;
    framed(batch.reset(undefined, undefined, true));
    const alone = [0, 1].map((e) => {
      const environment = makeEnvironment('harvest', SMALL);
      environment.reset(deriveSeed(deriveSeed(5, e), 0));
      return environment;
    });
    for (const bytes of requests(batch, SMALL.episodeLength - 1)) {
      const frame = framed(batch.step(bytes, true));
      const rewards = new Float32Array(6);
      const observations = new Uint8Array(layout.observationBytes);
      const visible = new Uint8Array(18);
      alone.forEach((environment, e) => {
        environment.step(bytes.subarray(STEP_HEADER), rewards, 3 * e, 3 * e);
        environment.observe('ids', observations, e * layout.elementsEach);
        environment.observeVisible(visible, 9 * e);
      });
      expect(new Float32Array(frame.buffer, layout.rewards, 6)).toEqual(rewards);
      expect(observationsIn(frame, layout)).toEqual(observations);
      expect(frame.subarray(layout.visible, layout.visible + 18)).toEqual(visible);
      expect(frame.subarray(layout.terminated, layout.visible)).toEqual(new Uint8Array(8));
    }
  });

  test('tell of an episode that ended: its counts, its last observation, and of the next its first', () => {
    const batch = openBatch({ environments: 1, seed: 9 });
    const { layout } = batch;
    framed(batch.reset(undefined, undefined, true));
    const environment = makeEnvironment('harvest', SMALL);
    environment.reset(deriveSeed(deriveSeed(9, 0), 0));
    const metrics = new SocialMetrics(3);
    const sent = requests(batch, SMALL.episodeLength);
    const frame = steps(batch, sent).at(-1)!;
    for (const bytes of sent) {
      environment.step(bytes.subarray(STEP_HEADER), new Float32Array(3));
      metrics.record(environment);
    }
    const observation = new Uint8Array(layout.elementsEach);
    environment.observe('ids', observation);
    expect(frame).toHaveLength(layout.ended + layout.endedBytes);
    expect(frame[2]).toBe(1);
    expect(frame[layout.done]).toBe(1);
    const at = layout.ended + layout.endedCounts;
    expect(new Float64Array(frame.slice(at, at + 8 * layout.counts).buffer)).toEqual(metrics.counts);
    const last = layout.ended + layout.endedObservations;
    expect(frame.subarray(last, last + layout.endedObservationBytes)).toEqual(observation);
    environment.reset(deriveSeed(deriveSeed(9, 0), 1));
    environment.observe('ids', observation);
    expect(observationsIn(frame, layout)).toEqual(observation);
  });

  test('of packed windows are those of plain ones, packed', () => {
    const plain = openBatch();
    const packed = openBatch({ packing: 'nibbles' });
    for (const batch of [plain, packed]) framed(batch.reset(undefined, undefined, true));
    const sent = requests(plain, SMALL.episodeLength);
    const [wide, narrow] = [steps(plain, sent), steps(packed, sent)];
    wide.forEach((frame, t) => {
      const { layout } = packed;
      const bytes = new Uint8Array(layout.observationBytes);
      packCells(frame, plain.layout.observations, layout.elements, bytes, 0);
      expect(observationsIn(narrow[t]!, layout)).toEqual(bytes);
    });
  });

  test('of floats have them where they can be read in place', () => {
    const batch = openBatch({ environment: 'cartpole', options: {}, environments: 3, seed: 2 });
    const frame = framed(batch.reset(undefined, [11, 12, 13], true));
    const environment = makeEnvironment('cartpole');
    environment.reset(12);
    const expected = new Float32Array(4);
    environment.observe(Object.keys(environment.observationSpecs)[0]!, expected);
    expect(new Float32Array(frame.buffer, batch.layout.observations, 12).subarray(4, 8)).toEqual(expected);
  });

  test('that have not been sent yet are not written over', () => {
    const batch = openBatch();
    framed(batch.reset(undefined, undefined, true));
    const [first, second] = requests(batch, 2);
    const waiting = batch.step(first!, true) as Uint8Array;
    const before = waiting.slice();
    framed(batch.step(second!, false));
    expect(waiting).toEqual(before);
  });

  test('are the same whether or not the last one was sent already', () => {
    const [here, there] = [openBatch(), openBatch()];
    for (const batch of [here, there]) framed(batch.reset(undefined, undefined, true));
    const sent = requests(here, 2 * SMALL.episodeLength);
    expect(sent.map((bytes) => framed(here.step(bytes, true)))).toEqual(
      sent.map((bytes) => framed(there.step(bytes, false))),
    );
  });
});

describe('episodes', () => {
  test('start from the seeds that a reset gives', () => {
    const batch = openBatch({ environments: 2 });
    const frame = framed(batch.reset([1], [77], true));
    const environment = makeEnvironment('harvest', SMALL);
    environment.reset(77);
    const observation = new Uint8Array(batch.layout.elementsEach);
    environment.observe('ids', observation);
    expect(observationsIn(frame, batch.layout).subarray(batch.layout.elementsEach)).toEqual(observation);
  });

  test('do not step before all have been reset', () => {
    const batch = openBatch();
    batch.reset([0], undefined, true);
    expect(codeOf(batch.step(requests(batch, 1)[0]!, true))).toBe('not-reset');
  });

  test('that are over wait for a reset, where they do not start by themselves', () => {
    const batch = openBatch({ autoreset: false });
    batch.reset(undefined, undefined, true);
    const sent = requests(batch, SMALL.episodeLength + 1);
    steps(batch, sent.slice(0, -1));
    expect(codeOf(batch.step(sent.at(-1)!, true))).toBe('episode-over');
    batch.reset([0], undefined, true);
    expect(codeOf(batch.step(sent.at(-1)!, true))).toBe('episode-over');
    batch.reset([1], undefined, true);
    expect(codeOf(batch.step(sent.at(-1)!, true))).toBe('answered');
  });

  test('take a seed for each environment, and only environments that are there', () => {
    const batch = openBatch();
    expect(codeOf(batch.reset(undefined, [1], true))).toBe('bad-message');
    expect(codeOf(batch.reset([2], undefined, true))).toBe('bad-message');
  });
});

describe('actions', () => {
  test('out of range are refused, with where and what, and nothing has stepped', () => {
    const [batch, other] = [openBatch(), openBatch()];
    for (const one of [batch, other]) one.reset(undefined, undefined, true);
    const answer = batch.step(request(batch, [0, 1, 2, 3, 8, 5]), true);
    expect(answer).toMatchObject({
      error: {
        code: 'bad-action',
        message: expect.stringContaining('environment 1, player 1 has action 8, possible are 0 to 7'),
      },
    });
    const good = request(batch, [0, 1, 2, 3, 4, 5]);
    expect(framed(batch.step(good, true))).toEqual(framed(other.step(good, true)));
  });

  test('too few or too many are refused, with both lengths', () => {
    const batch = openBatch();
    batch.reset(undefined, undefined, true);
    expect(batch.step(new Uint8Array(9), true)).toMatchObject({
      error: { code: 'wrong-length', message: expect.stringMatching(/^step has 9 bytes, batch 0 takes 10/) },
    });
  });
});

describe('states', () => {
  test('go on in another batch as they would here, over the ends of episodes', () => {
    const batch = openBatch({ seed: 3 });
    batch.reset(undefined, undefined, true);
    const sent = requests(batch, 50);
    steps(batch, sent.slice(0, 13));
    const state = framed(batch.save(KEY));
    const other = openBatch({ seed: 4 }, 0);
    framed(other.load(KEY, state, true));
    expect(steps(other, sent.slice(13))).toEqual(steps(batch, sent.slice(13)));
  });

  test('that another arena gave, or somebody changed, are refused, and nothing has changed', () => {
    const batch = openBatch();
    batch.reset(undefined, undefined, true);
    const state = framed(batch.save(KEY));
    const changed = state.slice();
    changed[state.length - 1]! ^= 1;
    const before = framed(batch.save(KEY));
    for (const bad of [changed, state.slice(0, -1), new Uint8Array(0), new Uint8Array(40)])
      expect(codeOf(batch.load(KEY, bad, true))).toBe('bad-snapshot');
    expect(codeOf(batch.load(new Uint8Array(32), state, true))).toBe('bad-snapshot');
    expect(framed(batch.save(KEY))).toEqual(before);
  });

  test('of other options or another number of environments are refused', () => {
    const batch = openBatch();
    batch.reset(undefined, undefined, true);
    const state = framed(batch.save(KEY));
    const others = [
      openBatch({ options: { ...SMALL, fineCost: 2 } }),
      openBatch({ environments: 3 }),
      openBatch({ environment: 'cleanup' }),
    ];
    for (const other of others) expect(codeOf(other.load(KEY, state, true))).toBe('bad-snapshot');
  });
});

test('frames beyond what an arena makes are refused before anything is made', () => {
  const open = openSchema.parse({
    environment: 'harvest',
    environments: 4096,
    encoding: 'rgb',
    options: { windowAhead: 15 },
  });
  expect(codeOf(Batch.open(0, definitionOf('harvest'), open, () => null))).toBe('too-much');
});

test('what nobody has room for is refused, with the reason given', () => {
  const open = openSchema.parse({ environment: 'harvest', options: SMALL, environments: 2 });
  const { bytes } = openBatch();
  const most = (limit: number) => (asked: number) =>
    asked > limit ? ({ code: 'too-much', message: 'no room' } as const) : null;
  expect(Batch.open(0, definitionOf('harvest'), open, most(bytes - 1))).toEqual({
    error: { code: 'too-much', message: 'no room' },
  });
  expect(codeOf(Batch.open(0, definitionOf('harvest'), open, most(bytes)))).toBe('answered');
});

test('bytes are at least those of the memory that the worlds and the frames lie in', () => {
  for (const environments of [1, 50]) {
    const batch = openBatch({ environments });
    const frame = framed(batch.reset(undefined, undefined, true));
    const { buffer } = batch.reset(undefined, undefined, true) as Uint8Array;
    expect(buffer.byteLength).toBeGreaterThan(frame.length);
    // The kernel's memory comes in pages of 64 KiB.
    expect(batch.bytes).toBeGreaterThan(buffer.byteLength - 65_536);
  }
});

test('a state that `load` could not be sent is refused, with both sizes', () => {
  const map = Array.from({ length: 60 }, (_, r) =>
    Array.from({ length: 60 }, (_, c) => (r % 59 === 0 || c % 59 === 0 ? '@' : c < 4 ? 'P' : 'A')).join(''),
  );
  const large = (environments: number) => {
    const batch = openBatch({ environments, options: { ...SMALL, map } });
    framed(batch.reset(undefined, undefined, true));
    return batch.save(KEY);
  };
  const each = (framed(large(2)).length - framed(large(1)).length) as number;
  const environments = Math.floor(MAX_STATE_BYTES / each) + 1;
  expect(large(environments)).toMatchObject({
    error: { code: 'too-much', message: expect.stringMatching(/batch 0 has 3\d+ bytes, .* 3000000/) },
  });
  expect(framed(large(environments - 1)).length).toBeLessThanOrEqual(MAX_STATE_BYTES);
});

test('the layout is that of the game described', () => {
  const batch = openBatch({ visible: true });
  const { game, environments, visible } = batch.opened;
  expect(frameLayout({ ...game, environments, visible })).toEqual(batch.layout);
});
