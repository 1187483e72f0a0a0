import { describe, expect, test } from 'vitest';
import { type Clock, Pulse } from './pulse.ts';

/** A clock that only moves when told, whose timers fire `jitter()` ms late. */
class HandClock implements Clock {
  time = 1000;
  jitter: () => number = () => 0;
  #timer: { at: number; callback: () => void } | null = null;

  now(): number {
    return this.time;
  }

  after(delay: number, callback: () => void): () => void {
    const timer = { at: this.time + delay + this.jitter(), callback };
    this.#timer = timer;
    return () => {
      if (this.#timer === timer) this.#timer = null;
    };
  }

  /** Moves to `time`, firing what comes due on the way. */
  runTo(time: number): void {
    while (this.#timer !== null && this.#timer.at <= time) {
      const { at, callback } = this.#timer;
      this.#timer = null;
      this.time = Math.max(this.time, at);
      callback();
    }
    this.time = Math.max(this.time, time);
  }
}

describe('Pulse', () => {
  test('N beats take N periods although every timer fires late', () => {
    const clock = new HandClock();
    let k = 0;
    clock.jitter = () => 1 + (k++ % 7);
    let beats = 0;
    const pulse = new Pulse(8, () => beats++, clock);
    pulse.start();
    clock.runTo(1000 + 125 * 800 + 8);
    expect(beats).toBe(800);
  });

  test('a rate whose period is no whole number of milliseconds does not drift either', () => {
    const clock = new HandClock();
    let beats = 0;
    const pulse = new Pulse(60, () => beats++, clock);
    pulse.start();
    clock.runTo(1000 + 60_000 + 0.5);
    expect(beats).toBe(3600);
  });

  test('tells each beat how late it comes', () => {
    const clock = new HandClock();
    clock.jitter = () => 3;
    const lateness: number[] = [];
    const pulse = new Pulse(10, (late) => lateness.push(late), clock);
    pulse.start();
    clock.runTo(1310);
    expect(lateness).toEqual([3, 3, 3]);
  });

  test('a beat that takes longer than the period slows the pulse down instead of bursting', () => {
    const clock = new HandClock();
    const at: number[] = [];
    const pulse = new Pulse(
      10,
      () => {
        at.push(clock.time);
        clock.time += 250;
      },
      clock,
    );
    pulse.start();
    clock.runTo(4000);
    const gaps = at.slice(1).map((time, i) => time - at[i]!);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(250);
  });

  test('says that it is not steady while it cannot hold its rate, and that it is again', () => {
    const clock = new HandClock();
    let cost = 250;
    const pulse = new Pulse(10, () => (clock.time += cost), clock);
    pulse.start();
    clock.runTo(8000);
    expect(pulse.pace.steady).toBe(false);
    expect(pulse.pace.hz).toBeLessThan(5);
    cost = 0;
    clock.runTo(16_000);
    expect(pulse.pace.steady).toBe(true);
  });

  test('stops within a beat', () => {
    const clock = new HandClock();
    let beats = 0;
    const pulse: Pulse = new Pulse(
      10,
      () => {
        if (++beats === 3) pulse.stop();
      },
      clock,
    );
    pulse.start();
    clock.runTo(5000);
    expect(beats).toBe(3);
  });
});
