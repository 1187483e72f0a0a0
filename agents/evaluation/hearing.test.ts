/** Policies that are asked again, step by step, against the learner's way to the same number. */
import { describe, expect, it } from 'vitest';
import { elementsOf } from '../../shared/environment.ts';
import { Random } from '../../shared/random.ts';
import { type Segment, watchedRun } from '../intrinsic/fixture.ts';
import type { SignalName } from '../networks/signal-names.ts';
import { PROGRESS, temporaryFolder, untrained } from '../policies/fixture.ts';
import { openPolicy } from '../policies/load.ts';
import { advance, forget } from '../policies/policy.ts';
import { snapshotOf } from '../policies/snapshot.ts';
import { policyFiles } from '../policies/write.ts';
import { Listener } from './hearing.ts';
import { influenceOf } from './influence.ts';

const folder = temporaryFolder();
const [T, E, N] = [8, 2, 3];
const B = E * N;

const config = (env: string, intrinsic: string) => `
env: {name: harvest, players: ${N}, episodeLength: 10, windowAhead: 3, windowBehind: 1, windowLeft: 2, windowRight: 2${env}}
environments: ${E}
shards: 1
steps: 100000
algo: {name: ppo, segment: ${T}, sequence: 4, minibatches: 1, learningRate: 0}
network: {filters: 2, dense: [4], lstm: 4, activation: tanh}
intrinsic: {${intrinsic}}
`;

/** Influence by speaker of each step of what a learner played, [segments][T + 1][B], beside what it computed itself. */
async function both(name: string, signal: SignalName, text: string) {
  const watched = await watchedRun(text);
  const { theta } = watched.learner;
  const random = new Random().seed(4);
  for (let i = 0; i < theta.length; i++) theta[i] = 1.6 * (random.uniform() - 0.5);
  await watched.iterate(3);
  const { run } = await untrained(folder, name);
  const { plan } = watched;
  const policy = await openPolicy(policyFiles(snapshotOf(run, plan, PROGRESS, { theta })), name);
  const { choices } = policy.card.signals.find((each) => each.name === signal)!;
  const call = policy.call(B);
  const seats = Array.from({ length: N }, (_, n) => n);
  const trained = { policy, seats, call, column: (row: number) => row };
  const listener = new Listener({ players: N, watched: E }, trained, signal, choices);
  const size = elementsOf(plan.task.observation);
  const known = Uint8Array.from(seats, (n) => (signal === 'leadersActions' ? plan.task.leads[n]! : 1));
  let before = new Float32Array(B * choices);
  const steps: { own: Float64Array; learned: ArrayLike<number>; starts: Uint8Array }[] = [];
  for (const [segment] of watched.segments as [Segment][]) {
    for (let t = 0; t < T; t++) {
      const at = t * B;
      for (let b = 0; b < B; b++) if (segment.starts[at + b] === 1) forget(call, b);
      call.observation.set(segment.observations.subarray(at * size, (at + B) * size));
      for (const { name: each } of policy.card.signals) {
        call.signals[each]!.set((segment.fields[each] as Uint8Array).subarray(at * N, (at + B) * N));
      }
      await call.run();
      const now = (signal === 'heardSymbols' ? call.symbolProbabilities : call.probabilities).slice();
      const own = new Float64Array(B);
      await listener.ask(signal === 'heardSymbols' ? before : now, known, (column, speaker, nats) => {
        own[column - (column % N) + speaker]! += nats;
      });
      steps.push({
        own,
        learned: segment.values.subarray(at, at + B),
        starts: segment.starts.subarray(at, at + B),
      });
      before = now;
      advance(call);
    }
  }
  await policy.release();
  return steps;
}

describe('asking policies again gives what learners compute by difference', () => {
  it('of symbols, a step after they were said', async () => {
    const steps = await both(
      'symbols',
      'heardSymbols',
      config('', 'influence-communication: {vocabulary: 5}'),
    );
    let compared = 0;
    for (let t = 0; t + 1 < steps.length; t++) {
      // Behind a segment the learner does not know who listened.
      if ((t + 1) % T === 0) continue;
      for (let b = 0; b < B; b++) {
        const { own, starts } = steps[t + 1]!;
        expect(steps[t]!.learned[b]).toBeCloseTo(own[b]!, 5);
        if (starts[b] === 1) expect(own[b]).toBe(0);
        else if (own[b]! > 1e-3) compared++;
      }
    }
    expect(compared).toBeGreaterThan(60);
  });

  it('of the actions of those who lead, in the same step', async () => {
    const steps = await both(
      'leaders',
      'leadersActions',
      config(', leaders: [0, 2], revealActions: true', 'influence-basic: {}'),
    );
    let compared = 0;
    for (const { own, learned } of steps) {
      for (let b = 0; b < B; b++) {
        expect(learned[b]).toBeCloseTo(own[b]!, 5);
        // Player 1 does not lead.
        if (b % N === 1) expect(own[b]).toBe(0);
        else if (own[b]! > 1e-3) compared++;
      }
    }
    expect(compared).toBeGreaterThan(60);
  });
});

describe('influence of a choice', () => {
  // Given choice 0: [.8, .1, .1]; given 1: [.2, .6, .2]. Even: against [.5, .35, .15].
  const p = Float32Array.of(0.8, 0.1, 0.1, 0.2, 0.6, 0.2);

  it.each([
    [0, [0.5, 0.5], 0.2101801],
    [1, [0.5, 0.5], 0.1976762],
    [0, [0.9, 0.1], 0.0122917],
    [1, [0.9, 0.1], 0.6896775],
  ])('%i under %j is that worked by hand', (taken, pi, nats) => {
    expect(influenceOf(p, 0, 3, taken, Float32Array.from(pi), 0, 2)).toBeCloseTo(nats, 6);
  });

  it('that changes nothing is 0, to the last digit', () => {
    const same = Float32Array.of(0.7, 0.2, 0.1, 0.7, 0.2, 0.1, 0.7, 0.2, 0.1);
    expect(influenceOf(same, 0, 3, 1, Float32Array.of(0.3, 0.3, 0.4), 0, 3)).toBe(0);
  });

  it('that could not have been another is 0', () => {
    expect(influenceOf(p, 0, 3, 1, Float32Array.of(0, 1), 0, 2)).toBe(0);
  });

  it('that is copied, of four equally likely ones, is log 4', () => {
    const copy = Float32Array.from({ length: 16 }, (_, i) => (i % 5 === 0 ? 1 : 0));
    expect(influenceOf(copy, 0, 4, 2, new Float32Array(4).fill(0.25), 0, 4)).toBeCloseTo(Math.log(4), 6);
  });
});
