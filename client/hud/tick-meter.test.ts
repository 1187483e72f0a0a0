import { expect, test } from 'vitest';
import { TickMeter } from './tick-meter.ts';

test('tells the rate of the last seconds, not of all time', () => {
  const meter = new TickMeter();
  for (let now = 0; now < 10_000; now += 500) meter.add(now);
  for (let now = 10_000; now <= 15_000; now += 125) meter.add(now);
  expect(meter.rate).toBeCloseTo(8);
});

test('says nothing before it knows', () => {
  const meter = new TickMeter();
  expect(meter.rate).toBeNull();
  meter.add(0);
  meter.add(100);
  expect(meter.rate).toBeNull();
});
