/** States that a policy came to: which of them are shown to whoever says what would have been right. */
import { elementsOf } from '../../shared/environment.ts';
import type { Random } from '../../shared/random.ts';
import type { Rollout } from '../rollout/rollout.ts';

/** A state with the few before it, of one player: [T, O] the last of which is asked about. */
export interface Visited {
  /** T */
  readonly steps: number;
  readonly observations: Uint8Array;
  /** [T, N] in relative slots, as signals are; empty where last actions are not revealed. */
  readonly lastActions: Uint8Array;
  /** [A] what the policy would do. */
  readonly probabilities: Float32Array;
  /** Where it is in the rollout. */
  readonly step: number;
  readonly column: number;
}

export interface Choosing {
  /** K */
  readonly count: number;
  /** Steps before it that go along, at most. */
  readonly context: number;
  readonly by: 'entropy' | 'random';
}

/**
 * K states of a segment, spread evenly over environments, players and time: of each K-th of the columns and their steps one,
 * whichever the policy is least sure of, or any. Those without their context are left out but where the episode starts.
 */
export function chooseVisited(rollout: Rollout, choosing: Choosing, random: Random): Visited[] {
  const { count, context, by } = choosing;
  const { steps } = rollout.shape;
  const { columns } = rollout;
  const candidates: { step: number; column: number; from: number }[] = [];
  for (let column = 0; column < columns; column++) {
    let start = -1;
    for (let step = 0; step < steps; step++) {
      if (rollout.starts[step * columns + column] === 1) start = step;
      const from = Math.max(step - context, start, 0);
      if (start >= 0 || step >= context) candidates.push({ step, column, from });
    }
  }
  const chosen: Visited[] = [];
  for (let k = 0; k < count; k++) {
    const low = Math.floor((k * candidates.length) / count);
    const high = Math.floor(((k + 1) * candidates.length) / count);
    if (low === high) continue;
    let best = low;
    if (by === 'random') best = low + random.below(high - low);
    else {
      let most = -1;
      for (let i = low; i < high; i++) {
        const { step, column } = candidates[i]!;
        const entropy = entropyAt(rollout, step * columns + column);
        if (entropy > most) {
          most = entropy;
          best = i;
        }
      }
    }
    const { step, column, from } = candidates[best]!;
    chosen.push(visitedAt(rollout, from, step, column));
  }
  return chosen;
}

function visitedAt(rollout: Rollout, from: number, step: number, column: number): Visited {
  const { columns, choices, shape } = rollout;
  const elements = elementsOf(shape.observation);
  const { players } = shape;
  const steps = step - from + 1;
  const signal = rollout.fields.lastActions;
  const observations = new Uint8Array(steps * elements);
  const lastActions = new Uint8Array(signal === undefined ? 0 : steps * players);
  for (let t = 0; t < steps; t++) {
    const i = (from + t) * columns + column;
    observations.set(rollout.observations.subarray(i * elements, (i + 1) * elements), t * elements);
    if (signal !== undefined) lastActions.set(signal.subarray(i * players, (i + 1) * players), t * players);
  }
  const i = (step * columns + column) * choices;
  return {
    steps,
    observations,
    lastActions,
    probabilities: rollout.probabilities.slice(i, i + choices),
    step,
    column,
  };
}

/** In nats. */
function entropyAt({ probabilities, choices }: Rollout, i: number): number {
  let entropy = 0;
  for (let a = 0; a < choices; a++) {
    const p = probabilities[i * choices + a]!;
    if (p > 0) entropy -= p * Math.log(p);
  }
  return entropy;
}
