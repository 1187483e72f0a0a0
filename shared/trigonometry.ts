/**
 * Sine and cosine that give the same bits on every machine and in every browser: `Math.sin` and `Math.cos` may differ in
 * the last one between engines. Only IEEE additions and multiplications are used, in an order that is fixed.
 *
 * The method and the constants are fdlibm's (Sun Microsystems 1993): an angle is reduced to [-pi/4, pi/4] with as much of
 * pi/2 as it takes, and a polynomial of degree 13 or 14 does the rest. The error is below one unit in the last place.
 */

/** 2^20: beyond this angle the reduction would need more of pi/2 than is kept here. */
const LIMIT = 0x100000;
/** 1.5 * 2^52: added and taken away, it rounds a double to the nearest integer. */
const ROUND = 1.5 * 0x10000000000000;
/** 2^-16 and 2^-49: how much smaller than the angle what is left may be before the next piece is needed. */
const CANCELLED_1 = 1 / 0x10000;
const CANCELLED_2 = 1 / 0x2000000000000;

const TWO_OVER_PI = 0.6366197723675814;
/** pi/2 in pieces of 33 bits, each with what is left of pi/2 after it. */
const PIECE_1 = 1.5707963267341256;
const REST_1 = 6.077100506506192e-11;
const PIECE_2 = 6.077100506303966e-11;
const REST_2 = 2.0222662487959506e-21;
const PIECE_3 = 2.0222662487111665e-21;
const REST_3 = 8.4784276603689e-32;

/** What the last reduction left: the angle is quarter * pi/2 + head + tail. */
let quarter = 0;
let head = 0;
let tail = 0;

/** @param x radians, within 2^20. @returns sin x, float64. @throws {RangeError} for an angle beyond. */
export function sin(x: number): number {
  reduce(x);
  switch (quarter & 3) {
    case 0:
      return sinKernel(head, tail);
    case 1:
      return cosKernel(head, tail);
    case 2:
      return -sinKernel(head, tail);
    default:
      return -cosKernel(head, tail);
  }
}

/** @param x radians, within 2^20. @returns cos x, float64. @throws {RangeError} for an angle beyond. */
export function cos(x: number): number {
  reduce(x);
  switch (quarter & 3) {
    case 0:
      return cosKernel(head, tail);
    case 1:
      return -sinKernel(head, tail);
    case 2:
      return -cosKernel(head, tail);
    default:
      return sinKernel(head, tail);
  }
}

function reduce(x: number): void {
  const size = Math.abs(x);
  if (!(size <= LIMIT)) throw new RangeError(`angle ${x} is not within 2^20 radians`);
  if (size <= Math.PI / 4) {
    quarter = 0;
    head = x;
    tail = 0;
    return;
  }
  const n = x * TWO_OVER_PI + ROUND - ROUND;
  let r = x - n * PIECE_1;
  let w = n * REST_1;
  head = r - w;
  // Where the subtraction has cancelled so many bits that the first piece is too short, the next ones follow.
  if (Math.abs(head) < size * CANCELLED_1) {
    let t = r;
    w = n * PIECE_2;
    r = t - w;
    w = n * REST_2 - (t - r - w);
    head = r - w;
    if (Math.abs(head) < size * CANCELLED_2) {
      t = r;
      w = n * PIECE_3;
      r = t - w;
      w = n * REST_3 - (t - r - w);
      head = r - w;
    }
  }
  quarter = n;
  tail = r - head - w;
}

/** sin(x + y) for |x| <= pi/4 and a y that is below x's last place. */
function sinKernel(x: number, y: number): number {
  const z = x * x;
  const w = z * z;
  const r =
    0.00833333333332249 +
    z * (-0.0001984126982985795 + z * 2.7557313707070068e-6) +
    z * w * (-2.5050760253406863e-8 + z * 1.58969099521155e-10);
  const v = z * x;
  return x - (z * (0.5 * y - v * r) - y - v * -0.16666666666666632);
}

/** cos(x + y), likewise. */
function cosKernel(x: number, y: number): number {
  const z = x * x;
  const w = z * z;
  const r =
    z * (0.0416666666666666 + z * (-0.001388888888887411 + z * 2.480158728947673e-5)) +
    w * w * (-2.7557314351390663e-7 + z * (2.087572321298175e-9 + z * -1.1359647557788195e-11));
  const half = 0.5 * z;
  const one = 1 - half;
  return one + (1 - one - half + (z * r - x * y));
}
