/** The measurements for people. */
import {
  type Figure,
  type IntrinsicRecord,
  type MeasurementRecord,
  people,
  type StartedRecord,
  type TrainingRecord,
} from './train-records.ts';

/** Columns as wide as their widest cell, the first to the left, the others to the right. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, k) => Math.max(...rows.map((row) => row[k]!.length)));
  return rows.map((row) =>
    row
      .map((cell, k) => (k === 0 ? cell.padEnd(widths[k]!) : cell.padStart(widths[k]!)))
      .join('  ')
      .trimEnd(),
  );
}

const short = (value: number) => (value >= 100 ? Math.round(value).toString() : value.toPrecision(3));
const percent = (value: number) => `${Math.round(100 * value)}%`;
const orDash = (value: number | null) => (value === null ? '-' : value.toFixed(2));

/** A line for what has just been measured or started. */
export function progressLine(record: StartedRecord | MeasurementRecord): string {
  const { arm, network, workers } = record;
  const what = (backend: string) => (arm === 'ppo' ? backend : `${backend}, ${arm}`);
  if (record.record === 'started') {
    const { backend, compileSeconds } = record;
    return `  ${what(backend)}, ${people(record.network, workers)}: ready, compiled in ${compileSeconds.toFixed(2)} s`;
  }
  const { by, measure, batch, ms, repeats, rate, unit } = record;
  const who = network === null ? 'PyTorch' : `${what(by)}, ${people(network, workers)}`;
  const measured = batch === null ? measure : `${measure} of ${batch}`;
  return `  ${who}: ${measured} ${short(ms)} ms, ${short(rate)} ${unit} (${repeats === 1 ? 'once' : `${repeats} times`})`;
}

export function trainingTable(records: readonly TrainingRecord[]): string[] {
  const of = (record: TrainingRecord) => [
    record.backend,
    record.network === 'shared' ? 'shared' : 'per player',
    String(record.workers),
  ];
  return [
    ...table([
      [
        ...['backend', 'network', 'workers', 'gemm GFLOP/s', 'update samples/s', 'of gemm', '/ PyTorch'],
        ...['player steps/s', '/ update', 'playing', 'compile s', 'MiB'],
      ],
      ...records.map((record) => [
        ...of(record),
        short(record.gemmGflops),
        short(record.samplesPerSecond),
        percent(record.fractionOfGemm),
        orDash(record.update.torchRatio),
        short(record.playerStepsPerSecond),
        record.endToEndFraction.toFixed(2),
        percent(record.actFraction),
        record.compileSeconds.toFixed(2),
        short(record.memoryBytes / 2 ** 20),
      ]),
    ]),
    '',
    ...table([
      ['backend', 'network', 'batch', 'act ms', 'best ms', 'samples/s', 'of gemm', '/ PyTorch'],
      ...records.flatMap((record) =>
        record.inference.map((point) => [
          ...of(record).slice(0, 2),
          String(point.batch),
          point.ms.toFixed(3),
          point.bestMs.toFixed(3),
          short(point.samplesPerSecond),
          percent(point.fractionOfGemm),
          orDash(point.torchRatio),
        ]),
      ),
    ]),
  ];
}

export function intrinsicTable(records: readonly IntrinsicRecord[]): string[] {
  return table([
    [
      ...['with a reward', 'over', 'network', 'workers', 'player steps/s', 'fraction', 'by CPU'],
      ...['playing', 'rewarding', 'compile s', 'MiB'],
    ],
    ...records.map((record) => [
      record.arm,
      record.baseline,
      record.network === 'shared' ? 'shared' : 'per player',
      String(record.workers),
      short(record.playerStepsPerSecond),
      record.fraction.toFixed(2),
      record.cpuFraction.toFixed(2),
      percent(record.actFraction),
      percent(record.rewardFraction),
      record.compileSeconds.toFixed(2),
      short(record.memoryBytes / 2 ** 20),
    ]),
  ]);
}

/** @param backend of whom it is asked. */
export function figuresTable(figures: readonly Figure[], backend: string): string[] {
  return table([
    [`asked of ${backend}`, 'median', 'best', 'by CPU', 'asked', 'aim', ''],
    ...figures.map(({ figure, unit, value, best, cpu, asked, aim, atMost, met }) => [
      unit === '' ? figure : `${figure}, ${unit}`,
      orDash(value),
      best === null ? '' : best.toFixed(2),
      cpu === null ? '' : cpu.toFixed(2),
      asked === null ? '' : `${atMost ? '<' : '>='} ${asked}`,
      aim === null ? '' : String(aim),
      value === null ? 'not measured' : met === null ? '' : met ? 'met' : 'missed',
    ]),
  ]);
}
