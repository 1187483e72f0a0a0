/**
 * What a training run tells its terminal while it goes on: how far it is, how fast, and how the players fare. Where
 * nobody looks on (output to a file or a pipe) it is a plain line now and then.
 */
import { MultiBar, type SingleBar } from 'cli-progress';
import type { Metrics } from './metrics-log.ts';
import { clock, compact, measure } from './number-format.ts';

/** What is shown, in this order, and how the last part of a metric's name may read. */
const SHOWN: readonly (readonly [label: string, ...names: string[]])[] = [
  ['return', 'collectiveReturn', 'return'],
  ['equality', 'equality'],
  ['sustainability', 'sustainability'],
  ['fines', 'fines', 'finesPerPlayerStep'],
  ['entropy', 'entropy'],
  ['KL', 'klDivergence', 'kl'],
  ['explained variance', 'explainedVariance'],
];

/** Seconds between plain lines. */
const PLAIN_INTERVAL = 10;
/** Seconds over which speed is measured. */
const WINDOW = 30;
const BAR_WIDTH = 32;
const METRIC_LINES = 2;
const GREEN = '\x1b[32m';
const PLAIN = '\x1b[39m';

export interface StatusOptions {
  /** Player steps of the whole run. */
  readonly totalSteps: number;
  /** Player steps and environment steps done before, in a run that is resumed. */
  readonly startSteps?: number;
  readonly startEnvironmentSteps?: number;
  /** Said once, before anything else: what computes, and why. */
  readonly title: string;
  readonly stream?: NodeJS.WriteStream;
  /** Seconds from anywhere. */
  readonly now?: () => number;
  readonly colour?: boolean;
}

interface Sample {
  readonly time: number;
  readonly steps: number;
  readonly environmentSteps: number;
}

export class TrainingStatus {
  readonly #total: number;
  readonly #stream: NodeJS.WriteStream;
  readonly #now: () => number;
  readonly #colour: boolean;
  readonly #screen: MultiBar | null;
  readonly #lines: readonly SingleBar[];
  #samples: Sample[];
  #metrics: Metrics | null = null;
  #printedAt = Number.NEGATIVE_INFINITY;
  #printed: Metrics | null = null;
  #stopped = false;

  constructor({
    totalSteps,
    startSteps = 0,
    startEnvironmentSteps = 0,
    title,
    stream = process.stdout,
    now = () => performance.now() / 1000,
    colour = process.env.NO_COLOR === undefined || process.env.NO_COLOR === '',
  }: StatusOptions) {
    this.#total = totalSteps;
    this.#stream = stream;
    this.#now = now;
    this.#colour = colour;
    this.#samples = [{ time: now(), steps: startSteps, environmentSteps: startEnvironmentSteps }];
    stream.write(`${title}\n`);
    if (!stream.isTTY) {
      this.#screen = null;
      this.#lines = [];
      return;
    }
    // The trainer listens for Ctrl-C itself, to write a checkpoint before it ends.
    this.#screen = new MultiBar({
      stream,
      fps: 2,
      gracefulExit: false,
      hideCursor: true,
      linewrap: false,
      // What is said pushes the lines down: they have to be drawn again though their text is the same.
      forceRedraw: true,
    });
    this.#lines = Array.from({ length: 1 + METRIC_LINES }, (_, line) =>
      this.#screen!.create(totalSteps, startSteps, {}, { format: () => this.#screenLine(line) }),
    );
  }

  /** A report of the run; shown at once on a terminal. */
  update(metrics: Metrics): void {
    this.#metrics = metrics;
    const { steps, environmentSteps } = metrics;
    const time = this.#now();
    this.#samples.push({ time, steps, environmentSteps });
    // The first sample kept is the last one that is old enough.
    const fresh = this.#samples.findIndex((sample) => sample.time > time - WINDOW);
    if (fresh > 1) this.#samples = this.#samples.slice(fresh - 1);
    if (this.#screen !== null) {
      for (const line of this.#lines) line.update(Math.min(steps, this.#total));
      this.#screen.update();
    } else if (time - this.#printedAt >= PLAIN_INTERVAL) this.#print(time);
  }

  /** A line that stays, above what changes. */
  say(text: string): void {
    if (this.#screen === null) this.#stream.write(`${text}\n`);
    else {
      this.#screen.log(`${text}\n`);
      this.#screen.update();
    }
  }

  /** Ends the display; what was reported last stays to be read. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    if (this.#screen !== null) this.#screen.stop();
    else if (this.#metrics !== null && this.#metrics !== this.#printed) this.#print(this.#now());
  }

  #print(time: number): void {
    this.#printedAt = time;
    this.#printed = this.#metrics;
    this.#stream.write(`${[...this.#progress(), ...this.#measures()].join(', ')}\n`);
  }

  /** Line 0 has the bar, the others the metrics; cut where the terminal ends. */
  #screenLine(line: number): string {
    const width = this.#stream.columns || 80;
    if (line > 0) return wrap(this.#measures(), width)[line - 1] ?? '';
    const texts = this.#progress();
    const room = width - 2 - (texts[0]?.length ?? 0);
    const cells = Math.max(0, Math.min(BAR_WIDTH, room));
    const done = Math.round(cells * this.#fraction());
    const bar = '━'.repeat(done);
    const rest = '─'.repeat(cells - done);
    const text = wrap(texts, width - cells - 2)[0] ?? '';
    return `${this.#colour ? `${GREEN}${bar}${PLAIN}` : bar}${rest}  ${text}`;
  }

  #fraction(): number {
    return Math.min(1, this.#samples.at(-1)!.steps / this.#total);
  }

  #progress(): string[] {
    const first = this.#samples[0]!;
    const last = this.#samples.at(-1)!;
    const time = last.time - first.time;
    const rate = (last.steps - first.steps) / time;
    const done = `${(100 * this.#fraction()).toFixed(1)}%`;
    const steps = `${compact(last.steps)} of ${compact(this.#total)} steps`;
    if (!(time > 0 && rate > 0)) return [done, steps];
    return [
      done,
      steps,
      `ETA ${clock((this.#total - last.steps) / rate)}`,
      `${compact(rate)} player steps/s`,
      `${compact((last.environmentSteps - first.environmentSteps) / time)} environment steps/s`,
    ];
  }

  #measures(): string[] {
    const named = new Map<string, number>();
    for (const [name, value] of Object.entries(this.#metrics ?? {})) {
      const last = name.slice(name.lastIndexOf('/') + 1);
      if (!named.has(last)) named.set(last, value);
    }
    return SHOWN.flatMap(([label, ...names]) => {
      const value = names.map((name) => named.get(name)).find((found) => found !== undefined);
      return value === undefined ? [] : [`${label} ${measure(value)}`];
    });
  }
}

/** Texts side by side, as many lines as it takes; one that is wider than a line is cut. */
function wrap(texts: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const text of texts) {
    const last = lines.at(-1);
    const longer = `${last}   ${text}`;
    if (last !== undefined && longer.length <= width) lines[lines.length - 1] = longer;
    else lines.push(text.slice(0, Math.max(0, width)));
  }
  return lines;
}
