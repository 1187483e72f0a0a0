/**
 * Runs trained policies for rooms, in threads that start with the first of them. Rooms ask and go on; the answer comes when
 * it comes. A policy whose calls take too long to be run beside others is put apart, into one more thread for all such.
 */
import { PolicyError } from '../../agents/policies/card.ts';
import type { PolicyFiles } from '../../agents/policies/files.ts';
import { log } from '../log.ts';
import { policyCalls, policyRows, policySlow } from '../metrics.ts';
import { Carrier, type CarrierPart, type Loss } from './carrier.ts';
import type { Answer, Ask, Reply } from './messages.ts';

export const WORKER = new URL('./worker.ts', import.meta.url);

/** A room that asks. */
export interface Asker {
  answered(answer: Answer): void;
  /** These policies will not answer what they were asked, and what their players remembered is gone. */
  lost(policies: Iterable<number>): void;
}

interface Loaded {
  readonly number: number;
  readonly files: PolicyFiles;
  readonly source: string;
  /** Whether it runs apart, with the slow ones. */
  slow: boolean;
  /** Threads that have said that they can run it. */
  readonly opened: Set<Carrier>;
  /** Threads that were lost while it was being opened, of which nobody knows why. */
  losses: number;
  readonly ready: Promise<void>;
  readonly settle: (problem: string | null) => void;
}

/** A policy that was being opened when a thread was lost is opened once more in the next, and not a third time. */
const MOST_LOSSES = 2;
/** With so many threads stuck in policies no others are opened but those that are known to be harmless. */
const MOST_STUCK = 4;

/** Where rooms' players are run; tests have slower ones. */
export interface PolicyHost {
  /** @returns the room's number here. */
  enter(asker: Asker): number;
  leave(room: number): void;
  /** @returns the policies that will answer, or be reported as lost. */
  ask(ask: Ask): readonly number[];
}

export class PolicyRunner implements PolicyHost {
  readonly #threads: number;
  readonly #script: URL;
  /** Told of a policy that fails. */
  readonly #failed: (source: string, problem: string) => void;
  readonly #quick: Carrier[] = [];
  #apart: Carrier | null = null;
  /** Networks that were too slow, by their digests: opened again they are put apart at once. */
  readonly #known = new Set<string>();
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

