/** Recordings from files, held against the task that is to be learned from them. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseOptions } from '../../shared/definition.ts';
import { elementsOf } from '../../shared/environment.ts';
import { deriveSeed, Random } from '../../shared/random.ts';
import type { Task } from '../algorithms/algorithm.ts';
import { reason } from '../training/errors.ts';
import { Demonstrations, type Stretch } from './demonstrations.ts';
import type { ImitationOptions } from './options.ts';
import {
  type Chunk,
  decodeRecording,
  RECORDING_EXTENSION,
  type Recording,
  RecordingError,
} from './recording.ts';

/** Stream of the generator that chooses what is held out. */
const HELD_OUT_STREAM = 0x4845_4c44;

export interface NamedRecording extends Recording {
  readonly path: string;
}

/** @param paths files, or folders that have some in them. @throws {RecordingError} for what is none. */
export function readRecordings(paths: readonly string[]): NamedRecording[] {
  if (paths.length === 0) {
    throw new RecordingError('there is nothing to learn from: name recordings with --data, files or folders');
  }
  return recordingFiles(paths).map((path) => ({ path, ...decodeRecording(contentsOf(path), path) }));
}

function recordingFiles(paths: readonly string[]): string[] {
  const files = paths.flatMap((path) => {
    let folder: boolean;
    try {
      folder = statSync(path).isDirectory();
    } catch (error) {
      throw new RecordingError(`${path} cannot be read: ${reason(error)}`);
    }
    if (!folder) return [path];
    const names = readdirSync(path, { recursive: true, encoding: 'utf8' });
    const found = names.filter((name) => name.endsWith(RECORDING_EXTENSION)).sort();
    if (found.length === 0) {
      throw new RecordingError(`${path} has no recordings: their names end in ${RECORDING_EXTENSION}`);
    }
    return found.map((name) => join(path, name));
  });
  return [...new Set(files)];
}

function contentsOf(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new RecordingError(`${path} cannot be read: ${reason(error)}`);
  }
}

/** @throws {RecordingError} naming what of a recording does not fit the task. */
export function refuseOthers(recordings: readonly NamedRecording[], task: Task): void {
  const { definition, observation, encoding, players, revealsActions } = task;
  const { actionSpec } = definition.create(parseOptions(definition, task.options));
  const labels = actionSpec.kind === 'discrete' ? actionSpec.labels : [];
  for (const { path, header } of recordings) {
    const refuse = (what: string, recorded: unknown, needed: unknown): never => {
      throw new RecordingError(
        `${path} has ${what} ${recorded}, the run has ${needed}: they must be the same`,
      );
    };
    if (header.environment !== definition.name) {
      refuse('the environment', header.environment, definition.name);
    }
    const windows = (array: { shape: readonly number[]; dtype: string }, name: string) =>
      `${name} ${array.dtype} [${array.shape.join(', ')}]`;
    const recorded = windows(header.observation, header.observation.encoding);
    const needed = windows(observation, encoding);
    if (recorded !== needed) refuse('windows', recorded, needed);
    if (header.actions.join() !== labels.join()) {
      refuse('actions', header.actions.join(', '), labels.join(', '));
    }
    if (header.revealsActions !== revealsActions) {
      const said = (reveals: boolean) => (reveals ? 'revealed' : 'hidden');
      refuse('last actions', said(header.revealsActions), said(revealsActions));
    }
    if (revealsActions && header.players !== players) refuse('players', header.players, players);
  }
}

/** What a run learns from. @throws {RecordingError} */
export function readDemonstrations(
  options: ImitationOptions,
  task: Task,
  seed: number,
  memory: boolean,
): Demonstrations {
  const recordings = readRecordings(options.data);
  refuseOthers(recordings, task);
  return demonstrationsOf(recordings, options, task, seed, memory);
}

/** @param memory whether the network has one, so that sequences begin before what is learned from. */
export function emptyDemonstrations(options: ImitationOptions, task: Task, memory: boolean): Demonstrations {
  return new Demonstrations({
    elements: elementsOf(task.observation),
    actions: task.actions,
    others: task.revealsActions ? task.players : 0,
    sequence: options.sequence,
    warmUp: memory ? options.warmUp : 0,
    gamma: options.gamma,
  });
}

/** @throws {RecordingError} where they have nothing to learn from. */
export function demonstrationsOf(
  recordings: readonly NamedRecording[],
  options: ImitationOptions,
  task: Task,
  seed: number,
  memory: boolean,
): Demonstrations {
  const demonstrations = emptyDemonstrations(options, task, memory);
  const parts = recordings.flatMap(({ header, chunks }) =>
    stretches(chunks).map((run) => ({
      // Players of one episode are held out together: one saw what the other did.
      episode: `${header.room}/${run[0]!.episode}`,
      stretch: stretchOf(run, header, options.idle),
    })),
  );
  const held = heldOutOf([...new Set(parts.map(({ episode }) => episode))], options.heldOut, seed);
  for (const { episode, stretch } of parts) demonstrations.add(stretch, held.has(episode));
  if (demonstrations.learned.length === 0) {
    const steps = recordings.reduce(
      (sum, { chunks }) => sum + chunks.reduce((part, chunk) => part + chunk.steps, 0),
      0,
    );
    const hint =
      steps === 0
        ? ''
        : ': in none of them to be learned from somebody chose; algo.idle=true counts standing still too';
    throw new RecordingError(
      `${options.data.join(', ')}: no samples to learn from, ${steps} steps in ${recordings.length} recordings${hint}`,
    );
  }
  return demonstrations;
}

/** Chunks that follow one another within an episode, together. */
function stretches(chunks: readonly Chunk[]): Chunk[][] {
  const found: Chunk[][] = [];
  for (const chunk of chunks) {
    const last = found.at(-1)?.at(-1);
    const follows =
      last !== undefined && last.episode === chunk.episode && last.tick + last.steps === chunk.tick;
    if (follows) found.at(-1)!.push(chunk);
    else found.push([chunk]);
  }
  return found;
}

function stretchOf(chunks: readonly Chunk[], header: Recording['header'], idle: boolean): Stretch {
  const steps = chunks.reduce((sum, chunk) => sum + chunk.steps, 0);
  const joined = (part: (chunk: Chunk) => Uint8Array) => Uint8Array.from(Buffer.concat(chunks.map(part)));
  return {
    steps,
    observations: joined(({ observations }) => observations),
    actions: joined(({ actions }) => actions),
    counts: idle ? new Uint8Array(steps).fill(1) : joined(({ own }) => own),
    rewards: Float32Array.from(chunks.flatMap(({ rewards }) => [...rewards])),
    lastActions: joined(({ lastActions }) => lastActions),
    seat: header.seat,
  };
}

/** Of several episodes at least one, and never all. */
function heldOutOf(episodes: readonly string[], share: number, seed: number): Set<string> {
  const count =
    share === 0 ? 0 : Math.min(episodes.length - 1, Math.max(1, Math.round(share * episodes.length)));
  const random = new Random().seed(deriveSeed(seed, HELD_OUT_STREAM));
  const order = [...episodes];
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return new Set(order.slice(0, Math.max(0, count)));
}
