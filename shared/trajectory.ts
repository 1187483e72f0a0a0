/**
 * Recorded trajectories, for comparing implementations: the format (see `docs/trajectories.md`) and the replay.
 *
 * A file is `{note?, traces: [...]}`; a trace has a map, where the players stand, and for each step the joint action and
 * what came of it. Random draws cannot be compared across implementations, so nothing grows in a replay (`regrowth` is
 * `off`) and recorders leave out joint actions whose outcome a draw decides.
 */
import * as z from 'zod';
import { explain, parseOptions } from './definition.ts';
import { cleanup } from './environments/cleanup.ts';
import { harvest } from './environments/harvest.ts';
import { ClassId } from './palette.ts';

const FACINGS = ['UP', 'RIGHT', 'DOWN', 'LEFT'] as const;
const facing = z.enum(FACINGS);
const whole = z.int().min(0);

const stepSchema = z.object({
  actions: z.array(whole.max(255)),
  agents: z.array(z.tuple([whole, whole, facing])),
  rewards: z.array(z.number()),
  apples: whole,
  waste: whole.optional(),
  /** base64 of zlib of uint8 [players, 15, 15, 3], windows with the facing up, beams not drawn. */
  rgb: z.base64().optional(),
});

const traceSchema = z.object({
  environment: z.enum(['harvest', 'cleanup']),
  map: z.array(z.string()).min(1),
  regrowth: z.literal('off'),
  agents: z.array(z.object({ row: whole, col: whole, facing })).min(1),
  steps: z.array(stepSchema),
});

const fileSchema = z.object({
  format: z.literal(1).optional(),
  note: z.string().optional(),
  traces: z.array(traceSchema).min(1),
});

export type TrajectoryFile = z.infer<typeof fileSchema>;
export type Trace = TrajectoryFile['traces'][number];

/** A file that is not a trajectory; says where. */
export class TrajectoryError extends Error {
  override name = 'TrajectoryError';
}

/** The first place where a replay and a recording part. */
export interface Difference {
  readonly trace: number;
  readonly step: number;
  /** For example `agents[2]`, `rewards[0]`, `apples`, `rgb[1]`. */
  readonly field: string;
  readonly expected: string;
  readonly found: string;
}

export type Comparison = {
  readonly steps: number;
  readonly traces: number;
  readonly difference: Difference | null;
};

/** @throws {TrajectoryError} with the place and the reason. */
export function parseTrajectories(text: string): TrajectoryFile {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new TrajectoryError(`not JSON: ${(error as Error).message}`);
  }
  const result = fileSchema.safeParse(json);
  if (!result.success) throw new TrajectoryError(`not a trajectory file: ${explain(result.error)}`);
  const file = result.data;
  file.traces.forEach((trace, t) => {
    checkTrace(trace, t);
  });
  return file;
}

function checkTrace(trace: Trace, t: number): void {
  const n = trace.agents.length;
  trace.agents.forEach((agent, i) => {
    if (trace.map[agent.row]?.[agent.col] === undefined) {
      throw new TrajectoryError(
        `traces.${t}.agents.${i}: row ${agent.row}, col ${agent.col} is not on the map`,
      );
    }
  });
  trace.steps.forEach((step, s) => {
    for (const field of ['actions', 'agents', 'rewards'] as const) {
      if (step[field].length !== n) {
        throw new TrajectoryError(
          `traces.${t}.steps.${s}.${field}: ${step[field].length} entries for ${n} players`,
        );
      }
    }
  });
}

/** Replays every trace, preset `ssd`, up to the first difference. @throws {TrajectoryError} for a map that is none. */
export async function compareTrajectories(file: TrajectoryFile): Promise<Comparison> {
  let steps = 0;
  for (let t = 0; t < file.traces.length; t++) {
    const found = await compareTrace(file.traces[t]!, t);
    steps += found.steps;
    if (found.difference !== null) return { steps, traces: t + 1, difference: found.difference };
  }
  return { steps, traces: file.traces.length, difference: null };
}

