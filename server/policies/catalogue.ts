/**
 * The trained policies that seats can be filled with: those of the zoo, and those in the arena's own folder. Both are read
 * again when they change. One that cannot be used is listed with the reason.
 */
import { existsSync, type FSWatcher, watch } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type PolicyCard, PolicyError } from '../../agents/policies/card.ts';
import type { PolicyFiles } from '../../agents/policies/files.ts';
import { isTrained, type PolicyList, type PolicySummary } from '../../shared/protocol/index.ts';
import { log } from '../log.ts';
import { inspect, type Signature, signatureOf } from './inspect.ts';

/** Folders are looked through this often: the system tells of policies that come and go, not of their files. */
const RESCAN_MS = 2000;
/** After a change it is waited for more of them. */
const SETTLE_MS = 200;
/** One that makes no sense is being written, if it changed less than this ago. */
const WRITING_MS = 1000;
/** How long the look at one folder may take: a network drive that does not answer holds up nobody else's. */
const LONGEST_LOOK_MS = 10_000;
/** Letters of a folder's name that are shown where it cannot be a policy's. */
const SHOWN_NAME = 64;

export interface Source {
  /** What names begin with: `zoo` or `own`. */
  readonly prefix: string;
  readonly folder: string;
}

interface Entry {
  readonly signature: string;
  readonly folder: string;
  /** Null for one that cannot be used. */
  readonly card: PolicyCard | null;
  problem: string | null;
}

export class Catalogue {
  readonly #sources: readonly Source[];
  readonly #entries = new Map<string, Entry>();
  readonly #watchers = new Map<string, FSWatcher>();
  /** Folders that are still being looked at, longer than is waited for. */
  readonly #slow = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  /** When it looks next, milliseconds. */
  #due = Number.POSITIVE_INFINITY;
  #scan: Promise<void> | null = null;
  #closed = false;

  constructor(sources: readonly Source[]) {
    this.#sources = sources;
  }

  /** Looks once, then watches. */
  async start(): Promise<void> {
    await this.refresh();
    this.#again(RESCAN_MS);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  list(): PolicyList {
    const entries = [...this.#entries].sort(([a], [b]) => (a < b ? -1 : 1));
    return {
      policies: entries.flatMap(([name, { card, problem }]) =>
        card === null || problem !== null ? [] : [summaryOf(name, card)],
      ),
      broken: entries.flatMap(([name, { card, problem }]) =>
        // What has a card was good as far as could be seen.
        problem === null ? [] : [{ name, problem, failed: card !== null }],
      ),
    };
  }

  /** The files of a policy as they are now. @throws {PolicyError} for one that there is not, or that is broken. */
  async read(name: string): Promise<PolicyFiles & { readonly signature: string }> {
    const entry = this.#find(name);
    return { ...(await inspect(entry.folder, name)), signature: entry.signature };
  }

  /** What tells one version of a policy from the next. @throws {PolicyError} likewise. */
  signature(name: string): string {
    return this.#find(name).signature;
  }

  /** A policy turned out not to run: it is broken until its files change. */
  condemn(name: string, problem: string): void {
    const entry = this.#entries.get(name);
    if (entry !== undefined) entry.problem = problem;
  }

  /** Looks through all folders; several calls at once are one. */
  refresh(): Promise<void> {
    this.#scan ??= this.#look()
      // What was known stays, and the next look may go better.
      .catch(({ message }: Error) => log.error({ problem: message }, 'policies cannot be looked through'))
      .finally(() => {
        this.#scan = null;
      });
    return this.#scan;
  }

  #find(name: string): Entry {
    const entry = this.#entries.get(name);
    if (entry === undefined) {
      const usable = this.list().policies.map((policy) => policy.name);
      throw new PolicyError(
        `there is no trained policy ${name}, there ${usable.length === 0 ? 'are none' : `are ${usable.join(', ')}`}`,
      );
    }
    if (entry.problem !== null) throw new PolicyError(`${name} cannot be played: ${entry.problem}`);
    return entry;
  }

