/** How many multiplications a network takes, from the shapes of its parameters. */

import type { ParameterSpec } from '../../agents/networks/parameters.ts';
import type { ArraySpec } from '../../shared/environment.ts';

export interface Multiplications {
  /** Of one sample forward, for acting. */
  readonly forward: number;
  /** Of one sample forward and backward, the mean over a sequence. */
  readonly training: number;
}

/**
 * A matrix [in, out] multiplies in * out times a sample, a filter [h, w, in, out] h * w * in * out times at each place
 * of a valid convolution. Backward has two products for each: one for the weights, one for what went in, which three
 * products need not: the first layer's, and that of the recurrent matrix at the first step of a sequence.
 * @param specs of a policy that starts with a convolution or a dense layer. @param steps of a sequence.
 */
export function multiplications(
  specs: readonly ParameterSpec[],
  observation: ArraySpec,
  steps: number,
): Multiplications {
  let forward = 0;
  let unneeded = 0;
  for (const { name, shape } of specs) {
    // A bias multiplies nothing.
    if (shape.length < 2) continue;
    let count = shape.reduce((product, side) => product * side, 1);
    if (shape.length === 4) {
      const [height, width] = observation.shape as [number, number];
      count *= (height - shape[0]! + 1) * (width - shape[1]! + 1);
    }
    if (forward === 0) unneeded += count;
    if (name.endsWith('/h')) unneeded += count / steps;
    forward += count;
  }
  return { forward, training: 3 * forward - unneeded };
}
