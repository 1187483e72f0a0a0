import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ActionKind } from '../../../shared/grid/actions.ts';
import { arrowWidth, CURVE_POINTS, sampleCurve, wedgeOf, wedgeReach } from './geometry.ts';

describe('wedges', () => {
  test('steps lie where they lead, clockwise from ahead', () => {
    const { forward, right, backward, left } = ActionKind;
    expect([forward, right, backward, left].map((action) => wedgeOf(action, 8).angle)).toEqual([
      0, 90, 180, 270,
    ]);
  });

  test.each([8, 9])('%d of them go round once without overlap', (actions) => {
    const wedges = Array.from({ length: actions }, (_, action) => wedgeOf(action, actions));
    wedges.sort((a, b) => a.angle - b.angle);
    for (let k = 1; k < actions; k++) {
      const [before, after] = [wedges[k - 1]!, wedges[k]!];
      expect(before.angle + before.half).toBe(after.angle - after.half);
    }
    expect(wedges.reduce((sum, { half }) => sum + 2 * half, 0)).toBe(360);
  });

  test('areas grow with probability: half of it fills half of the ring', () => {
    // Between radii 1 and 3 the ring has 8 pi; 4 pi of it reach up to the root of 5.
    expect(wedgeReach(0.5, 1, 3)).toBeCloseTo(Math.sqrt(5), 12);
    expect([wedgeReach(0, 1, 3), wedgeReach(1, 1, 3)]).toEqual([1, 3]);
  });
});

describe('widths of arrows', () => {
  test('ten times the influence is two pixels more', () => {
    expect(arrowWidth(1e-2) - arrowWidth(1e-3)).toBeCloseTo(2, 12);
  });

  test('no influence has no arrow, nor has one too small to be seen', () => {
    expect([0, 4e-6, Number.NaN].map(arrowWidth)).toEqual([0, 0, 0]);
  });

  test('never decrease with influence', () => {
    const nats = fc.double({ min: 0, max: 100, noNaN: true });
    fc.assert(
      fc.property(nats, nats, (a, b) => {
        expect(arrowWidth(Math.max(a, b))).toBeGreaterThanOrEqual(arrowWidth(Math.min(a, b)));
      }),
    );
  });
});

describe('curves of arrows', () => {
  const curve = new Float32Array(4 * CURVE_POINTS);
  const middle = 4 * ((CURVE_POINTS - 1) / 2);

  test('bow to the left of their way', () => {
    expect(sampleCurve(curve, 0, 0, 100, 0, 0, 0)).toBe(true);
    // Up on screen is less y: to the left of who goes right. At its middle, 0.16 of 100.
    expect(curve[middle + 1]).toBeCloseTo(-16, 4);
  });

  test('there and back lie on different sides', () => {
    sampleCurve(curve, 100, 0, 0, 0, 0, 0);
    expect(curve[middle + 1]).toBeCloseTo(16, 4);
  });

  test('carry a normal that points to the left', () => {
    sampleCurve(curve, 0, 0, 100, 0, 0, 0);
    expect(curve[middle + 2]).toBeCloseTo(0, 6);
    expect(curve[middle + 3]).toBeCloseTo(-1, 6);
  });

  test('players upon each other have none', () => {
    expect(sampleCurve(curve, 5, 5, 5, 5, 10, 10)).toBe(false);
  });

  test('stay between both ends', () => {
    const coordinate = fc.integer({ min: -1000, max: 1000 });
    fc.assert(
      fc.property(coordinate, coordinate, coordinate, coordinate, (x0, y0, x1, y1) => {
        if (!sampleCurve(curve, x0, y0, x1, y1, 20, 16)) return;
        const length = Math.hypot(x1 - x0, y1 - y0);
        for (let k = 0; k < CURVE_POINTS; k++) {
          const away = Math.hypot(curve[4 * k]! - x0, curve[4 * k + 1]! - y0);
          expect(away).toBeLessThanOrEqual(1.2 * length);
        }
      }),
    );
  });
});
