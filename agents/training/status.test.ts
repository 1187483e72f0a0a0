import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { TrainingStatus } from './status.ts';

/** A run of 1000 player steps by 5 players on a stream that is read as it is written. */
function run({ columns = 0, startSteps = 0, colour = false }) {
  const stream = new PassThrough() as PassThrough & NodeJS.WriteStream;
  if (columns > 0) Object.assign(stream, { isTTY: true, columns });
  const time = { now: 0 };
  const status = new TrainingStatus({
    totalSteps: 1000,
    startSteps,
    startEnvironmentSteps: startSteps / 5,
    title: 'backend onnx: the fastest that this machine has',
    stream,
    now: () => time.now,
    colour,
  });
  running.push(status);
  const written = () => (stream.read() ?? '').toString() as string;
  return { status, time, written };
}

// A display that is left on would keep its timer.
const running: TrainingStatus[] = [];
afterEach(() => {
  for (const status of running.splice(0)) status.stop();
});

const report = (steps: number, more: Record<string, number> = {}) => ({
  steps,
  environmentSteps: steps / 5,
  seconds: 1,
  ...more,
});

describe('TrainingStatus into a file', () => {
  it('says first what computes and why', () => {
    expect(run({}).written()).toBe('backend onnx: the fastest that this machine has\n');
  });

  it('writes a line with progress, speeds and metrics, and leaves out what is missing', () => {
    const { status, time, written } = run({});
    written();
    time.now = 2;
    status.update(
      report(250, {
        'episode/collectiveReturn': 412.4,
        'episode/equality': 0.81,
        'policy/klDivergence': 0.009,
      }),
    );
    // 250 steps in 2 s; the other 750 take 6 s.
    expect(written()).toBe(
      '25.0%, 250 of 1k steps, ETA 0:06, 125 player steps/s, 25 environment steps/s, return 412.4, equality 0.81, KL 0.009\n',
    );
  });

  it('writes at most one line in ten seconds, and the last report when it ends', () => {
    const { status, time, written } = run({});
    written();
    for (let steps = 100; steps <= 1000; steps += 100) {
      time.now += 4;
      status.update(report(steps));
    }
    status.stop();
    const percents = written().match(/^[\d.]+%/gm);
    // At 4, 16, 28 and 40 s.
    expect(percents).toEqual(['10.0%', '40.0%', '70.0%', '100.0%']);
  });

  it('writes the last report once', () => {
    const { status, time, written } = run({});
    time.now = 5;
    status.update(report(100));
    written();
    time.now = 6;
    status.update(report(200));
    status.stop();
    status.stop();
    expect(written()).toMatch(/^20\.0%.*\n$/);
  });

  it('measures speed over the last half minute and not over what was resumed', () => {
    const { status, time, written } = run({ startSteps: 500 });
    written();
    time.now = 10;
    status.update(report(510));
    expect(written()).toContain(', 1 player steps/s, 0.2 environment steps/s');
    for (let k = 1; k <= 5; k++) {
      time.now += 10;
      status.update(report(510 + 20 * k));
    }
    expect(written().trimEnd().split('\n').at(-1)).toContain(', ETA 3:15, 2 player steps/s');
  });
});

describe('TrainingStatus on a terminal', () => {
  const metrics = {
    'episode/collectiveReturn': 412,
    'episode/equality': 0.81,
    'episode/sustainability': 388,
    'episode/finesPerPlayerStep': 0.01,
    'policy/entropy': 1.2,
    'policy/klDivergence': 0.009,
    'value/explainedVariance': 0.95,
  };

  /** The lines of the last drawing. */
  function screen(columns: number): string[] {
    const { status, time, written } = run({ columns });
    time.now = 2;
    written();
    status.update(report(500, metrics));
    return stripVTControlCharacters(written()).trimEnd().split('\n');
  }

  it('draws a bar with progress, and the metrics below', () => {
    expect(screen(130)).toEqual([
      `${'━'.repeat(16)}${'─'.repeat(16)}  50.0%   500 of 1k steps   ETA 0:02   250 player steps/s   50 environment steps/s`,
      'return 412   equality 0.81   sustainability 388   fines 0.01   entropy 1.2   KL 0.009   explained variance 0.95',
    ]);
  });

  it.each([130, 80, 60, 40, 20, 5])('is never wider than %d columns', (columns) => {
    expect(Math.max(...screen(columns).map((line) => line.length))).toBeLessThanOrEqual(columns);
  });

  it('takes a second line for metrics where the first is full', () => {
    expect(screen(80).slice(1)).toEqual([
      'return 412   equality 0.81   sustainability 388   fines 0.01   entropy 1.2',
      'KL 0.009   explained variance 0.95',
    ]);
  });

  it.each([true, false])('colour %s', (colour) => {
    const { status, time, written } = run({ columns: 80, colour });
    time.now = 1;
    status.update(report(500));
    expect(written().includes('\x1b[32m')).toBe(colour);
  });

  it('keeps what is said above what changes, which is drawn again below', () => {
    const { status, time, written } = run({ columns: 80 });
    time.now = 1;
    status.update(report(500, { 'episode/collectiveReturn': 412 }));
    written();
    status.say('checkpoint at 500 steps');
    const lines = stripVTControlCharacters(written()).split('\n');
    expect(lines[0]).toBe('checkpoint at 500 steps');
    expect(lines[1]).toContain('50.0%');
    expect(lines[2]).toBe('return 412');
  });

  it('leaves signals to the program', () => {
    const before = process.listenerCount('SIGINT');
    run({ columns: 80 });
    expect(process.listenerCount('SIGINT')).toBe(before);
  });
});
