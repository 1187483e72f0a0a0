/**
 * Social outcome metrics (Perolat et al. 2017), streaming: fed one step at a time, read at any time.
 *
 * With R_i the sum of raw rewards, C_i what i has eaten, N players and T steps:
 * - efficiency U = sum_i R_i / T; collective return = sum_i R_i
 * - equality E = 1 - sum_ij |C_i - C_j| / (2 N sum_i C_i), in [0, 1]; 1 and `nothingEaten` where all is 0
 * - sustainability S = mean over the players that ate of the mean time at which they ate, in steps from 0
 * - peace P = (N T - player-steps spent timed out) / T, in [0, N]; hits and fines per player-step beside it
 */
import { type Environment, EventKind } from './environment.ts';

export interface SocialOutcome {
  readonly steps: number;
  readonly collectiveReturn: number;
  readonly efficiency: number;
  readonly equality: number;
  readonly nothingEaten: boolean;
  readonly sustainability: number;
  /** Players left out of sustainability. */
  readonly neverAte: number;
  readonly peace: number;
  readonly hitsPerPlayerStep: number;
  readonly finesPerPlayerStep: number;
}

export class SocialMetrics {
  readonly players: number;
  /**
   * All that is counted, [5, N] float64: return, apples eaten, sum of the times they were eaten at, fines, steps timed
   * out; then [steps, hits]. One array, so that it can be sent and restored as it is.
   */
  readonly counts: Float64Array;
  /** Views of `counts`, [N] each. */
  readonly returns: Float64Array;
  readonly eaten: Float64Array;
  readonly eatenAt: Float64Array;
  readonly fines: Float64Array;
  readonly timedOut: Float64Array;

  constructor(players: number) {
    this.players = players;
    this.counts = new Float64Array(5 * players + 2);
    const view = (k: number) => this.counts.subarray(k * players, (k + 1) * players);
    this.returns = view(0);
    this.eaten = view(1);
    this.eatenAt = view(2);
    this.fines = view(3);
    this.timedOut = view(4);
  }

  get steps(): number {
    return this.counts[5 * this.players]!;
  }

  get hits(): number {
    return this.counts[5 * this.players + 1]!;
  }

  reset(): void {
    this.counts.fill(0);
  }

  /** Counts the step that `environment` has just made. */
  record(environment: Environment): void {
    const { events } = environment;
    for (let k = 0; k < events.count; k++) this.event(events.kind[k]!, events.player[k]!);
    for (let i = 0; i < this.players; i++) this.returns[i]! += environment.rawRewards[i]!;
    this.tick();
  }

  /** One event of the step under way. */
  event(kind: number, player: number): void {
    if (kind === EventKind.ate) {
      this.eaten[player]!++;
      this.eatenAt[player]! += this.steps;
    } else if (kind === EventKind.fined) this.fines[player]!++;
    else if (kind === EventKind.hit) this.counts[5 * this.players + 1]!++;
  }

  /** The step under way is over. */
  tick(): void {
    this.counts[5 * this.players]!++;
  }

  outcome(): SocialOutcome {
    const n = this.players;
    const { steps } = this;
    let collectiveReturn = 0;
    let eaten = 0;
    let difference = 0;
    let meanTimes = 0;
    let neverAte = 0;
    let timedOut = 0;
    let fines = 0;
    for (let i = 0; i < n; i++) {
      collectiveReturn += this.returns[i]!;
      eaten += this.eaten[i]!;
      timedOut += this.timedOut[i]!;
      fines += this.fines[i]!;
      if (this.eaten[i] === 0) neverAte++;
      else meanTimes += this.eatenAt[i]! / this.eaten[i]!;
      for (let j = 0; j < n; j++) difference += Math.abs(this.eaten[i]! - this.eaten[j]!);
    }
    return {
      steps,
      collectiveReturn,
      efficiency: steps === 0 ? 0 : collectiveReturn / steps,
      equality: eaten === 0 ? 1 : 1 - difference / (2 * n * eaten),
      nothingEaten: eaten === 0,
      sustainability: neverAte === n ? 0 : meanTimes / (n - neverAte),
      neverAte,
      peace: steps === 0 ? n : (n * steps - timedOut) / steps,
      hitsPerPlayerStep: steps === 0 ? 0 : this.hits / (n * steps),
      finesPerPlayerStep: steps === 0 ? 0 : fines / (n * steps),
    };
  }
}