  get #carriers(): readonly Carrier[] {
    return this.#apart === null ? this.#quick : [...this.#quick, this.#apart];
  }

  /**
   * Opens a policy in all threads that are to run it.
   * @param harmless of one that comes with the arena: it is opened also after others got stuck.
   * @returns the number that it is asked for by. @throws {PolicyError} for one that cannot run.
   */
  async load(files: PolicyFiles, source: string, harmless = false): Promise<number> {
    const stuck = Math.max(0, ...this.#carriers.map((carrier) => carrier.stuck));
    if (!harmless && stuck >= MOST_STUCK) {
      throw new PolicyError(
        `${stuck} policies got stuck, and hold a thread each: no others are opened before the arena is started anew`,
      );
    }
    const number = this.#numbers++;
    let settle!: Loaded['settle'];
    const ready = new Promise<void>((resolve, reject) => {
      settle = (problem) => (problem === null ? resolve() : reject(new PolicyError(problem)));
    });
    const slow = this.#known.has(digestOf(files));
    const loaded: Loaded = { number, files, source, slow, opened: new Set(), losses: 0, ready, settle };
    this.#loaded.set(number, loaded);
    this.#open(loaded);
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
    this.#quickOf(room)?.post({ kind: 'forget', room });
    this.#apart?.post({ kind: 'forget', room });
  }

  ask(ask: Ask): readonly number[] {
    const slow = (policy: number) => this.#loaded.get(policy)?.slow;
    return [
      ...post(this.#quickOf(ask.room), ask, ({ policy }) => slow(policy) === false),
      ...post(this.#apart, ask, ({ policy }) => slow(policy) === true),
    ];
  }

  async close(): Promise<void> {
    const carriers = [...this.#carriers];
    this.#quick.length = 0;
    this.#apart = null;
    for (const { settle } of this.#loaded.values()) settle('the arena goes down');
    this.#loaded.clear();
    await Promise.all(carriers.map((carrier) => carrier.close()));
  }

  /** In the threads that are to run it, which are started if they have not been: they are told of all there are then. */
  #open({ number, files, source, slow }: Loaded): void {
    const carriers = this.#laneOf(slow);
    if (carriers.length > 0) {
      for (const carrier of carriers) carrier.post({ kind: 'load', policy: number, files, source });
    } else if (slow) {
      this.#apart = this.#carrier(true);
    } else {
      for (let thread = 0; thread < this.#threads; thread++) this.#quick.push(this.#carrier(false));
    }
  }

  #carrier(slow: boolean): Carrier {
    const carrier: Carrier = new Carrier(this.#script, {
      parts: () => this.#parts(slow),
      replied: (reply) => this.#replied(reply, carrier),
      lost: (loss) => this.#lost(loss, carrier),
    });
    return carrier;
  }

  *#parts(slow: boolean): Iterable<CarrierPart> {
    for (const loaded of this.#loaded.values()) if (loaded.slow === slow) yield loaded;
  }

  #laneOf(slow: boolean): readonly Carrier[] {
    if (!slow) return this.#quick;
    return this.#apart === null ? [] : [this.#apart];
  }

  #quickOf(room: number): Carrier | null {
    return this.#quick[room % this.#threads] ?? null;
  }

  #lost({ questions, culprit }: Loss, carrier: Carrier): void {
    const guilty = culprit === null ? undefined : this.#loaded.get(culprit.policy);
    if (guilty !== undefined) this.#condemn(guilty, culprit!.problem);
    const slow = carrier === this.#apart;
    for (const loaded of this.#loaded.values()) {
      // Those that were only waiting for their turn are opened in the next thread.
      if (loaded.slow !== slow || loaded.opened.delete(carrier) || culprit !== null) continue;
      loaded.losses++;
      if (loaded.losses < MOST_LOSSES) continue;
      loaded.settle('the thread that was to open it failed or got stuck');
      this.#loaded.delete(loaded.number);
    }
    for (const [room, policies] of questions) this.#askers.get(room)?.lost(policies);
  }

  /** A policy cannot be run. */
  #condemn(loaded: Loaded, problem: string): void {
    log.warn({ policy: loaded.source, problem }, 'policy failed');
    this.unload(loaded.number);
    loaded.settle(problem);
    this.#failed(loaded.source, problem);
  }

  /** A policy is too slow to be run beside others. @param milliseconds of a call. */
  #putApart(loaded: Loaded, milliseconds: number): void {
    const { number, source } = loaded;
    const block = `${milliseconds.toFixed(0)} ms for a block of rows`;
    log.warn({ policy: source, block }, 'policy is slow, and runs apart from the others from now on');
    policySlow.inc({ policy: source });
    this.#known.add(digestOf(loaded.files));
    for (const carrier of this.#quick) carrier.post({ kind: 'unload', policy: number });
    loaded.slow = true;
    loaded.opened.clear();
    this.#open(loaded);
  }

  #replied(reply: Reply, carrier: Carrier): void {
    const loaded = this.#loaded.get(reply.policy);
    switch (reply.kind) {
      case 'answers':
        policyCalls.inc(reply.calls);
        policyRows.inc(reply.rows);
        if (loaded?.slow === false && reply.slow !== null) this.#putApart(loaded, reply.slow);
        for (const answer of reply.answers) this.#askers.get(answer.room)?.answered(answer);
        return;
      case 'loaded':
        if (loaded === undefined || !this.#laneOf(loaded.slow).includes(carrier)) return;
        loaded.opened.add(carrier);
        if (loaded.opened.size === this.#laneOf(loaded.slow).length) loaded.settle(null);
        return;
      case 'failed':
        if (loaded !== undefined) this.#condemn(loaded, reply.problem);
    }
  }
}

/** Asks a thread what some groups do. @returns their policies, if there is a thread to be asked. */
function post(
  carrier: Carrier | null,
  ask: Ask,
  isIts: (group: Ask['groups'][number]) => boolean,
): readonly number[] {
  const groups = ask.groups.filter(isIts);
  if (carrier === null || groups.length === 0) return [];
  const whole = groups.length === ask.groups.length;
  return carrier.post({ kind: 'ask', ask: whole ? ask : { ...ask, groups } })
    ? groups.map(({ policy }) => policy)
    : [];
}

/** What a policy is, whatever it is called. */
function digestOf({ card }: PolicyFiles): string {
  return card.files.map(({ sha256 }) => sha256).join();
}
