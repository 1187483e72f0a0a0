/** Episodes of scripted policies without a server: what they earn, and what becomes of the commons. */
import { type OptionsInput, parseOptions } from '../shared/definition.ts';
import { elementsOf } from '../shared/environment.ts';
import { SocialMetrics, type SocialOutcome } from '../shared/metrics.ts';
import { policyContext } from '../shared/policies/context.ts';
import { policyOf } from '../shared/policies/index.ts';
import { deriveSeed, Random } from '../shared/random.ts';
import { definitionOf } from '../shared/registry.ts';

export interface Evaluation {
  /** The registry's name of the environment. */
  readonly environment: string;
  readonly options?: OptionsInput;
  /** Names of policies, one a player; a shorter list is repeated. */
  readonly policies: readonly string[];
  readonly episodes: number;
  /** An integer in [0, 2^53): the result is a function of it and the other fields. */
  readonly seed: number;
}

export interface EpisodeReport {
  /** What the environment was reset with. */
  readonly seed: number;
  readonly outcome: SocialOutcome;
  /** [N] sums of raw rewards. */
  readonly returns: Float64Array;
}

/**
 * Plays episodes one after the other. Episode e has seed deriveSeed(seed, e), and of that seed s player i's policy has
 * the stream deriveSeed(s, i).
 * @throws {OptionsError} for an environment or options that are unknown.
 * @throws {RangeError} for an unknown policy or none, or an environment without windows of class ids.
 */
export function evaluate({
  environment: name,
  options: input = {},
  policies,
  episodes,
  seed,
}: Evaluation): EpisodeReport[] {
  if (policies.length === 0) throw new RangeError('policies: name at least one');
  const definition = definitionOf(name);
  const environment = definition.create(parseOptions(definition, input));
  const { players } = environment;
  const seats = Array.from({ length: players }, (_, i) =>
    policyOf(policies[i % policies.length]!).create(policyContext(environment, i)),
  );
  const streams = seats.map(() => new Random());
  const windowSize = elementsOf(environment.observationSpecs.ids!);
  const windows = new Uint8Array(players * windowSize);
  const actions = new Uint8Array(players);
  const rewards = new Float32Array(players);
  const metrics = new SocialMetrics(players);
  return Array.from({ length: episodes }, (_, e) => {
    const episodeSeed = deriveSeed(seed, e);
    environment.reset(episodeSeed);
    metrics.reset();
    seats.forEach((policy, i) => {
      policy.reset(streams[i]!.seed(deriveSeed(episodeSeed, i)));
    });
    while (!environment.done) {
      environment.observe('ids', windows);
      for (let i = 0; i < players; i++) actions[i] = seats[i]!.act(windows, i * windowSize);
      environment.step(actions, rewards);
      metrics.record(environment);
    }
    return { seed: episodeSeed, outcome: metrics.outcome(), returns: metrics.returns.slice() };
  });
}
