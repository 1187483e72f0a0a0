import { describe, expect, it } from 'vitest';
import { definitionOf } from '../../shared/registry.ts';
import { type LocalEnvironments, localEnvironments } from './environments.ts';
import { Players, type PlayersSetup } from './players.ts';

const setup: PlayersSetup = {
  players: 2,
  actions: 8,
  seed: 5,
  stagger: true,
  staggerStep: 1,
};

function started(changes: Partial<PlayersSetup> = {}): Players {
  const { environments } = localEnvironments(0, {
    definition: definitionOf('harvest'),
    options: { players: 2, episodeLength: 20 },
    environments: 4,
    encoding: 'ids',
    observation: { dtype: 'uint8' },
  });
  const players = new Players({ ...setup, ...changes }, environments);
  players.start();
  return players;
}

const vectorOf = ({ environments }: Players) => (environments as LocalEnvironments).vector;

/** Steps of random actions, each end followed by a start. */
function play(players: Players, steps: number): void {
  const { random } = players;
  const vector = vectorOf(players);
  const columns = vector.environments.length * vector.players;
  const rewards = new Float32Array(columns);
  for (let t = 0; t < steps; t++) {
    players.step(
      Uint8Array.from({ length: columns }, () => random.below(8)),
      rewards,
    );
    vector.done.forEach((done, e) => {
      if (done === 1) players.restart(e);
    });
  }
}

const times = (players: Players) => vectorOf(players).environments.map(({ time }) => time);
const hashes = (players: Players) => vectorOf(players).environments.map((environment) => environment.hash());

function counted(players: Players): number {
  const row = new Float64Array(64);
  players.episodes.take(row, 0);
  return row[0]!;
}

describe('environments that are staggered', () => {
  it('start at equal shares of an episode', () => {
    expect(times(started())).toEqual([0, 5, 10, 15]);
  });

  it('start at multiples of the step asked for', () => {
    expect(times(started({ staggerStep: 4 }))).toEqual([0, 4, 8, 12]);
  });

  it('do not count the episodes that they did not play from the start', () => {
    const players = started();
    // The first of each has ended, of which one was whole.
    play(players, 20);
    expect(counted(players)).toBe(1);
    play(players, 20);
    expect(counted(players)).toBe(4);
  });
});

describe('episodes', () => {
  it('all start at once where nothing is staggered', () => {
    expect(times(started({ stagger: false }))).toEqual([0, 0, 0, 0]);
  });

  it('differ between environments, and from one to the next', () => {
    const players = started({ stagger: false });
    const first = hashes(players);
    for (let e = 0; e < 4; e++) players.restart(e);
    expect(new Set([...first, ...hashes(players)]).size).toBe(8);
  });

  it('go on from what was saved as they would have', () => {
    const players = started();
    play(players, 7);
    const other = started({ seed: 6 });
    other.load(players.save());
    play(players, 30);
    play(other, 30);
    expect(hashes(other)).toEqual(hashes(players));
    expect(counted(other)).toBe(counted(players));
  });
});
