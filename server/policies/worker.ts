/** The thread that runs trained policies: collects what rooms ask until the least patient has to be answered. */
import { parentPort, workerData } from 'node:worker_threads';
import { PolicyEngine } from './engine.ts';
import { Gate } from './gate.ts';
import type { Ask, Order, Reply } from './messages.ts';
import { Whereabouts } from './whereabouts.ts';

const port = parentPort!;
const shared = workerData as { gate: SharedArrayBuffer; whereabouts: SharedArrayBuffer };
const gate = new Gate(shared.gate);
const reply = (message: Reply) => port.postMessage(message);
const engine = new PolicyEngine(
  (policy, problem) => reply({ kind: 'failed', policy, problem, loading: false }),
  new Whereabouts(shared.whereabouts),
);

let waiting: Ask[] = [];
/** When the first of them has to be answered, milliseconds; and what wakes this thread then. */
let due = Number.POSITIVE_INFINITY;
let timer: NodeJS.Timeout | undefined;
const wake = () => inTurn(answer);
/** One thing after another: a policy is not unloaded while it runs. */
let busy: Promise<void> = Promise.resolve();

const inTurn = (work: () => Promise<void>) => {
  busy = busy.then(async () => {
    await gate.pass(work);
  });
};

port.on('message', (order: Order) => {
  if (order.kind === 'ask') return collect(order.ask);
  inTurn(async () => {
    if (order.kind === 'load') await load(order);
    else if (order.kind === 'unload') await engine.unload(order.policy);
    else if (order.kind === 'forget') engine.forget(order.room);
    else port.close();
  });
});

async function load({ policy, files, source }: Extract<Order, { kind: 'load' }>): Promise<void> {
  try {
    await engine.load(policy, files, source);
    reply({ kind: 'loaded', policy });
  } catch (error) {
    reply({ kind: 'failed', policy, problem: (error as Error).message, loading: true });
  }
}

function collect(ask: Ask): void {
  waiting.push(ask);
  const wanted = performance.now() + ask.patience;
  if (wanted >= due) return;
  due = wanted;
  clearTimeout(timer);
  // A timer of 0 would take a millisecond.
  if (ask.patience === 0) setImmediate(wake);
  else timer = setTimeout(wake, ask.patience);
}

async function answer(): Promise<void> {
  if (waiting.length === 0) return;
  const asks = waiting;
  waiting = [];
  due = Number.POSITIVE_INFINITY;
  clearTimeout(timer);
  await engine.answer(asks, (policy, answers, { calls, rows }, slow) =>
    reply({ kind: 'answers', policy, answers, calls, rows, slow }),
  );
}
