import { expect, it } from 'vitest';
import { parseOptions } from '../../shared/definition.ts';
import { SocialMetrics } from '../../shared/metrics.ts';
import { definitionOf } from '../../shared/registry.ts';
import { Means } from '../algorithms/means.ts';
import { addEpisodes, EPISODE_METRIC_NAMES, Episodes } from './episodes.ts';

const identity = definitionOf('identity');

/** Plays `steps` steps of one environment, always with the action that is right. */
function play(episodes: Episodes, lengths: readonly number[]): void {
  for (const episodeLength of lengths) {
    const environment = identity.create(parseOptions(identity, { episodeLength }));
    environment.reset(1);
    const metrics = new SocialMetrics(1);
    const shown = new Float32Array(4);
    while (!environment.done) {
      environment.observe('state', shown);
      environment.step(Uint8Array.of(shown.indexOf(1)), new Float32Array(1));
      metrics.record(environment);
    }
    episodes.end(0, metrics.counts);
  }
}

const row = (episodes: Episodes) => {
  const taken = new Float64Array(2 + EPISODE_METRIC_NAMES.length);
  episodes.take(taken, 1);
  return taken;
};
const returnAt = 2 + EPISODE_METRIC_NAMES.indexOf('episode/collectiveReturn');

it('sums what the episodes came to that ended since it was asked last', () => {
  const episodes = new Episodes(1, 1);
  play(episodes, [3, 5]);
  const taken = row(episodes);
  expect([taken[1], taken[returnAt]]).toEqual([2, 8]);
  expect(row(episodes)[1]).toBe(0);
});

it('leaves out an episode that did not start at its beginning, and counts the next', () => {
  const episodes = new Episodes(1, 1);
  episodes.partial[0] = 1;
  play(episodes, [3, 5]);
  const taken = row(episodes);
  expect([taken[1], taken[returnAt]]).toEqual([1, 5]);
});

it('shards come together as the mean over all their episodes', () => {
  const means = new Means();
  for (const lengths of [[3, 5], [10]]) {
    const episodes = new Episodes(1, 1);
    play(episodes, lengths);
    addEpisodes(means, row(episodes), 1, 'control');
  }
  expect(means.take()).toEqual({ 'episode/collectiveReturn': 6, 'episode/length': 6 });
});