  async #look(): Promise<void> {
    const there = new Set<string>();
    for (const { prefix, folder } of this.#sources) {
      this.#watch(folder);
      for (const name of await foldersIn(folder)) {
        const full = `${prefix}/${name}`;
        const path = join(folder, name);
        if (!isTrained(full)) {
          const shown = `${prefix}/${name.slice(0, SHOWN_NAME)}`;
          there.add(shown);
          if (!this.#entries.has(shown)) this.#refuse(shown, path, '', BAD_NAME);
          continue;
        }
        if (this.#slow.has(full) || !(await this.#inTime(full, this.#lookAt(full, path, there)))) {
          there.add(full);
          this.#refuse(full, path, '', `it has not been read within ${LONGEST_LOOK_MS / 1000} s`);
        }
      }
    }
    for (const name of this.#entries.keys()) {
      if (there.has(name)) continue;
      this.#entries.delete(name);
      log.info({ policy: name }, 'policy is no longer there');
    }
  }

  async #lookAt(name: string, path: string, there: Set<string>): Promise<void> {
    const signature = await signatureOf(path);
    if (signature === null) return;
    there.add(name);
    if (this.#entries.get(name)?.signature !== signature.text) await this.#enter(name, path, signature);
  }

  /** @returns whether the look at a folder was done in time; until it is, the folder is not looked at again. */
  async #inTime(name: string, look: Promise<void>): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    this.#slow.add(name);
    const done = look.finally(() => this.#slow.delete(name)).then(() => true);
    // What fails after it was waited for is found again by the next look.
    done.catch(() => {});
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), LONGEST_LOOK_MS);
    });
    try {
      return await Promise.race([done, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #enter(name: string, folder: string, signature: Signature): Promise<void> {
    const before = this.#entries.get(name);
    try {
      const { card } = await inspect(folder, name);
      this.#entries.set(name, { signature: signature.text, folder, card, problem: null });
      if (before !== undefined) log.info({ policy: name }, 'policy has changed');
    } catch (error) {
      // Files are written one after the other: what does not fit together yet may do so in a moment.
      if (Math.abs(Date.now() - signature.changed) < WRITING_MS) {
        this.#again(WRITING_MS);
        return;
      }
      const problem =
        error instanceof PolicyError ? error.message : `it cannot be read: ${(error as Error).message}`;
      this.#refuse(name, folder, signature.text, problem);
    }
  }

  #refuse(name: string, folder: string, signature: string, problem: string): void {
    const before = this.#entries.get(name);
    this.#entries.set(name, { signature, folder, card: null, problem });
    if (before?.problem !== problem) log.warn({ policy: name, problem }, 'policy is refused');
  }

  /** Looks again in `wait` milliseconds, or earlier if it was to look earlier anyway. */
  #again(wait: number): void {
    const due = performance.now() + wait;
    if (this.#closed || due >= this.#due) return;
    this.#due = due;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#due = Number.POSITIVE_INFINITY;
      void this.refresh().finally(() => this.#again(RESCAN_MS));
    }, wait);
    this.#timer.unref();
  }

  #watch(folder: string): void {
    if (this.#closed || this.#watchers.has(folder) || !existsSync(folder)) return;
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#again(SETTLE_MS));
      // Where the system cannot tell, the folder is looked through all the same.
      watcher.on('error', () => {
        watcher.close();
        this.#watchers.delete(folder);
      });
      this.#watchers.set(folder, watcher);
    } catch {
      // Likewise.
    }
  }
}

const BAD_NAME =
  'no seat can be given its name: a folder of a policy has 1 to 64 letters from A to Z, digits, and . _ -';

/** Names of folders, or of links to some; none where there is no such folder. */
async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => !entry.name.startsWith('.') && (entry.isDirectory() || entry.isSymbolicLink()))
    .map(({ name }) => name);
}

function summaryOf(name: string, card: PolicyCard): PolicySummary {
  return {
    name,
    environment: card.env.name,
    options: card.env.options,
    players: card.players,
    algorithm: card.algorithm.name,
    intrinsic: Object.keys(card.intrinsic),
    playerSteps: card.playerSteps,
    seed: card.seed,
    created: card.created,
    symbols: card.symbols,
    models: card.moa !== null,
    signals: card.signals.map((signal) => signal.name),
    scores:
      card.scores === null
        ? null
        : Object.fromEntries(
            Object.entries(card.scores.measures).map(([measure, { mean, low, high }]) => [
              measure,
              { mean, low, high },
            ]),
          ),
  };
}
