/**
 * Exact or classical tests of whether counts fit probabilities. Seeds are fixed, so a test passes always or never: the
 * significance level says how surprising a result a correct implementation may be frozen with.
 */

/** Reject below this everywhere: with some hundred tests a correct implementation is seldom frozen as a wrong one. */
export const SIGNIFICANCE = 1e-4;

/** ln Gamma(x) for x > 0, Lanczos' approximation (g 7, 9 terms), 1e-14 relative. */
export function logGamma(x: number): number {
  const c = [
    0.9999999999998099, 676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406,
    12.507343278686905, -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
  ];
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  let sum = c[0]!;
  for (let i = 1; i < c.length; i++) sum += c[i]! / (x - 1 + i);
  const t = x + 6.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

/** Q(a, x) = Gamma(a, x) / Gamma(a), the upper regularised incomplete gamma function. */
function upperGamma(a: number, x: number): number {
  if (x <= 0) return 1;
  const scale = Math.exp(-x + a * Math.log(x) - logGamma(a));
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let n = 1; term > sum * 1e-15; n++) sum += term *= x / (a + n);
    return 1 - sum * scale;
  }
  // Lentz's continued fraction.
  let b = x + 1 - a;
  let c = 1e300;
  let d = 1 / b;
  let h = d;
  for (let i = 1; i < 10_000; i++) {
    const an = -i * (i - a);
    b += 2;
    d = 1 / (an * d + b);
    c = b + an / c;
    h *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return h * scale;
}

/** Pearson's chi-square: the probability of a fit at least this bad. Expected counts should be 5 or more. */
export function chiSquare(observed: readonly number[], expected: readonly number[]): number {
  let statistic = 0;
  observed.forEach((count, i) => {
    statistic += (count - expected[i]!) ** 2 / expected[i]!;
  });
  return upperGamma((observed.length - 1) / 2, statistic / 2);
}

/** The same against equal shares. */
export function chiSquareUniform(observed: readonly number[]): number {
  const total = observed.reduce((sum, count) => sum + count, 0);
  return chiSquare(
    observed,
    observed.map(() => total / observed.length),
  );
}

/** Exact binomial test, two-sided: twice the smaller tail, at most 1. */
export function binomial(successes: number, trials: number, p: number): number {
  if (p === 0 || p === 1) return successes === p * trials ? 1 : 0;
  const logPmf = (k: number) =>
    logGamma(trials + 1) -
    logGamma(k + 1) -
    logGamma(trials - k + 1) +
    k * Math.log(p) +
    (trials - k) * Math.log1p(-p);
  let atMost = 0;
  let atLeast = 0;
  let term = Math.exp(logPmf(successes));
  for (let k = successes; k >= 0 && term > 1e-30; k--) {
    atMost += term;
    term *= (k / (trials - k + 1)) * ((1 - p) / p);
  }
  term = Math.exp(logPmf(successes));
  for (let k = successes; k <= trials && term > 1e-30; k++) {
    atLeast += term;
    term *= ((trials - k) / (k + 1)) * (p / (1 - p));
  }
  return Math.min(1, 2 * Math.min(atMost, atLeast));
}
