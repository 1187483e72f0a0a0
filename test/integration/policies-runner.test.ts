import { afterEach, beforeEach, expect, it } from 'vitest';
import { policySlow } from '../../server/metrics.ts';
import { dqn, RandomRoom, slowOne } from '../../server/policies/fixture.ts';
import type { Answer } from '../../server/policies/messages.ts';
import { type Asker, PolicyRunner, WORKER } from '../../server/policies/runner.ts';

/** Code of a thread that takes policies and does `asked` when it is asked something. */
const thread = (asked: string, load = "reply({ kind: 'loaded', policy: order.policy });") =>
  new URL(
    `data:text/javascript,${encodeURIComponent(`
      import { parentPort, workerData } from 'node:worker_threads';
      const reply = (message) => parentPort.postMessage(message);
      parentPort.on('message', (order) => {
        if (order.kind === 'load') { ${load} }
        if (order.kind === 'ask') { ${asked} }
        if (order.kind === 'close') parentPort.close();
      });`)}`,
  );
/** Comes back from it only by being ended. */
const STUCK = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);';
/** Says that it is in a policy. */
const INSIDE = 'new Int32Array(workerData.whereabouts)[0] = policy + 1;';
/** Answers all policies of a question but `odd`, which it comes to last. */
const answering = (odd: string) => `
  for (const { policy } of order.ask.groups.toSorted((a, b) => (a.policy === 0) - (b.policy === 0))) {
    if (policy === 0) { ${INSIDE} ${odd} }
    const { room, episode, tick } = order.ask;
    const answers = [{ room, policy, episode, tick, seats: [], actions: [], thoughts: [] }];
    reply({ kind: 'answers', policy, answers, calls: 0, rows: 0, slow: null });
  }`;

class Listener implements Asker {
  readonly answers: Answer[] = [];
  readonly lostOf: number[] = [];
  losses = 0;

  answered(answer: Answer): void {
    this.answers.push(answer);
  }

  lost(policies: Iterable<number>): void {
    this.losses++;
    this.lostOf.push(...policies);
  }
}

let runner: PolicyRunner;
let failures: string[];
let listener: Listener;
beforeEach(() => {
  failures = [];
  listener = new Listener();
});
afterEach(() => runner.close());

const run = (script: URL, threads = 1) => {
  runner = new PolicyRunner(threads, (source, problem) => failures.push(`${source}: ${problem}`), script);
};
const question = async () => {
  const policy = await runner.load(dqn, 'zoo/harvest-dqn');
  const room = runner.enter(listener);
  return new RandomRoom(room, policy, dqn, 1);
};

it('starts no thread before a policy is played', async () => {
  run(WORKER);
  runner.enter(listener);
  expect(runner.started).toBe(false);
  await runner.load(dqn, 'it');
  expect(runner.started).toBe(true);
});

it('answers a room that asks', async () => {
  run(WORKER);
  const room = await question();
  expect(runner.ask(room.ask())).toHaveLength(1);
  await expect.poll(() => listener.answers, { timeout: 60_000 }).toHaveLength(1);
  expect(listener.answers[0]!.seats).toEqual(Uint8Array.of(0, 1, 2, 3, 4));
});

it('gives rooms of two threads what rooms of one are given', async () => {
  const answers: Uint8Array[] = [];
  for (const threads of [1, 2]) {
    run(WORKER, threads);
    const policy = await runner.load(dqn, 'it');
    for (let k = 0; k < 2; k++) {
      runner.ask(new RandomRoom(runner.enter(listener), policy, dqn, 1).ask());
    }
    await expect.poll(() => listener.answers, { timeout: 60_000 }).toHaveLength(2);
    answers.push(...listener.answers.splice(0).map(({ actions }) => actions));
    if (threads === 1) await runner.close();
  }
  for (const actions of answers) expect(actions).toEqual(answers[0]);
});

it('refuses a policy that cannot be opened, with the reason', async () => {
  run(WORKER);
  const networks = [new Uint8Array(10)];
  await expect(runner.load({ ...dqn, networks }, 'own/bad')).rejects.toThrow(/ONNX Runtime cannot open it/);
  expect(failures).toEqual([expect.stringMatching(/^own\/bad: own\/bad, policy\.onnx: ONNX Runtime/)]);
});

it('replaces a thread that dies, tells it of all policies again, and rooms that their question is lost', async () => {
  run(thread('process.exit(3);'));
  const room = await question();
  runner.ask(room.ask());
  await expect.poll(() => listener.losses, { timeout: 60_000 }).toBe(1);
  // What is asked while there is no thread is not kept.
  await expect.poll(() => runner.ask(room.ask()), { timeout: 60_000 }).toHaveLength(1);
  await expect.poll(() => listener.losses, { timeout: 60_000 }).toBe(2);
});

it('replaces a thread that got stuck', async () => {
  run(thread(STUCK));
  runner.ask((await question()).ask());
  await expect.poll(() => listener.losses, { timeout: 60_000 }).toBe(1);
});

