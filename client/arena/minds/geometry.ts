/** Where a mind's parts lie and how large they are drawn: pure, so that it can be checked by hand. */
import { ActionKind } from '../../../shared/grid/actions.ts';

/** A sector around a creature: its middle clockwise from straight ahead, and half its width, in degrees. */
export interface Wedge {
  readonly angle: number;
  readonly half: number;
}

const EIGHTH = 22.5;

/** Steps lie where they lead, turns beside the head; what moves nobody lies behind. */
const WEDGES: readonly Wedge[] = (() => {
  const wedges: Wedge[] = [];
  wedges[ActionKind.forward] = { angle: 0, half: EIGHTH };
  wedges[ActionKind.turnClockwise] = { angle: 45, half: EIGHTH };
  wedges[ActionKind.right] = { angle: 90, half: EIGHTH };
  wedges[ActionKind.fine] = { angle: 135, half: EIGHTH };
  wedges[ActionKind.backward] = { angle: 180, half: EIGHTH };
  wedges[ActionKind.stay] = { angle: 225, half: EIGHTH };
  wedges[ActionKind.left] = { angle: 270, half: EIGHTH };
  wedges[ActionKind.turnCounterClockwise] = { angle: 315, half: EIGHTH };
  return wedges;
})();

/** Where there is cleaning, it shares an eighth with fining. */
const FINE_BESIDE_CLEAN: Wedge = { angle: 123.75, half: EIGHTH / 2 };
const CLEAN: Wedge = { angle: 146.25, half: EIGHTH / 2 };

/** @param actions how many the environment has. */
export function wedgeOf(action: number, actions: number): Wedge {
  if (action === ActionKind.clean) return CLEAN;
  if (action === ActionKind.fine && actions > ActionKind.clean) return FINE_BESIDE_CLEAN;
  return WEDGES[action]!;
}

/** Radius up to which a wedge of probability `p` is filled: its area grows with p. */
export function wedgeReach(p: number, inner: number, outer: number): number {
  return Math.sqrt(inner * inner + p * (outer * outer - inner * inner));
}

/** Influence below this is not drawn, nats. */
const LEAST_INFLUENCE = 4e-6;
/** The widest arrow, CSS pixels. */
export const WIDEST = 12;

/**
 * Width of an arrow of influence in CSS pixels, for it spans five powers of ten: two more for each, 2 at 0.00003 nats, 8 at
 * 0.03, none below 0.000004.
 */
export function arrowWidth(nats: number): number {
  if (!(nats > LEAST_INFLUENCE)) return 0;
  return Math.min(WIDEST, 2 * Math.log10(nats / LEAST_INFLUENCE) + 0.3);
}

/** Sides of the sampled curve. */
export const CURVE_POINTS = 13;
/** How far an arrow bows to the left of its way, of its length: there and back never lie on each other. */
const BOW = 0.16;

/**
 * The middle line of a curved arrow, a quadratic Bézier curve from (x0, y0) towards (x1, y1), cut off at both ends.
 * @param out [CURVE_POINTS, 4] x, y and the unit normal there, which points to the left on screen.
 * @param from @param to lengths cut off at the start and at the end, in the unit of the points.
 * @returns whether anything is left of it.
 */
export function sampleCurve(
  out: Float32Array,
  x0: number,
  y0: number,
  x1: number,
  y1: number,
  from: number,
  to: number,
): boolean {
  const dx = x1 - x0;
  const dy = y1 - y0;
  const length = Math.hypot(dx, dy);
  if (length <= to * 1.2) return false;
  // Near ones keep at least half of their arrow.
  const start = Math.min(from, (length - to) / 2) / length;
  const end = 1 - to / length;
  const cx = (x0 + x1) / 2 + dy * BOW * 2;
  const cy = (y0 + y1) / 2 - dx * BOW * 2;
  for (let k = 0; k < CURVE_POINTS; k++) {
    const t = start + ((end - start) * k) / (CURVE_POINTS - 1);
    const s = 1 - t;
    const tx = 2 * s * (cx - x0) + 2 * t * (x1 - cx);
    const ty = 2 * s * (cy - y0) + 2 * t * (y1 - cy);
    const speed = Math.hypot(tx, ty) || 1;
    out[4 * k] = s * s * x0 + 2 * s * t * cx + t * t * x1;
    out[4 * k + 1] = s * s * y0 + 2 * s * t * cy + t * t * y1;
    out[4 * k + 2] = ty / speed;
    out[4 * k + 3] = -tx / speed;
  }
  return true;
}
