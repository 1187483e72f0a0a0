import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actFrame, type WaitingFrame, WaitingFrames } from './play-frames.ts';

const frame = (episode: number, ended: boolean, reward: number): WaitingFrame => ({
  bytes: new Uint8Array(0),
  episode,
  ended,
  rewards: Float64Array.of(reward),
  missed: 0,
});

/** All that wait, in order. */
function drain(frames: WaitingFrames): WaitingFrame[] {
  const taken: WaitingFrame[] = [];
  for (let next = frames.take(); next !== undefined; next = frames.take()) taken.push(next);
  return taken;
}

describe('frames that wait', () => {
  it('are the newest alone within an episode, with the rewards of all', () => {
    const frames = new WaitingFrames();
    for (const reward of [1, 2, 4]) frames.add(frame(0, false, reward));
    expect(drain(frames)).toEqual([{ ...frame(0, false, 7), missed: 2 }]);
  });

  it('keep rewards of an episode from the next', () => {
    const frames = new WaitingFrames();
    for (const next of [frame(0, false, 1), frame(0, true, 2), frame(1, false, 0), frame(1, false, 4)]) {
      frames.add(next);
    }
    expect(drain(frames)).toEqual([
      { ...frame(0, true, 3), missed: 1 },
      { ...frame(1, false, 4), missed: 1 },
    ]);
  });

  it('are two at most: an end that is older than another is gone', () => {
    const frames = new WaitingFrames();
    for (const episode of [0, 1, 2]) {
      frames.add(frame(episode, false, 1));
      frames.add(frame(episode, true, 1));
    }
    frames.add(frame(3, false, 1));
    expect(drain(frames).map(({ episode }) => episode)).toEqual([2, 3]);
  });

  it('miss nothing uncounted: what is given and what is missed are all ticks that could be acted for', () => {
    // Frames in order, T where somebody takes one.
    fc.assert(
      fc.property(fc.array(fc.constantFrom('step', 'end', 'take'), { maxLength: 60 }), (story) => {
        const frames = new WaitingFrames();
        let episode = 0;
        let sent = 0;
        let counted = 0;
        const count = (taken: WaitingFrame | undefined) => {
          if (taken !== undefined) counted += taken.missed + (taken.ended ? 0 : 1);
        };
        for (const event of story) {
          if (event === 'take') {
            count(frames.take());
            continue;
          }
          frames.add(frame(episode, event === 'end', 1));
          if (event === 'end') episode++;
          else sent++;
        }
        for (const taken of drain(frames)) count(taken);
        expect(counted).toBe(sent);
      }),
    );
  });
});

it('an action is sent as link, episode, tick, seat and action', () => {
  expect([...actFrame(0x0102, { episode: 3, tick: 0x0405 }, [6, 7], [8, 9])]).toEqual([
    2, 1, 0, 0, 3, 0, 0, 0, 5, 4, 0, 0, 6, 8, 7, 9,
  ]);
});
