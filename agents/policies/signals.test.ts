/** Policies that hear and speak: the file computes what the training graph does, and plays in turn as it was learned. */
import { afterAll, expect, it } from 'vitest';
import { elementsOf } from '../../shared/environment.ts';
import { deriveSeed, Random } from '../../shared/random.ts';
import { makeEnvironment } from '../../shared/registry.ts';
import { policyNetwork } from '../algorithms/policy-network.ts';
import { openEngine } from '../engine/index.ts';
import { evaluate } from '../evaluate.ts';
import { sample } from '../math/sample.ts';
import { actProgram } from '../networks/programs.ts';
import { PROGRESS, temporaryFolder, untrained } from './fixture.ts';
import { loadPolicy } from './load.ts';
import type { Policy } from './policy.ts';
import { exportRun } from './write.ts';

const folder = temporaryFolder();
const opened: Policy[] = [];
afterAll(() => Promise.all(opened.map((policy) => policy.release())));

const [N, GAMES, STEPS, SYMBOLS] = [3, 16, 20, 4];
const LEADER = 1;
const SETTINGS = [
  `env={name: harvest, players: ${N}, episodeLength: ${STEPS}, leaders: [${LEADER}], revealActions: true}`,
  'network={dense: [8], filters: 2, lstm: 8}',
  `intrinsic={influence-communication: {vocabulary: ${SYMBOLS}}, influence-moa: {lstm: 4}}`,
];

async function exported(name: string, ...settings: string[]) {
  const { run, plan, theta } = await untrained(folder, name, ...SETTINGS, ...settings);
  // Policies that what they hear makes a difference to.
  for (let i = 0; i < theta.length; i++) theta[i]! *= 2;
  await exportRun(run, run, plan, PROGRESS, { theta });
  const policy = await loadPolicy(run);
  opened.push(policy);
  return { plan, theta, policy };
}

type Exported = Awaited<ReturnType<typeof exported>>;

/** All games at once, by the training graph: what is played, and how different the file's distributions are. */
async function byTrainingGraph({ plan, theta, policy }: Exported, seed: number) {
  const { task, config, intrinsic } = plan;
  const network = policyNetwork(task, config.network, intrinsic);
  const engine = await openEngine('onnx');
  const act = await actProgram(engine, network, task.observation, GAMES, N);
  const columns = GAMES * N;
  const { actions, observation: spec } = task;
  const size = elementsOf(spec);
  const games = Array.from({ length: GAMES }, () => makeEnvironment('harvest', task.options));
  const streams = games.flatMap((game, g) => {
    const episode = deriveSeed(seed, g);
    game.reset(episode);
    return Array.from({ length: N }, (_, player) => new Random().seed(deriveSeed(episode, player)));
  });
  const heard = (choices: number) => new Uint8Array(columns * N).fill(choices);
  const feeds = {
    theta,
    observation: new Uint8Array(columns * size),
    state: new Float32Array(columns * network.stateSize),
    lastActions: heard(actions),
    leadersActions: heard(actions),
    heardSymbols: heard(SYMBOLS),
  };
  const out = {
    probabilities: new Float32Array(columns * actions),
    values: new Float32Array(columns),
    symbolProbabilities: new Float32Array(columns * SYMBOLS),
    symbolValues: new Float32Array(columns),
    nextState: new Float32Array(feeds.state.length),
  };
  const call = act.bind(feeds, out);
  const seats = Array.from({ length: N }, (_, player) => policy.call(GAMES, player));
  const did = new Uint8Array(columns);
  const said = new Uint8Array(columns);
  const returns = games.map(() => new Array<number>(N).fill(0));
  let worst = 0;
  /** Into relative slots, what a choice was of those that `of` takes. */
  const show = (
    into: Uint8Array,
    choices: Uint8Array,
    none: number,
    of: (who: number, by: number) => boolean,
  ) => {
    for (let b = 0; b < columns; b++) {
      for (let slot = 0; slot < N; slot++) {
        const who = ((b % N) + slot) % N;
        into[b * N + slot] = of(who, b % N) ? choices[b - (b % N) + who]! : none;
      }
    }
  };
  /** The same rows by the file. */
  async function compare(): Promise<void> {
    for (const [player, seat] of seats.entries()) {
      const rows = <A extends Uint8Array | Float32Array>(from: A, to: A) => {
        const width = to.length / GAMES;
        for (let g = 0; g < GAMES; g++) {
          to.set(from.subarray((g * N + player) * width, (g * N + player + 1) * width), g * width);
        }
      };
      rows(feeds.observation, seat.observation as Uint8Array);
      rows(feeds.state, seat.state);
      for (const name of ['lastActions', 'leadersActions', 'heardSymbols'] as const) {
        rows(feeds[name], seat.signals[name]!);
      }
      await seat.run();
      for (const name of ['probabilities', 'symbolProbabilities', 'nextState'] as const) {
        const expected = new Float32Array(seat[name].length);
        rows(out[name], expected);
        expected.forEach((x, i) => {
          worst = Math.max(worst, Math.abs(x - seat[name][i]!));
        });
      }
    }
  }
  const draw = (row: Float32Array, count: number, b: number) =>
    sample(row, b * count, count, streams[b]!.uniform());
  for (let t = 0; t < STEPS; t++) {
    for (const [g, game] of games.entries()) game.observe('ids', feeds.observation, g * N * size);
    feeds.leadersActions.fill(actions);
    await call.run();
    for (let b = LEADER; b < columns; b += N) did[b] = draw(out.probabilities, actions, b);
    show(feeds.leadersActions, did, actions, (who, by) => who === LEADER && by !== LEADER);
    await call.run();
    if (t < 3) await compare();
    for (let b = 0; b < columns; b++) {
      if (b % N !== LEADER) did[b] = draw(out.probabilities, actions, b);
      said[b] = draw(out.symbolProbabilities, SYMBOLS, b);
    }
    const rewards = new Float32Array(N);
    for (const [g, game] of games.entries()) {
      game.step(did, rewards, g * N);
      for (let n = 0; n < N; n++) returns[g]![n]! += rewards[n]!;
    }
    feeds.state.set(out.nextState);
    show(feeds.lastActions, did, actions, () => true);
    show(feeds.heardSymbols, said, SYMBOLS, () => true);
  }
  return { worst, returns };
}

it.each([
  ['one network', []],
  ['a network a player', ['network.perPlayer=true']],
])(
  'what is exported acts as what was learned, and evaluation plays with it in turn: %s',
  async (name, settings) => {
    const made = await exported(name.replaceAll(' ', '-'), ...settings);
    const { worst, returns } = await byTrainingGraph(made, 7);
    expect(worst).toBeLessThan(1e-5);
    const game = {
      environment: 'harvest',
      options: made.plan.task.options,
      policies: [made.policy],
      seed: 7,
    };
    const reports = await evaluate({ ...game, episodes: GAMES });
    expect(reports.map((report) => [...report.returns])).toEqual(returns);
    expect(new Set(returns.flat()).size).toBeGreaterThan(3);
    // Where nobody leads they play something else: the others did hear who does.
    const other = await evaluate({ ...game, options: { ...game.options, leaders: [] }, episodes: GAMES });
    expect(other.map((report) => [...report.returns])).not.toEqual(returns);
  },
);
