/**
 * The curves of a run: `metrics.jsonl`, one flat JSON object a report, and the same numbers for TensorBoard.
 *
 * Names have slashes (`episode/collectiveReturn`); every line has `steps` (player steps so far), `environmentSteps` and
 * `seconds` (of training). Lines are in order of their steps.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { explain } from '../../shared/definition.ts';
import { AppendFile } from './append-file.ts';
import { reason, TrainingUsageError } from './errors.ts';
import { TensorBoardWriter } from './tensorboard.ts';

export const METRICS_FILE = 'metrics.jsonl';

/** What is common to all reports; the other fields are metrics by name. */
export interface Report {
  /** Player steps. */
  readonly steps: number;
  readonly environmentSteps: number;
  /** Of training so far, resumed runs included. */
  readonly seconds: number;
}

export type Metrics = Report & Readonly<Record<string, number>>;
/** As read from a file: null where a number was not finite. */
export type RecordedMetrics = Report & Readonly<Record<string, number | null>>;

const lineSchema = z
  .object({ steps: z.int().min(0), environmentSteps: z.int().min(0), seconds: z.number().min(0) })
  .catchall(z.number().nullable());

export interface MetricsLogOptions {
  /** Player steps of the checkpoint that a run goes on from: reports behind it are cut. Null for a new run. */
  readonly resumeAt: number | null;
  /** Seconds since 1970, for TensorBoard. */
  readonly now?: () => number;
}

export class MetricsLog {
  readonly #lines: AppendFile;
  readonly #tensorBoard: TensorBoardWriter;
  #steps: number;

  private constructor(lines: AppendFile, tensorBoard: TensorBoardWriter, steps: number) {
    this.#lines = lines;
    this.#tensorBoard = tensorBoard;
    this.#steps = steps;
  }

  /**
   * @param folder of the run; it exists.
   * @throws {TrainingUsageError} for a new run in a folder that has reports, or reports that cannot be read.
   * @throws {WriteError}
   */
  static open(folder: string, { resumeAt, ...options }: MetricsLogOptions): MetricsLog {
    const path = join(folder, METRICS_FILE);
    const exists = existsSync(path);
    if (exists && resumeAt === null && statSync(path).size > 0) {
      throw new TrainingUsageError(`${path} has reports already: resume that run or choose another folder`);
    }
    const kept = exists && resumeAt !== null ? keep(path, resumeAt) : null;
    const lines = new AppendFile(path);
    if (kept !== null) {
      lines.truncate(kept.size);
      if (!kept.ended) lines.append(NEWLINE);
    }
    return new MetricsLog(lines, new TensorBoardWriter(folder, { resumeAt, ...options }), kept?.steps ?? -1);
  }

  /**
   * Adds a report.
   * @throws {RangeError} for one that is not behind the last one.
   * @throws {WriteError}
   */
  write(metrics: Metrics): void {
    const { steps, ...scalars } = metrics;
    if (!(steps > this.#steps)) {
      throw new RangeError(`a report at ${steps} steps cannot follow one at ${this.#steps}`);
    }
    this.#steps = steps;
    // JSON has no NaN and no infinity: stringify makes them null.
    this.#lines.append(Buffer.from(`${JSON.stringify(metrics)}\n`));
    this.#tensorBoard.scalars(steps, scalars as Record<string, number>);
  }

  /** @throws {WriteError} */
  close(): void {
    this.#lines.close();
    this.#tensorBoard.close();
  }
}

const NEWLINE = Uint8Array.of(0x0a);

/**
 * The reports of a run, in order. The last line of a run that is being written, or was stopped in the middle of one, may
 * be torn: it is left out.
 * @throws {TrainingUsageError} for a file that is not there or holds something else, with the line.
 */
export function readMetrics(path: string): RecordedMetrics[] {
  return linesOf(path).map(({ metrics }) => metrics);
}

/** How much of a file to keep so that it ends with the last report at or before `resumeAt`. */
function keep(path: string, resumeAt: number): { size: number; steps: number; ended: boolean } {
  const last = linesOf(path).findLast(({ metrics }) => metrics.steps <= resumeAt);
  return last === undefined
    ? { size: 0, steps: -1, ended: true }
    : { size: last.end, steps: last.metrics.steps, ended: last.ended };
}

interface Line {
  readonly metrics: RecordedMetrics;
  /** Byte behind the line. */
  readonly end: number;
  /** Whether its newline is there. */
  readonly ended: boolean;
}

function linesOf(path: string): Line[] {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new TrainingUsageError(`${path} cannot be read: ${reason(error)}`);
  }
  const lines: Line[] = [];
  for (let start = 0, number = 1; start < bytes.length; number++) {
    const newline = bytes.indexOf(0x0a, start);
    const ended = newline >= 0;
    const end = ended ? newline + 1 : bytes.length;
    const metrics = parseLine(bytes.toString('utf8', start, ended ? newline : end));
    if (typeof metrics !== 'string') lines.push({ metrics, end, ended });
    else if (ended) throw new TrainingUsageError(`${path}, line ${number}: ${metrics}`);
    start = end;
  }
  return lines;
}

/** A report, or what is wrong with it. */
function parseLine(text: string): RecordedMetrics | string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return `not JSON: ${(error as Error).message}`;
  }
  const result = lineSchema.safeParse(json);
  return result.success ? (result.data as RecordedMetrics) : explain(result.error);
}
