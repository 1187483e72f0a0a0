/**
 * What the client costs a browser: main-thread time per frame and gzipped bytes of the first load, for a room of 16
 * bots on the standard Harvest map, in headless Chromium without a GPU.
 *
 *     npm run bench:client -- [--json] [--seconds 20] [--minds closed|open]
 *
 * `--minds` has five trained players instead, who speak of nothing or of everything: all minds and one beside its creature.
 *
 * A frame's cost is all that the page's main thread does from the start of one frame to the start of the next, scripts,
 * style, layout, painting and messages alike, as Chromium's own trace has it. On a machine that is busy with other
 * things the clock also counts the time that the thread waits for a core: the same in processor time stands beside it.
 */
import { randomBytes } from 'node:crypto';
import { cpus } from 'node:os';
import { gzipSync } from 'node:zlib';
import { Client } from '@colyseus/sdk';
import { Option } from 'commander';
import type { Browser, Page } from 'playwright-core';
import { PROTOCOL_VERSION, type RoomOptionsInput } from '../../shared/protocol/index.ts';
import { launchChromium, startProgram } from '../e2e/program.ts';
import { benchmark, positive } from './command.ts';

const ROOM: RoomOptionsInput = {
  environment: 'harvest',
  players: 16,
  bots: ['sustainable', 'greedy'],
  title: 'bench',
};
const LEARNED: RoomOptionsInput = {
  environment: 'harvest',
  bots: ['zoo/harvest-moa'],
  options: { revealActions: true },
  title: 'bench',
};

interface Measurement {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
}

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds. */
  readonly ts: number;
  readonly dur?: number;
  /** The same in processor time; left out where there was none. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

const flags = benchmark('bench:client', 'what the client costs a browser')
  .option('--seconds <number>', 'of measuring', positive, 20)
  .addOption(
    new Option(
      '--minds <what>',
      'five trained players instead, who speak of nothing or of everything',
    ).choices(['closed', 'open']),
  )
  .parse()
  .opts<{ json: boolean; seconds: number; minds?: 'closed' | 'open' }>();
const { minds, seconds } = flags;

const arena = await startProgram('--no-demo');
let browser: Browser | null = null;
try {
  const room = await new Client(arena.url).create('arena', {
    protocol: PROTOCOL_VERSION,
    name: 'bench',
    identity: randomBytes(16).toString('hex'),
    room: minds === undefined ? ROOM : LEARNED,
  });
  room.onMessage('*', () => {});
  browser = await launchChromium();
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
  const loaded = countBytes(page);
  await page.goto(`${arena.url}/#/room/${room.roomId}`);
  await page.getByTestId('guide-skip').click();
  await page.waitForFunction(
    () => (window.arena?.tick ?? 0) > 0 && document.querySelector('.charts canvas') !== null,
  );
  const bytes = await loaded();
  if (minds === 'open') {
    await page.keyboard.press('Shift+M');
    await page.keyboard.press('m');
    await page.waitForFunction(() => (window.arena?.minds.drawn?.arrows.length ?? 0) > 0);
  }
  const events = await trace(browser, page, seconds);
  report([
    ...frameCosts(events),
    { name: 'first load, gzipped', value: Math.round(bytes / 1000), unit: 'kB' },
  ]);
  await room.leave();
} finally {
  await browser?.close();
  await arena.stop();
}

/** @returns the gzipped size of everything that the page has loaded so far. */
function countBytes(page: Page): () => Promise<number> {
  const bodies: Promise<number>[] = [];
  page.on('response', (response) => {
    if (response.ok())
      bodies.push(
        response.body().then(
          (body) => gzipSync(body).length,
          () => 0,
        ),
      );
  });
  return async () => (await Promise.all(bodies)).reduce((sum, length) => sum + length, 0);
}

async function trace(browser: Browser, page: Page, seconds: number): Promise<readonly TraceEvent[]> {
  await browser.startTracing(page, {
    categories: ['toplevel', 'disabled-by-default-devtools.timeline.frame', '__metadata'],
  });
  await page.waitForTimeout(seconds * 1000);
  const text = (await browser.stopTracing()).toString('utf8');
  return (JSON.parse(text) as { readonly traceEvents: readonly TraceEvent[] }).traceEvents;
}

/** Sums the tasks of the busiest renderer's main thread between the starts of its frames. */
function frameCosts(events: readonly TraceEvent[]): Measurement[] {
  const thread = (event: TraceEvent) => `${event.pid} ${event.tid}`;
  const mains = new Set(
    events
      .filter((event) => event.name === 'thread_name' && event.args?.name === 'CrRendererMain')
      .map(thread),
  );
  const tasks = events.filter(
    (event) =>
      event.name === 'ThreadControllerImpl::RunTask' && event.dur !== undefined && mains.has(thread(event)),
  );
  const busy = new Map<string, number>();
  for (const task of tasks) busy.set(thread(task), (busy.get(thread(task)) ?? 0) + task.dur!);
  const [main] = [...busy].sort((a, b) => b[1] - a[1])[0] ?? [];
  const starts = events
    .filter((event) => event.name === 'BeginMainThreadFrame' && thread(event) === main)
    .map((event) => event.ts);
  starts.sort((a, b) => a - b);
  if (starts.length < 10)
    throw new Error(`the trace has ${starts.length} frames: Chromium may be too new or too old for this`);
  const wall = new Float64Array(starts.length);
  const cpu = new Float64Array(starts.length);
  for (const task of tasks) {
    if (thread(task) !== main) continue;
    // A frame's own task begins just before the event inside it.
    const frame = starts.findLastIndex((start) => start <= task.ts + task.dur!);
    if (frame < 0) continue;
    wall[frame]! += task.dur! / 1000;
    cpu[frame]! += (task.tdur ?? 0) / 1000;
  }
  const quantiles = (name: string, costs: Float64Array) => {
    // The last frame was cut off by the end of the trace.
    const sorted = costs.slice(0, -1).sort();
    return [0.5, 0.95, 0.99].map((q) => ({
      name: `${name}, p${Math.round(100 * q)}`,
      value: Math.round(sorted[Math.floor(q * (sorted.length - 1))]! * 100) / 100,
      unit: 'ms',
    }));
  };
  return [
    ...quantiles('frame cost', wall),
    ...quantiles('processor time', cpu),
    { name: 'frames', value: starts.length - 1, unit: '' },
  ];
}

function report(measurements: readonly Measurement[]): void {
  const processor = cpus()[0]?.model ?? 'unknown';
  if (flags.json) {
    for (const measurement of measurements)
      console.log(
        JSON.stringify({ bench: 'client', ...measurement, seconds, ...(minds && { minds }), processor }),
      );
    return;
  }
  console.log(`${processor}, ${seconds} s`);
  for (const { name, value, unit } of measurements)
    console.log(`${name.padEnd(22)}${String(value).padStart(10)} ${unit}`);
}
