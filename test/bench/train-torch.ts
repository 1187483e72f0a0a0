/** PyTorch's turns between ours: a short measurement each, of every variant, the fastest of which counts. */
import { fastest, findTorch, type Torch, type TorchRecord, torchBench } from '../../agents/bench/torch.ts';
import { combined, type Round, type TorchPoint } from './train-records.ts';
import type { Measure } from './train-worker.ts';

export class TorchTurns {
  readonly #torch: Torch;
  readonly #quick: boolean;
  /** By what was measured: rounds of records of every variant. */
  readonly #rounds = new Map<string, Map<number, TorchRecord[]>>();

  constructor(torch: Torch, quick: boolean) {
    this.#torch = torch;
    this.#quick = quick;
  }

  /** Null where there is none. */
  static find(quick: boolean): TorchTurns | null {
    const torch = findTorch();
    return torch === null ? null : new TorchTurns(torch, quick);
  }

  get version(): string {
    return this.#torch.version;
  }

  /** @returns the fastest variant of this round. */
  async measure(what: Measure, round: number, seconds: number): Promise<Round> {
    const key = JSON.stringify(what);
    const rounds = this.#rounds.get(key) ?? new Map<number, TorchRecord[]>();
    this.#rounds.set(key, rounds);
    // Compiling takes far longer than measuring: once is enough to see that it does not pay.
    const compile = [...rounds.values()].every((records) =>
      fastest(records)[0]!.variant.startsWith('compile'),
    );
    const records = await torchBench({
      python: this.#torch.python,
      measures: [what.measure],
      // Of its many variants together as long as ours takes.
      seconds: what.measure === 'inference' ? seconds / 4 : seconds,
      compile: compile && !this.#quick ? 'default' : 'no',
      ...(what.measure === 'inference' ? { batches: [what.batch] } : {}),
    });
    // From class ids, as ours: pixels that are ready are half of the way.
    const same = records.filter((record) => record.measure !== 'inference' || record.input === 'ids');
    rounds.set(round, same);
    return fastestOf(same);
  }

  /** The fastest variant of each of these rounds, in which it was measured. */
  rounds(what: Measure, which: readonly number[]): Round[] {
    const rounds = this.#rounds.get(JSON.stringify(what))!;
    return which.map((round) => fastestOf(rounds.get(round)!));
  }

  /** What was measured, by the variant that is the fastest over all rounds. */
  points(processor: string): TorchPoint[] {
    return [...this.#rounds.values()].map((byRound) => {
      const rounds = [...byRound.values()];
      const variants = [...new Set(rounds.flat().map(({ variant }) => variant))].map((variant) => ({
        variant,
        ...combined(rounds.flat().filter((record) => record.variant === variant)),
      }));
      const least = Math.min(...variants.map(({ ms }) => ms));
      const { measure, batch, torch } = rounds[0]![0]!;
      return {
        record: 'torch',
        torch,
        measure,
        batch,
        ...variants.find(({ ms }) => ms === least)!,
        processor,
      };
    });
  }
}

/** One variant's times with the best time of all. */
function fastestOf(records: readonly TorchRecord[]): Round {
  return { ...fastest(records)[0]!, bestMs: Math.min(...records.map(({ bestMs }) => bestMs)) };
}
