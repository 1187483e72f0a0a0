/** An intrinsic reward as a stage: what it computes, clipped, weighted and added to the rewards of those who are paid it. */
import type { Saved } from '../algorithms/algorithm.ts';
import { valueAt } from '../math/schedules.ts';
import type { RewardStage, StageContext } from '../rollout/reward-stages.ts';
import type { Rollout } from '../rollout/rollout.ts';
import type { Intrinsic, IntrinsicPlan, IntrinsicSetup, Payments } from './intrinsic.ts';

/** Up to so many players, what each came to is measured too. */
const APART = 16;

export class IntrinsicStage implements RewardStage {
  readonly name: string;
  readonly #plan: IntrinsicPlan;
  readonly #reward: Intrinsic;
  /** [own shards][T, B] */
  readonly #values: readonly Float64Array[];
  /** [N] 1 where a player is paid. */
  readonly #paid: Uint8Array;
  /** Those who are paid, where they are told apart. */
  readonly #apart: readonly number[];

  static async create(plan: IntrinsicPlan, setup: IntrinsicSetup): Promise<IntrinsicStage> {
    return new IntrinsicStage(plan, await plan.create(setup), setup);
  }

  private constructor(plan: IntrinsicPlan, reward: Intrinsic, { rollouts, shape }: IntrinsicSetup) {
    this.name = plan.name;
    this.#plan = plan;
    this.#reward = reward;
    this.#values = rollouts.map(({ rewards }) => new Float64Array(rewards.length));
    const { options, earners } = plan;
    const { players } = options;
    this.#paid = Uint8Array.from({ length: shape.players }, (_, n) =>
      players === 'all' || players.includes(n) ? (earners?.[n] ?? 1) : 0,
    );
    this.#apart = [...this.#paid.keys()].filter((n) => shape.players <= APART && this.#paid[n] === 1);
  }

  async process(rollouts: readonly Rollout[], context: StageContext): Promise<void> {
    const { weight, curriculum, clip } = this.#plan.options;
    const { steps, totalSteps, means, collective } = context;
    for (const values of this.#values) values.fill(0);
    await this.#reward.compute(this.#values);
    const factor = valueAt(weight, steps, totalSteps) * valueAt(curriculum, steps, totalSteps);
    const sums = rollouts.map((rollout, index) => this.#add(rollout, this.#values[index]!, factor, clip));
    const rows = collective.exchange((row, shard) => {
      row.set(sums[collective.own.indexOf(shard)]!);
    });
    for (const row of rows) {
      const [sum, added, clipped, count, ...apart] = row as unknown as [number, number, number, number];
      means.add(`intrinsic/${this.name}`, sum, count);
      means.add(`intrinsic/${this.name}/paid`, added, count);
      means.add(`intrinsic/${this.name}/clipped`, clipped, count);
      for (const player of this.#apart) {
        means.add(`intrinsic/${this.name}/${player}`, apart[player]!, count / this.#apart.length);
      }
    }
    means.add(`schedule/${this.name}`, factor, 1);
    this.#reward.measure?.(means, collective);
  }

  /**
   * @returns sums of the reward, of what was added, how often it was clipped, and of how many player steps; then, where
   * they are told apart, the sum of the reward of each player.
   */
  #add(rollout: Rollout, values: Payments, factor: number, clip: number): number[] {
    const { rewards } = this.#plan.pays === 'symbols' ? rollout.symbols! : rollout;
    const { players } = rollout.shape;
    let sum = 0;
    let added = 0;
    let clipped = 0;
    let count = 0;
    const apart = new Array<number>(this.#apart.length > 0 ? players : 0).fill(0);
    for (let i = 0; i < values.length; i++) {
      if (this.#paid[i % players] === 0) continue;
      const value = values[i]!;
      const bounded = Math.max(-clip, Math.min(value, clip));
      sum += value;
      if (apart.length > 0) apart[i % players]! += value;
      added += factor * bounded;
      if (bounded !== value) clipped++;
      count++;
      rewards[i]! += factor * bounded;
    }
    return [sum, added, clipped, count, ...apart];
  }

  saveShared(): Saved {
    return this.#reward.saveShared?.() ?? {};
  }
  saveShard(index: number): Saved {
    return this.#reward.saveShard?.(index) ?? {};
  }
  load(shared: Saved, shards: readonly Saved[]): void {
    this.#reward.load?.(shared, shards);
  }
}