it('refuses a policy that brings the thread down as it is opened', async () => {
  run(thread('', 'process.exit(3);'));
  await expect(runner.load(dqn, 'it')).rejects.toThrow(/the thread that was to open it failed or got stuck/);
});

it('answers nobody who has left', async () => {
  run(WORKER);
  const room = await question();
  const other = new Listener();
  const ask = room.ask();
  const number = runner.enter(other);
  runner.ask(ask);
  runner.ask({ ...ask, room: number });
  runner.leave(ask.room);
  await expect.poll(() => other.answers, { timeout: 60_000 }).toHaveLength(1);
  expect(listener.answers).toEqual([]);
});

/** Rooms of two policies: seat 0 is played by the first, the others by the second. */
function mixed(first: RandomRoom, second: RandomRoom) {
  return () => {
    const [{ groups: odd }, ask] = [first.ask([0]), second.ask([1, 2, 3, 4])];
    return { ...ask, playing: new Uint8Array(5).fill(1), groups: [...odd, ...ask.groups] };
  };
}

it('puts a slow policy apart: another in the same room then acts without waiting for it', async () => {
  run(WORKER);
  const slow = await runner.load(slowOne(120), 'own/slow');
  const quick = await runner.load(dqn, 'zoo/quick');
  const room = runner.enter(listener);
  const ask = mixed(new RandomRoom(room, slow, dqn, 1), new RandomRoom(room, quick, dqn, 1));
  const of = (policy: number) => listener.answers.filter((answer) => answer.policy === policy);
  const apart = async () =>
    (await policySlow.get()).values.some(({ labels }) => labels.policy === 'own/slow');
  for (let calls = 1; !(await apart()); calls++) {
    expect(calls).toBeLessThan(30);
    runner.ask(ask());
    await expect
      .poll(() => [of(slow).length, of(quick).length], { timeout: 60_000, interval: 5 })
      .toEqual([calls, calls]);
  }
  // Ten questions to the slow one are open; the quick one answers ten of its own meanwhile.
  listener.answers.length = 0;
  for (let k = 0; k < 10; k++) runner.ask(ask());
  await expect.poll(() => of(quick).length, { timeout: 60_000, interval: 5 }).toBe(10);
  expect(of(slow).length).toBeLessThan(10);
  await expect.poll(() => of(slow).length, { timeout: 60_000 }).toBe(10);
  expect(of(slow)[9]!.seats).toEqual(Uint8Array.of(0));
});

it('blames the policy that a thread is stuck in, and goes on with the others', async () => {
  run(thread(answering(STUCK)));
  const guilty = await runner.load(dqn, 'own/guilty');
  const innocent = await runner.load(dqn, 'own/innocent');
  const room = runner.enter(listener);
  const ask = mixed(new RandomRoom(room, guilty, dqn, 1), new RandomRoom(room, innocent, dqn, 1));
  expect(runner.ask(ask())).toEqual([guilty, innocent]);
  await expect.poll(() => listener.lostOf, { timeout: 60_000 }).toEqual([guilty]);
  expect(failures).toEqual(['own/guilty: it took longer than 5 s']);
  await expect.poll(() => runner.ask(ask()), { timeout: 60_000 }).toEqual([innocent]);
  await expect.poll(() => listener.answers.length, { timeout: 60_000 }).toBe(2);
});

it('refuses a policy that gets stuck as it is opened, and opens those that waited behind it', async () => {
  run(
    thread(
      '',
      `const { policy } = order; if (policy === 0) { ${INSIDE} ${STUCK} } reply({ kind: 'loaded', policy });`,
    ),
  );
  const [guilty, innocent] = await Promise.allSettled([
    runner.load(dqn, 'own/guilty'),
    runner.load(dqn, 'own/innocent'),
  ]);
  expect(guilty).toMatchObject({ status: 'rejected', reason: { message: 'it took longer than 5 s' } });
  expect(innocent).toEqual({ status: 'fulfilled', value: 1 });
});

it('blames the policy that takes its thread down', async () => {
  run(thread(answering('process.exit(3);')));
  const guilty = await runner.load(dqn, 'own/guilty');
  runner.ask(new RandomRoom(runner.enter(listener), guilty, dqn, 1).ask());
  await expect.poll(() => failures, { timeout: 60_000 }).toEqual(['own/guilty: it ended its thread with 3']);
});

it('opens no others once four threads are stuck, but for those that come with the arena', async () => {
  run(
    thread(
      '',
      `const { policy } = order; if (policy < 4) { ${INSIDE} ${STUCK} } reply({ kind: 'loaded', policy });`,
    ),
  );
  await Promise.allSettled([0, 1, 2, 3].map((k) => runner.load(dqn, `own/guilty-${k}`)));
  expect(failures).toHaveLength(4);
  await expect(runner.load(dqn, 'own/other')).rejects.toThrow(
    '4 policies got stuck, and hold a thread each: no others are opened before the arena is started anew',
  );
  expect(await runner.load(dqn, 'zoo/harvest-dqn', true)).toBe(4);
});