async function compareTrace(
  trace: Trace,
  t: number,
): Promise<{ steps: number; difference: Difference | null }> {
  const n = trace.agents.length;
  const environment = makeReplay(trace, t);
  const { grid, world } = environment;
  const actions = new Uint8Array(n);
  const rewards = new Float32Array(n);
  const cells = new Uint8Array(grid.width * grid.height);
  const window = world.level.windowWidth * world.level.windowHeight * 3;
  const rgb = new Uint8Array(n * window);
  for (let s = 0; s < trace.steps.length; s++) {
    const step = trace.steps[s]!;
    const differ = (field: string, expected: unknown, found: unknown) => ({
      steps: s,
      difference: { trace: t, step: s, field, expected: String(expected), found: String(found) },
    });
    actions.set(step.actions);
    try {
      environment.step(actions, rewards);
    } catch (error) {
      throw new TrajectoryError(`traces.${t}.steps.${s}: ${(error as Error).message}`);
    }
    for (let i = 0; i < n; i++) {
      const expected = step.agents[i]!.join(' ');
      const found = `${grid.row(i)} ${grid.column(i)} ${FACINGS[grid.facing(i)]}`;
      if (expected !== found) return differ(`agents[${i}]`, expected, found);
      if (step.rewards[i] !== rewards[i]) return differ(`rewards[${i}]`, step.rewards[i], rewards[i]);
    }
    grid.readCells(cells);
    const apples = count(cells, ClassId.apple);
    if (step.apples !== apples) return differ('apples', step.apples, apples);
    const waste = count(cells, ClassId.waste);
    if (step.waste !== undefined && step.waste !== waste) return differ('waste', step.waste, waste);
    if (step.rgb === undefined) continue;
    const recorded = await inflate(step.rgb, `traces.${t}.steps.${s}.rgb`);
    if (recorded.length !== rgb.length) {
      throw new TrajectoryError(
        `traces.${t}.steps.${s}.rgb: ${recorded.length} bytes, expected ${rgb.length}`,
      );
    }
    environment.observe('rgb', rgb);
    const at = rgb.findIndex((byte, k) => byte !== recorded[k]);
    if (at >= 0) {
      const inWindow = at % window;
      const row = Math.floor(inWindow / (world.level.windowWidth * 3));
      const column = Math.floor((inWindow % (world.level.windowWidth * 3)) / 3);
      return differ(
        `rgb[${Math.floor(at / window)}] row ${row} column ${column} channel ${at % 3}`,
        recorded[at],
        rgb[at],
      );
    }
  }
  return { steps: trace.steps.length, difference: null };
}

/** The trace's environment with its players where the trace has them. */
function makeReplay(trace: Trace, t: number) {
  const n = trace.agents.length;
  const common = {
    preset: 'ssd',
    players: n,
    episodeLength: Math.max(1, trace.steps.length),
    map: trace.map,
  };
  try {
    const environment =
      trace.environment === 'harvest'
        ? harvest.createGrid(parseOptions(harvest, { ...common, regrowth: 'off' }))
        : cleanup.createGrid(parseOptions(cleanup, { ...common, appleRate: 0, wasteRate: 0 }));
    environment.reset(0);
    trace.agents.forEach((agent, i) => {
      const { level } = environment.world;
      if (level.initial[level.cellAt(agent.row, agent.col)] === ClassId.wall)
        throw new Error(`agents.${i} starts in a wall`);
      const twin = trace.agents.findIndex((other) => other.row === agent.row && other.col === agent.col);
      if (twin < i) throw new Error(`agents.${i} starts on the cell of agents.${twin}`);
    });
    environment.world.place(
      trace.agents.map((a) => ({ row: a.row, column: a.col, facing: FACINGS.indexOf(a.facing) })),
    );
    return environment;
  } catch (error) {
    throw new TrajectoryError(`traces.${t}: ${(error as Error).message}`);
  }
}

function count(cells: Uint8Array, id: number): number {
  let total = 0;
  for (const cell of cells) if (cell === id) total++;
  return total;
}

async function inflate(base64: string, where: string): Promise<Uint8Array> {
  try {
    const packed = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate'));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch (error) {
    throw new TrajectoryError(`${where}: not zlib (${(error as Error).message})`);
  }
}
