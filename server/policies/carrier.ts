/**
 * A thread that runs policies, seen from outside. One that dies, or has not answered for too long, is replaced by a new one
 * that is told of all policies again; what rooms had asked is lost, and they are told so. A thread is never ended from
 * outside, see `gate.ts`: one that is stuck is left alone, and ends by itself if it comes out.
 */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { PolicyFiles } from '../../agents/policies/files.ts';
import { log } from '../log.ts';
import { policyRestarts } from '../metrics.ts';
import { Gate } from './gate.ts';
import type { Order, Reply } from './messages.ts';

/**
 * A thread is looked at this often, and is stuck if it has left everything unanswered for so many looks. Looks are counted,
 * not time: where this thread itself stood still, it has not heard of answers either.
 */
const LOOK_MS = 500;
const MOST_LOOKS = 10;
/** Wait before a thread is replaced: at first, and at most where one after the other dies. */
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 30_000;
/** Stuck threads that are put up with; with more there is no new one until one of them has ended. */
const MOST_STUCK = 4;
/** How long a thread that is told to end is waited for. */
const CLOSING_MS = 5000;

export interface CarrierPart {
  readonly number: number;
  readonly files: PolicyFiles;
  readonly source: string;
}

export interface CarrierEvents {
  /** Policies that a new thread is to be told of. */
  parts(): Iterable<CarrierPart>;
  replied(reply: Reply): void;
  /** The thread is gone, and with it all that was asked and remembered. */
  lost(): void;
}

export class Carrier {
  readonly #script: URL;
  readonly #events: CarrierEvents;
  #worker: Worker | null = null;
  /** Orders that are yet to be answered, and looks since one of them was, or there were none. */
  #open = 0;
  #looks = 0;
  #wait = FIRST_WAIT_MS;
  #timer: NodeJS.Timeout | undefined;
  readonly #look: NodeJS.Timeout;
  #closed = false;
  #stuck = 0;
  #gate = new Gate();
  readonly #shut = () => this.#gate.close();

  constructor(script: URL, events: CarrierEvents) {
    this.#script = script;
    this.#events = events;
    this.#look = setInterval(() => this.#watch(), LOOK_MS);
    this.#look.unref();
    process.on('exit', this.#shut);
    this.#start();
  }

  /** @returns whether there is a thread to obey it; what is not obeyed is not kept. */
  post(order: Order): boolean {
    if (this.#worker === null) return false;
    if (order.kind === 'ask' || order.kind === 'load') {
      if (this.#open === 0) this.#looks = 0;
      this.#open++;
    }
    this.#worker.postMessage(order);
    return true;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#look);
    clearTimeout(this.#timer);
    const worker = this.#worker;
    this.#worker = null;
    if (worker !== null) {
      worker.ref();
      const ended = once(worker, 'exit');
      worker.postMessage({ kind: 'close' } satisfies Order);
      await Promise.race([ended, sleep(CLOSING_MS, undefined, { ref: false })]);
      worker.unref();
    }
    process.off('exit', this.#shut);
  }

  #start(): void {
    this.#gate = new Gate();
    const worker = new Worker(this.#script, { name: 'policies', workerData: { gate: this.#gate.buffer } });
    this.#worker = worker;
    this.#open = 0;
    worker.on('message', (reply: Reply) => {
      if (worker !== this.#worker) return;
      this.#open -= reply.kind === 'answers' ? reply.answers.length : reply.kind === 'loaded' ? 1 : 0;
      if (reply.kind === 'failed' && reply.loading) this.#open--;
      this.#looks = 0;
      if (reply.kind === 'answers') this.#wait = FIRST_WAIT_MS;
      this.#events.replied(reply);
    });
    worker.on('error', (error) => this.#replace(worker, `it failed: ${error.message}`));
    worker.on('exit', (code) => this.#replace(worker, `it ended with ${code}`));
    worker.unref();
    for (const { number, files, source } of this.#events.parts()) {
      this.post({ kind: 'load', policy: number, files, source });
    }
  }

  #watch(): void {
    const worker = this.#worker;
    if (worker === null || this.#open === 0 || ++this.#looks < MOST_LOOKS) return;
    this.#stuck++;
    worker.once('exit', () => this.#stuck--);
    worker.postMessage({ kind: 'close' } satisfies Order);
    this.#replace(worker, `it has not answered for ${(MOST_LOOKS * LOOK_MS) / 1000} s`);
  }

  #replace(worker: Worker, reason: string): void {
    if (worker !== this.#worker || this.#closed) return;
    this.#worker = null;
    policyRestarts.inc();
    log.error({ reason, wait: this.#wait }, 'the thread that runs policies is started anew');
    this.#later();
    this.#events.lost();
  }

  #later(): void {
    this.#timer = setTimeout(() => {
      if (this.#stuck < MOST_STUCK) return this.#start();
      log.error({ stuck: this.#stuck }, 'too many threads of policies are stuck: no more are started');
      this.#later();
    }, this.#wait);
    this.#timer.unref();
    this.#wait = Math.min(2 * this.#wait, LONGEST_WAIT_MS);
  }
}
