/**
 * How fast learning goes: acting, an update, whole iterations of PPO on Harvest with five players, on every backend that
 * is here, beside the backend's own product of matrices and beside PyTorch where there is one; and iterations with an
 * intrinsic reward beside those without. All take turns in rounds, so that a machine whose speed drifts slows all
 * alike: ratios hold where absolute speeds do not.
 *
 *     npm run bench:train -- [--json] [--seconds 1.5] [--rounds 3] [--backends onnx,wasm] [--no-torch] [--no-intrinsic] [--quick]
 *
 * What is measured is told at once: with --json one record of train-records.ts a line, without it a line on stderr.
 * Figures come of several measurements, and come at the end. What else there is to say goes to stderr.
 */
import { loadavg } from 'node:os';
import { TORCH_MISSING } from '../../agents/bench/torch.ts';
import type { BackendName } from '../../agents/engine/index.ts';
import { Carrier, processor, torchMeasurement } from './train-carrier.ts';
import { type Flags, parseFlags } from './train-flags.ts';
import type { Asked } from './train-process.ts';
import { type BenchRecord, figures, type IntrinsicRecord, type TrainingRecord } from './train-records.ts';
import { armsOf, isRewardArm, sizesOf, takesPart } from './train-sizes.ts';
import { figuresTable, intrinsicTable, progressLine, trainingTable } from './train-tables.ts';
import { TorchTurns } from './train-torch.ts';

const say = (text: string) => process.stderr.write(`${text}\n`);

function tell(record: BenchRecord, { json }: Flags): void {
  if (json) process.stdout.write(`${JSON.stringify(record)}\n`);
  else if (record.record === 'started' || record.record === 'measurement') say(progressLine(record));
}

function carriersOf(flags: Flags): Carrier[] {
  return flags.backends.flatMap((backend) =>
    (['shared', 'perPlayer'] as const).flatMap((network) =>
      [1, 2].flatMap((workers) =>
        // What is compared is next to one another.
        (flags.intrinsic ? armsOf(backend, workers) : (['ppo'] as const)).map(
          (arm) => new Carrier({ arm, backend, network, workers, sizes: sizesOf(backend, flags.quick) }),
        ),
      ),
    ),
  );
}

/** What fails on one backend keeps nobody from seeing the others. */
function leaveOut(carriers: Carrier[], backend: BackendName, error: Error): void {
  say(`${backend} is left out: ${error.message}`);
  const kept = carriers.filter(({ setup }) => setup.backend !== backend);
  for (const carrier of carriers) if (!kept.includes(carrier)) carrier.stop();
  carriers.splice(0, carriers.length, ...kept);
}

/**
 * A round of everything; what is compared with one another is next to one another. Processes start when it is their turn
 * for the first time: nobody waits for those of others.
 */
async function measureAll(carriers: Carrier[], torch: TorchTurns | null, flags: Flags, round: number) {
  const batches = [...new Set(flags.backends.flatMap((backend) => sizesOf(backend, flags.quick).batches))];
  const all: Asked[] = [
    // First, so that the memory of a run is known before anything else takes some.
    { measure: 'iterations' },
    { measure: 'update' },
    { measure: 'gemm' },
    ...batches.map((batch) => ({ measure: 'inference' as const, batch })),
  ];
  for (const what of all) {
    let anybody = false;
    for (const carrier of [...carriers]) {
      const { backend } = carrier.setup;
      if (!takesPart(backend, round, flags) || !carrier.measures(what, flags.seconds)) continue;
      // Its backend may have failed in another process meanwhile.
      if (!carriers.includes(carrier)) continue;
      try {
        const started = await carrier.start();
        if (started !== null) tell(started, flags);
      } catch (error) {
        // That it is not here is no failure.
        leaveOut(carriers, backend, error as Error);
        continue;
      }
      try {
        tell(await carrier.measure(what, round, flags), flags);
        anybody = true;
      } catch (error) {
        leaveOut(carriers, backend, error as Error);
        process.exitCode = 1;
      }
    }
    if (carriers.length === 0) return;
    if (torch !== null && anybody && what.measure !== 'iterations') {
      tell(
        torchMeasurement(what, round, await torch.measure(what, round, flags.seconds / flags.rounds)),
        flags,
      );
    }
  }
}

async function bench(flags: Flags): Promise<void> {
  const torch = flags.torch ? TorchTurns.find(flags.quick) : null;
  if (flags.torch && torch === null) say(TORCH_MISSING);
  const load = loadavg()[0]!;
  if (load > 0.5) say(`the machine is busy (load ${load.toFixed(1)}): times are longer than they need be`);
  const carriers = carriersOf(flags);
  try {
    for (let round = 1; round <= flags.rounds; round++) {
      say(`round ${round} of ${flags.rounds}`);
      await measureAll(carriers, torch, flags, round);
      if (carriers.length === 0)
        throw new Error('every backend failed, as said above, so there is nothing to measure');
    }
  } finally {
    for (const carrier of carriers) carrier.stop();
  }
  const records = carriers.filter(({ setup }) => setup.arm === 'ppo').map((carrier) => carrier.record(torch));
  const intrinsic = carriers.flatMap((carrier) => {
    const { arm } = carrier.setup;
    return isRewardArm(arm) ? [carrier.intrinsicRecord(arm, carriers)] : [];
  });
  report(records, intrinsic, torch, flags);
}

/** The records that come of all rounds, then the figures. */
function report(
  records: readonly TrainingRecord[],
  intrinsic: readonly IntrinsicRecord[],
  torch: TorchTurns | null,
  flags: Flags,
): void {
  const points = torch?.points(processor) ?? [];
  // What is asked is asked of the default backend, the first.
  const first = ({ backend }: { readonly backend: BackendName }) => backend === records[0]!.backend;
  const asked = figures(records.filter(first), intrinsic.filter(first));
  for (const record of [...records, ...intrinsic, ...points, ...asked]) tell(record, flags);
  if (flags.json) return;
  process.stdout.write(
    [
      `${processor}, Node ${process.version}; ${torch === null ? 'no PyTorch' : `PyTorch ${torch.version} on one thread`}; medians of up to ${flags.rounds} rounds in turn`,
      '',
      ...trainingTable(records),
      '',
      ...(intrinsic.length === 0 ? [] : [...intrinsicTable(intrinsic), '']),
      ...figuresTable(asked, records[0]!.backend),
      '',
    ].join('\n'),
  );
}

let flags: Flags;
try {
  flags = parseFlags(process.argv.slice(2));
} catch (error) {
  say(`bench:train: ${(error as Error).message}`);
  process.exit(2);
}
await bench(flags);
