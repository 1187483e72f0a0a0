/** For tests: gradients as tfjs computes them against central finite differences. */
import * as tf from '../engine/tf.ts';

/**
 * The largest |analytic - numeric| / max(1, |numeric|) over all elements of x.
 *
 * Numeric is (f(x + h) - f(x - h)) / 2h. In float32 with values near 1 and h = 1e-2, rounding adds about 1e-5 and the
 * curvature about 1e-4, so below 2e-3 is equal; a point where f is not smooth within h is no use.
 * @param f a scalar function of a float32 tensor of x's shape.
 */
export function gradientError(f: (x: tf.Tensor) => tf.Scalar, x: tf.Tensor, h = 1e-2): number {
  return tf.tidy(() => {
    const analytic = tf
      .grad((input) => f(input))(x)
      .dataSync();
    const values = x.dataSync();
    let worst = 0;
    for (let i = 0; i < values.length; i++) {
      const at = (step: number) => {
        const moved = Float32Array.from(values);
        moved[i]! += step;
        return f(tf.tensor(moved, x.shape)).dataSync()[0]!;
      };
      const numeric = (at(h) - at(-h)) / (2 * h);
      // Written so that a gradient that is not a number is an error too.
      const error = Math.abs(analytic[i]! - numeric) / Math.max(1, Math.abs(numeric));
      if (!(error <= worst)) worst = error;
    }
    return worst;
  });
}
