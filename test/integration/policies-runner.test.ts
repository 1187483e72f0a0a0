import { afterEach, beforeEach, expect, it } from 'vitest';
import { dqn, RandomRoom } from '../../server/policies/fixture.ts';
import type { Answer } from '../../server/policies/messages.ts';
import { type Asker, PolicyRunner, WORKER } from '../../server/policies/runner.ts';

/** Code of a thread that takes policies and does `asked` when it is asked something. */
const thread = (asked: string, load = "reply({ kind: 'loaded', policy: order.policy });") =>
  new URL(
    `data:text/javascript,${encodeURIComponent(`
      import { parentPort } from 'node:worker_threads';
      const reply = (message) => parentPort.postMessage(message);
      parentPort.on('message', (order) => {
        if (order.kind === 'load') { ${load} }
        if (order.kind === 'ask') { ${asked} }
        if (order.kind === 'close') parentPort.close();
      });`)}`,
  );
/** Comes back from it only by being ended. */
const STUCK = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);';

class Listener implements Asker {
  readonly answers: Answer[] = [];
  losses = 0;

  answered(answer: Answer): void {
    this.answers.push(answer);
  }

  lost(): void {
    this.losses++;
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
  expect(runner.ask(room.ask())).toBe(true);
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
  await expect.poll(() => runner.ask(room.ask()), { timeout: 60_000 }).toBe(true);
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
