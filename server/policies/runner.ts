/**
 * Runs trained policies for rooms, in threads that start with the first of them. Rooms ask and go on; the answer comes when
 * it comes.
 */
import { PolicyError } from '../../agents/policies/card.ts';
import type { PolicyFiles } from '../../agents/policies/files.ts';
import { log } from '../log.ts';
import { policyCalls, policyRows } from '../metrics.ts';
import { Carrier } from './carrier.ts';
import type { Answer, Ask, Reply } from './messages.ts';

export const WORKER = new URL('./worker.ts', import.meta.url);

/** A room that asks. */
export interface Asker {
  answered(answer: Answer): void;
  /** What was asked will not be answered, and what its players remembered is gone. */
  lost(): void;
}

interface Loaded {
  readonly number: number;
  readonly files: PolicyFiles;
  readonly source: string;
  /** Threads that have yet to say that they can run it. */
  missing: number;
  readonly ready: Promise<void>;
  readonly settle: (problem: string | null) => void;
}

/** Where rooms' players are run; tests have slower ones. */
export interface PolicyHost {
  /** @returns the room's number here. */
  enter(asker: Asker): number;
  leave(room: number): void;
  /** @returns whether it will be answered, or reported as lost. */
  ask(ask: Ask): boolean;
}

export class PolicyRunner implements PolicyHost {
  readonly #threads: number;
  readonly #script: URL;
  /** Told of a policy that fails. */
  readonly #failed: (source: string, problem: string) => void;
  readonly #carriers: Carrier[] = [];
  readonly #loaded = new Map<number, Loaded>();
  readonly #askers = new Map<number, Asker>();
  #numbers = 0;

  constructor(threads: number, failed: (source: string, problem: string) => void, script: URL) {
    this.#threads = threads;
    this.#failed = failed;
    this.#script = script;
  }

  /** Whether any thread has been started. */
  get started(): boolean {
    return this.#carriers.length > 0;
  }

  /**
   * Opens a policy in all threads.
   * @returns the number that it is asked for by. @throws {PolicyError} for one that cannot run.
   */
  async load(files: PolicyFiles, source: string): Promise<number> {
    const number = this.#numbers++;
    let settle!: Loaded['settle'];
    const ready = new Promise<void>((resolve, reject) => {
      settle = (problem) => (problem === null ? resolve() : reject(new PolicyError(problem)));
    });
    this.#loaded.set(number, { number, files, source, missing: this.#threads, ready, settle });
    // Threads that start are told of all there are.
    if (!this.started) this.#start();
    else for (const carrier of this.#carriers) carrier.post({ kind: 'load', policy: number, files, source });
    try {
      await ready;
    } catch (error) {
      this.#loaded.delete(number);
      throw error;
    }
    return number;
  }

  unload(number: number): void {
    if (!this.#loaded.delete(number)) return;
    for (const carrier of this.#carriers) carrier.post({ kind: 'unload', policy: number });
  }

  enter(asker: Asker): number {
    const room = this.#numbers++;
    this.#askers.set(room, asker);
    return room;
  }

  leave(room: number): void {
    this.#askers.delete(room);
    this.#carrierOf(room)?.post({ kind: 'forget', room });
  }

  ask(ask: Ask): boolean {
    return this.#carrierOf(ask.room)?.post({ kind: 'ask', ask }) ?? false;
  }

  async close(): Promise<void> {
    const carriers = this.#carriers.splice(0);
    for (const { settle } of this.#loaded.values()) settle('the arena goes down');
    this.#loaded.clear();
    await Promise.all(carriers.map((carrier) => carrier.close()));
  }

  #start(): void {
    for (let thread = 0; thread < this.#threads; thread++) {
      this.#carriers.push(
        new Carrier(this.#script, {
          parts: () => this.#loaded.values(),
          replied: (reply) => this.#replied(reply),
          lost: () => this.#lost(thread),
        }),
      );
    }
  }

  #lost(thread: number): void {
    // One that brings a thread down as it is opened would do so again.
    for (const { number, missing, settle } of this.#loaded.values()) {
      if (missing === 0) continue;
      settle('the thread that was to open it failed or got stuck');
      this.#loaded.delete(number);
    }
    for (const [room, asker] of this.#askers) if (room % this.#threads === thread) asker.lost();
  }

  #carrierOf(room: number): Carrier | undefined {
    return this.#carriers[room % this.#threads];
  }

  #replied(reply: Reply): void {
    switch (reply.kind) {
      case 'answers':
        policyCalls.inc(reply.calls);
        policyRows.inc(reply.rows);
        for (const answer of reply.answers) this.#askers.get(answer.room)?.answered(answer);
        return;
      case 'loaded': {
        const loaded = this.#loaded.get(reply.policy);
        if (loaded === undefined || loaded.missing === 0) return;
        loaded.missing--;
        if (loaded.missing === 0) loaded.settle(null);
        return;
      }
      case 'failed': {
        const loaded = this.#loaded.get(reply.policy);
        if (loaded === undefined) return;
        log.warn({ policy: loaded.source, problem: reply.problem }, 'policy failed');
        loaded.settle(reply.problem);
        this.#failed(loaded.source, reply.problem);
      }
    }
  }
}
