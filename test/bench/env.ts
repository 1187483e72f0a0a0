/**
 * How fast environments step and observe, on one core, beside the naive version and the cost of copying the same bytes,
 * all run in turn: ratios hold where absolute speeds do not.
 *
 *     npm run bench:env -- [--json] [--seconds 1]
 */
import { cpus } from 'node:os';
import { parseOptions } from '../../shared/definition.ts';
import { elementsOf } from '../../shared/environment.ts';
import { deriveSeed } from '../../shared/random.ts';
import { DILEMMAS, makeVector } from '../../shared/registry.ts';
import { benchmark, positive } from './command.ts';
import { naiveHarvest } from './naive-harvest.ts';

const flags = benchmark('bench:env', 'how fast environments step and observe, on one core')
  .option('--seconds <number>', 'of measuring for each figure', positive, 1)
  .parse()
  .opts<{ json: boolean; seconds: number }>();
const { seconds } = flags;

interface Case {
  readonly environment: string;
  readonly players: number;
  readonly environments: number;
  readonly encoding: 'ids' | 'rgb';
  readonly kernel: boolean;
}

/** How the cost goes with players and with environments, for every dilemma; then the ways not taken by default. */
const CASES: readonly Case[] = DILEMMAS.flatMap((definition) => {
  const options = parseOptions(definition, {});
  const most = Math.min(16, definition.maxPlayers(options));
  const base: Case = {
    environment: definition.name,
    players: options.players,
    environments: 1,
    encoding: 'ids',
    kernel: true,
  };
  return [
    base,
    { ...base, players: most },
    { ...base, environments: 16 },
    { ...base, environments: 256 },
    { ...base, kernel: false },
    { ...base, encoding: 'rgb' },
  ];
});

/** Does `count` times what is measured. */
type Work = (count: number) => void;

/** Random actions from a generator so cheap that it does not count: the naive version's own. */
function randomActions(actions: Uint8Array, kinds: number): () => void {
  let state = 88172645;
  const mask = kinds === 8 ? 7 : 15;
  return () => {
    for (let i = 0; i < actions.length; i++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      const draw = state & mask;
      actions[i] = draw < kinds ? draw : draw - 8;
    }
  };
}

/** Steps and observes; one unit of work is one environment step in each environment. */
function play({ environment, players, environments, encoding, kernel }: Case): { work: Work; bytes: number } {
  const sizeOf = (vector: ReturnType<typeof makeVector>) =>
    environments * players * elementsOf(vector.environments[0]!.observationSpecs[encoding]!);
  const bytes = sizeOf(makeVector(environment, { players }, environments));
  const vector = makeVector(environment, { players }, environments, { kernel, reserve: bytes });
  const observations = vector.allocate(bytes);
  const actions = new Uint8Array(environments * players);
  const rewards = new Float32Array(environments * players);
  const spec = vector.environments[0]!.actionSpec;
  const draw = randomActions(actions, spec.kind === 'discrete' ? spec.labels.length : 0);
  let episode = 0;
  for (let e = 0; e < environments; e++) vector.reset(e, deriveSeed(1, episode++));
  const work: Work = (count) => {
    for (let k = 0; k < count; k++) {
      draw();
      vector.step(actions, rewards);
      vector.observe(encoding, observations);
      for (let e = 0; e < environments; e++)
        if (vector.done[e] === 1) vector.reset(e, deriveSeed(1, episode++));
    }
  };
  return { work, bytes };
}

/** Always the same instance and as many players: a second one would run the first one's machine code less well. */
const NAIVE_PLAYERS = 5;
const naive = ((): Work => {
  const game = naiveHarvest(NAIVE_PLAYERS, 7);
  const actions = new Uint8Array(NAIVE_PLAYERS);
  return (count) => {
    for (let k = 0; k < count; k++) {
      for (let i = 0; i < NAIVE_PLAYERS; i++) actions[i] = game.random() & 7;
      game.step(actions);
      game.observe();
    }
  };
})();

/** Copies as many bytes as one unit of work observes, between buffers that stay in cache as observations do. */
function copy(bytes: number): Work {
  const from = new Uint8Array(bytes).fill(1);
  const to = new Uint8Array(bytes);
  return (count) => {
    for (let k = 0; k < count; k++) to.set(from);
  };
}

/** Seconds for one unit of each, the median of rounds in which they take turns, so that a drifting machine hits all alike. */
function takeTurns(works: readonly Work[]): number[] {
  const rounds = 7;
  const counts = works.map((work) => {
    let count = 1;
    // Warm up, and find how often the work fits into a round.
    for (;;) {
      const start = performance.now();
      work(count);
      const spent = (performance.now() - start) / 1000;
      if (spent > seconds / 4 / rounds) return Math.max(1, Math.round((count * seconds) / rounds / spent));
      count *= 2;
    }
  });
  const times = works.map(() => [] as number[]);
  for (let round = 0; round < rounds; round++) {
    for (const [k, work] of works.entries()) {
      const start = performance.now();
      work(counts[k]!);
      times[k]!.push((performance.now() - start) / 1000 / counts[k]!);
    }
  }
  return times.map((list) => list.sort((a, b) => a - b)[rounds >> 1]!);
}

const processor = cpus()[0]?.model ?? 'unknown';
if (!flags.json) {
  process.stdout.write(`${processor}, Node ${process.version}, one core; median of 7 rounds in turn\n\n`);
  process.stdout.write(
    'environment  players  envs  encoding  kernel  player steps/s  env steps/s  / naive  / copy floor\n',
  );
}
for (const item of CASES) {
  const { work, bytes } = play(item);
  const [time, naiveTime, copyTime] = takeTurns([work, naive, copy(bytes)]) as [number, number, number];
  const envSteps = item.environments / time;
  const result = {
    ...item,
    playerStepsPerSecond: Math.round(envSteps * item.players),
    envStepsPerSecond: Math.round(envSteps),
    naivePlayerStepsPerSecond: Math.round(NAIVE_PLAYERS / naiveTime),
    naiveRatio: round((envSteps * item.players * naiveTime) / NAIVE_PLAYERS),
    copyFloorRatio: round(time / copyTime),
    processor,
    node: process.version,
  };
  if (flags.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else {
    const cells: [string | number, number][] = [
      [result.environment.padEnd(11), 11],
      [item.players, 7],
      [item.environments, 4],
      [item.encoding, 8],
      [item.kernel ? 'yes' : 'no', 6],
      [`${(result.playerStepsPerSecond / 1e6).toFixed(2)} M`, 14],
      [`${(result.envStepsPerSecond / 1e6).toFixed(2)} M`, 11],
      [result.naiveRatio.toFixed(1), 7],
      [result.copyFloorRatio.toFixed(1), 12],
    ];
    process.stdout.write(`${cells.map(([value, width]) => String(value).padStart(width)).join('  ')}\n`);
  }
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}
