/**
 * A thread that runs policies, seen from outside. One that dies, or stays in a policy for too long, is replaced by a new one
 * that is told of all other policies again; what rooms had asked is lost, and they are told so. A thread is never ended from
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
import { Whereabouts } from './whereabouts.ts';

/**
 * A thread is looked at this often, and is stuck if for so many looks it has left everything unanswered and entered no other
 * call. Looks are counted, not time: where this thread itself stood still, it has not heard of answers either.
 */
const LOOK_MS = 500;
const MOST_LOOKS = 10;
/** Wait before a thread is replaced: at first, and at most where one after the other dies. */
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 30_000;
/** Stuck threads that are put up with; with as many there is no new one until one of them has ended. */
const MOST_STUCK = 8;
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
  /** The thread is gone, and with it all that was remembered. */
  lost(loss: Loss): void;
}

export interface Loss {
  /** Policies that were asked and will not answer, by room. */
  readonly questions: ReadonlyMap<number, ReadonlySet<number>>;
  /** The policy that it was in, if any, and what is wrong with that. */
  readonly culprit: { readonly policy: number; readonly problem: string } | null;
}

export class Carrier {
  readonly #script: URL;
  readonly #events: CarrierEvents;
  #worker: Worker | null = null;
  /** What is yet to be answered: policies that were asked, by room, and those that are being opened. */
  #questions = new Map<number, Set<number>>();
  readonly #loading = new Set<number>();
  /** Looks since something was answered, or another call was entered, or there was nothing to do. */
  #looks = 0;
  #entries = 0;
  #wait = FIRST_WAIT_MS;
  #timer: NodeJS.Timeout | undefined;
  readonly #look: NodeJS.Timeout;
  #closed = false;
  #stuck = 0;
  #gate = new Gate();
  #whereabouts = new Whereabouts();
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
    if (!this.#busy) this.#looks = 0;
    if (order.kind === 'load') this.#loading.add(order.policy);
    else if (order.kind === 'ask') {
      const { room, groups } = order.ask;
      const asked = this.#questions.get(room) ?? new Set();
      for (const { policy } of groups) asked.add(policy);
      this.#questions.set(room, asked);
    }
    this.#worker.postMessage(order);
    return true;
  }

  /** Threads that never came out of a policy. */
  get stuck(): number {
    return this.#stuck;
  }

  get #busy(): boolean {
    return this.#questions.size > 0 || this.#loading.size > 0;
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
    this.#whereabouts = new Whereabouts();
    const worker = new Worker(this.#script, {
      name: 'policies',
      workerData: { gate: this.#gate.buffer, whereabouts: this.#whereabouts.buffer },
    });
    this.#worker = worker;
    worker.on('message', (reply: Reply) => {
      if (worker !== this.#worker) return;
      this.#settle(reply);
      this.#looks = 0;
      if (reply.kind === 'answers') this.#wait = FIRST_WAIT_MS;
      this.#events.replied(reply);
    });
    worker.on('error', (error) => this.#replace(worker, `brought its thread down: ${error.message}`));
    worker.on('exit', (code) => this.#replace(worker, `ended its thread with ${code}`));
    worker.unref();
    for (const { number, files, source } of this.#events.parts()) {
      this.post({ kind: 'load', policy: number, files, source });
    }
  }

  /** What a reply answers is open no longer. */
  #settle(reply: Reply): void {
    if (reply.kind !== 'answers') {
      this.#loading.delete(reply.policy);
      return;
    }
    for (const { room, policy } of reply.answers) {
      const asked = this.#questions.get(room);
      if (asked?.delete(policy) && asked.size === 0) this.#questions.delete(room);
    }
  }

  #watch(): void {
    const worker = this.#worker;
    if (worker === null || !this.#busy) return;
    const { entries } = this.#whereabouts;
    if (entries !== this.#entries) {
      this.#entries = entries;
      this.#looks = 0;
    }
    if (++this.#looks < MOST_LOOKS) return;
    this.#stuck++;
    worker.once('exit', () => this.#stuck--);
    worker.postMessage({ kind: 'close' } satisfies Order);
    this.#replace(worker, `took longer than ${(MOST_LOOKS * LOOK_MS) / 1000} s`);
  }

  /** @param reason what it did, of the policy that it was in or of the thread. */
  #replace(worker: Worker, reason: string): void {
    if (worker !== this.#worker || this.#closed) return;
    this.#worker = null;
    policyRestarts.inc();
    const { policy } = this.#whereabouts;
    log.error({ reason, wait: this.#wait }, 'the thread that runs policies is started anew');
    this.#later();
    const questions = this.#questions;
    this.#questions = new Map();
    this.#loading.clear();
    this.#looks = 0;
    this.#entries = 0;
    this.#events.lost({ questions, culprit: policy === null ? null : { policy, problem: `it ${reason}` } });
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
