import { expect, it } from 'vitest';
import { boltzmann } from './explorer.ts';

it('draws by values over the temperature', () => {
  const out = new Float32Array(2);
  boltzmann(Float32Array.of(9, 1, 1.5), 1, 0.5, out);
  expect(out[1]! / out[0]!).toBeCloseTo(Math.E, 5);
});

it('is the best action where the temperature is next to nothing', () => {
  const out = new Float32Array(3);
  boltzmann(Float32Array.of(-1000, 1000, 999), 0, 1e-6, out);
  expect([...out]).toEqual([0, 1, 0]);
});
