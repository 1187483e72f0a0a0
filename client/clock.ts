/** The only module that reads the wall clock: everything that depends on time is handed one of these. */
export interface Clock {
  /** Milliseconds from some start, never going back. */
  now(): number;
  /** Calls `work` once after `ms`. @returns how to call it off. */
  after(ms: number, work: () => void): () => void;
}

export const wallClock: Clock = {
  now: () => performance.now(),
  after(ms, work) {
    const timer = setTimeout(work, ms);
    return () => clearTimeout(timer);
  },
};
