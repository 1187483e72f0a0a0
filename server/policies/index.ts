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

interface Held extends OpenPolicy {
  readonly version: string;
  users: number;
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
  readonly #held = new Map<string, Promise<Held>>();

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
    let opening = this.#held.get(version);
    if (opening === undefined) {
      opening = this.#open(catalogue, name, version);
      this.#held.set(version, opening);
      // A failure is told to whoever wants it now; the next one tries anew.
      opening.catch(() => this.#held.delete(version));
    }
    const held = await opening;
    held.users++;
    return held;
  }

  release(policy: OpenPolicy): void {
    const held = policy as Held;
    held.users--;
    if (held.users > 0) return;
    const opening = this.#held.get(held.version)!;
    this.#held.delete(held.version);
    this.#held.set(held.version, opening);
    void this.#tidy();
  }

  async close(): Promise<void> {
    this.#catalogue?.close();
    await this.#ready;
    await this.#runner?.close();
    this.#held.clear();
    this.#catalogue = null;
    this.#runner = null;
  }

  async #open(catalogue: Catalogue, name: string, version: string): Promise<Held> {
    const { card, networks, models } = await catalogue.read(name);
    const number = await this.runner.load({ card, networks, models }, name);
    return { name, card, number, version, users: 0 };
  }

  async #tidy(): Promise<void> {
    const unused: Held[] = [];
    for (const opening of [...this.#held.values()]) {
      const held = await opening.catch(() => null);
      if (held !== null && held.users === 0) unused.push(held);
    }
    for (const { version, number, users } of unused.slice(0, Math.max(0, unused.length - KEPT))) {
      if (users > 0 || !this.#held.delete(version)) continue;
      this.#runner?.unload(number);
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
