/** The scripted players of a room: each chooses from its own window alone. */
import type { Environment } from '../shared/environment.ts';
import { policyContext } from '../shared/policies/context.ts';
import { policyOf } from '../shared/policies/index.ts';
import type { ScriptedPolicy } from '../shared/policy.ts';
import { deriveSeed, Random } from '../shared/random.ts';

/** Keeps the random streams of bots apart from those of anything else that a seed is used for. */
const BOT_STREAM = 1 << 16;

export class Bots {
  readonly #environment: Environment;
  /** Cells of one window. */
  readonly #windowSize: number;
  /** By seat, then by policy's name: made when first needed, kept for the room's life. */
  readonly #policies: Map<string, ScriptedPolicy>[];
  #seed = 0;

  /** @param windowSize cells of one window. */
  constructor(environment: Environment, windowSize: number) {
    this.#environment = environment;
    this.#windowSize = windowSize;
    this.#policies = Array.from({ length: environment.players }, () => new Map());
  }

  /** @param seed of all bots; each has a stream of its own. */
  startEpisode(seed: number): void {
    this.#seed = seed;
    this.#policies.forEach((policies, seat) => {
      for (const policy of policies.values()) policy.reset(this.#stream(seat));
    });
  }

  /** @param windows [N, height, width] class ids of all players; the bot reads its own. */
  act(seat: number, name: string, windows: Uint8Array): number {
    const policies = this.#policies[seat]!;
    let policy = policies.get(name);
    if (policy === undefined) {
      policy = policyOf(name).create(policyContext(this.#environment, seat));
      policy.reset(this.#stream(seat));
      policies.set(name, policy);
    }
    return policy.act(windows, seat * this.#windowSize);
  }

  #stream(seat: number): Random {
    return new Random().seed(deriveSeed(this.#seed, BOT_STREAM + seat));
  }
}
