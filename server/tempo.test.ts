import { beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from './pulse.ts';
import { LockstepTempo } from './tempo.ts';

/** Time that passes when it is told to. */
class HandClock implements Clock {
  #now = 0;
  #timers = new Set<{ readonly at: number; readonly callback: () => void }>();

  now(): number {
    return this.#now;
  }

  after(delay: number, callback: () => void): () => void {
    const timer = { at: this.#now + delay, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  pass(milliseconds: number): void {
    this.#now += milliseconds;
    for (const timer of [...this.#timers]) {
      if (timer.at <= this.#now && this.#timers.delete(timer)) timer.callback();
    }
  }
}

const room = { anybody: false, everybodyActed: false, thinking: false };
let ticks = 0;
let clock: HandClock;
let tempo: LockstepTempo;

beforeEach(() => {
  Object.assign(room, { anybody: false, everybodyActed: false, thinking: false });
  ticks = 0;
  clock = new HandClock();
  const attendance = {
    anybody: () => room.anybody,
    everybodyActed: () => room.everybodyActed,
    thinking: () => room.thinking,
  };
  // Two seconds for those who play, ten ticks a second without them.
  tempo = new LockstepTempo(2, 10, attendance, () => ticks++, clock);
});

describe('a lockstep room', () => {
  it('ticks at its rate where only bots play', () => {
    tempo.start();
    clock.pass(100);
    clock.pass(100);
    expect(ticks).toBe(2);
  });

  it('waits for who has just sat down, whenever its next tick would have been', () => {
    tempo.start();
    clock.pass(90);
    room.anybody = true;
    tempo.changed();
    clock.pass(1990);
    expect(ticks).toBe(0);
    clock.pass(10);
    expect(ticks).toBe(1);
  });

  it('goes on at its rate once the last player has left', () => {
    room.anybody = true;
    tempo.start();
    room.anybody = false;
    tempo.changed();
    clock.pass(100);
    expect(ticks).toBe(1);
  });

  it('ticks as soon as all have acted, trained policies too', () => {
    Object.assign(room, { anybody: true, everybodyActed: true, thinking: true });
    tempo.start();
    tempo.changed();
    expect(ticks).toBe(0);
    room.thinking = false;
    tempo.changed();
    expect(ticks).toBe(1);
  });

  it('ticks not before its rate where policies are quick', () => {
    tempo.start();
    tempo.changed();
    expect(ticks).toBe(0);
  });

  it('waits for policies that are slower than its rate', () => {
    room.thinking = true;
    tempo.start();
    clock.pass(100);
    expect(ticks).toBe(0);
    room.thinking = false;
    tempo.changed();
    expect(ticks).toBe(1);
  });

  it('waits for policies no longer than for people', () => {
    room.thinking = true;
    tempo.start();
    clock.pass(100);
    clock.pass(1899);
    expect(ticks).toBe(0);
    clock.pass(1);
    expect(ticks).toBe(1);
  });
});
