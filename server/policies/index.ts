/** The arena's trained policies: which there are, and those that are played, opened once however many rooms play them. */
import { type PolicyCard, PolicyError } from '../../agents/policies/card.ts';
import { checkFits } from '../../agents/policies/policy.ts';
import { ZOO } from '../../agents/policies/zoo.ts';
import type { Environment } from '../../shared/environment.ts';
import type { PolicyList } from '../../shared/protocol/index.ts';
import { Catalogue } from './catalogue.ts';
import { PolicyRunner, WORKER } from './runner.ts';

/** Opened policies that nobody plays any more and that are kept, for the next room is likely to want the same. */
const KEPT = 8;

/** A policy that can be asked. */
export interface OpenPolicy {
  readonly name: string;
  readonly card: PolicyCard;
  /** Its number for the runner. */
  readonly number: number;
}

interface Held {
  /** Rooms that play it or wait for it. */
  users: number;
  readonly opening: Promise<OpenPolicy>;
  /** Once it is open. */
  policy: OpenPolicy | null;
}

export interface PoliciesSetup {
  /** Folder of the arena's own. */
  readonly own: string;
  readonly workers: number;
}

class Policies {
  #catalogue: Catalogue | null = null;
  #runner: PolicyRunner | null = null;
  #ready: Promise<void> = Promise.resolve();
  /** By name and version, the one longest unused first. */
  readonly #held = new Map<string, Held>();

  /** Starts to look for policies; no thread is started before one is played. @param script what threads run. */
  start({ own, workers }: PoliciesSetup, script: URL = WORKER): void {
    const catalogue = new Catalogue([
      { prefix: 'zoo', folder: ZOO },
      { prefix: 'own', folder: own },
    ]);
    this.#catalogue = catalogue;
    this.#runner = new PolicyRunner(workers, (name, problem) => catalogue.condemn(name, problem), script);
    this.#ready = catalogue.start();
  }

  get runner(): PolicyRunner {
    if (this.#runner === null) throw new Error('no arena has been started');
    return this.#runner;
  }

  async list(): Promise<PolicyList> {
    await this.#ready;
    return this.#catalogue?.list() ?? { policies: [], broken: [] };
  }

  /**
   * Opens a policy as it is now; `release` it. Whoever has it keeps that version.
   * @throws {PolicyError} for one that there is not, or that cannot be played.
   */
  async open(name: string): Promise<OpenPolicy> {
    await this.#ready;
    const catalogue = this.#catalogue;
    if (catalogue === null) throw new PolicyError('the arena has no trained policies');
    const version = `${name}\n${catalogue.signature(name)}`;
    let held = this.#held.get(version);
    if (held === undefined) {
      held = { users: 0, opening: this.#open(catalogue, name), policy: null };
      this.#held.set(version, held);
    }
    held.users++;
    try {
      held.policy = await held.opening;
      return held.policy;
    } catch (error) {
      // The next one who wants it tries anew.
      if (this.#held.get(version) === held) this.#held.delete(version);
      throw error;
    }
  }

  release(policy: OpenPolicy): void {
    for (const [version, held] of this.#held) {
      if (held.policy !== policy) continue;
      held.users--;
      if (held.users > 0) return;
      this.#held.delete(version);
      this.#held.set(version, held);
      this.#tidy();
      return;
    }
  }

  async close(): Promise<void> {
    this.#catalogue?.close();
    await this.#ready;
    await this.#runner?.close();
    this.#held.clear();
    this.#catalogue = null;
    this.#runner = null;
  }

  async #open(catalogue: Catalogue, name: string): Promise<OpenPolicy> {
    const { card, networks, models } = await catalogue.read(name);
    const files = { card, networks, models };
    return { name, card, number: await this.runner.load(files, name, name.startsWith('zoo/')) };
  }

  #tidy(): void {
    const unused = [...this.#held].filter(([, { users }]) => users === 0);
    for (const [version, { policy }] of unused.slice(0, Math.max(0, unused.length - KEPT))) {
      this.#held.delete(version);
      if (policy !== null) this.#runner?.unload(policy.number);
    }
  }
}

/** Those of this process. */
export const policies = new Policies();

/** @throws {PolicyError} for a policy that cannot play in a room, with what would help. */
export function checkRoom({ name, card }: OpenPolicy, environment: Environment, showsAll: boolean): void {
  checkFits({ ...card, name }, environment);
  const told = card.signals.map((signal) => signal.name).find((signal) => signal !== 'leadersActions');
  if (told === undefined || showsAll || environment.revealsActions) return;
  const what = told === 'lastActions' ? 'did' : 'said';
  throw new PolicyError(
    `${name} is told what all ${what} in the last step, which partial view hides: set view to full, or options.revealActions to true`,
  );
}
