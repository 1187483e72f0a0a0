/** What is drawn of made minds over a real mirror. */
import { beforeEach, expect, test } from 'vitest';
import { Outcome } from '../../../shared/environment.ts';
import { ActionKind } from '../../../shared/grid/actions.ts';
import { type Mind, WorldMirror } from '../../../shared/protocol/index.ts';
import { arrowWidth } from './geometry.ts';
import { GHOSTS, Thoughts } from './thoughts.ts';

const ACTIONS = 8;

/** Three players; `likely` is what is foreseen of the first other. */
function mind(seat: number, change: Partial<Mind> & { likely?: Record<number, number> } = {}): Mind {
  const { likely = {}, ...rest } = change;
  const predictions = new Float32Array(2 * ACTIONS);
  for (const [action, p] of Object.entries(likely)) predictions[Number(action)] = p;
  return {
    episode: 0,
    tick: 6,
    seat,
    action: ActionKind.forward,
    symbol: null,
    value: 2,
    probabilities: Float32Array.of(0, 0, 0.75, 0, 0.25, 0, 0, 0),
    predictions,
    influence: Float32Array.of(0.001, 0),
    checked: Uint32Array.of(4, 0),
    right: Uint32Array.of(3, 0),
    ...rest,
  };
}

let mirror: WorldMirror;
let thoughts: Thoughts;

beforeEach(() => {
  mirror = new WorldMirror({ width: 20, height: 20, players: 3, beamRadius: 1 });
  mirror.episode = 0;
  mirror.time = 7;
  thoughts = new Thoughts(3, ACTIONS);
});

/** Takes these minds, the first of them open. */
function take(progress: number, ...minds: readonly Mind[]): boolean {
  return thoughts.take(mirror, progress, minds[0]?.seat ?? null, (seat) => {
    return minds.find((one) => one.seat === seat) ?? null;
  });
}

/** Foreseen cells of a player, the likeliest first. */
function ghosts(player: number) {
  return Array.from({ length: GHOSTS }, (_, k) => player * GHOSTS + k)
    .filter((at) => thoughts.ghosts.likely[at]! > 0)
    .map((at) => [thoughts.ghosts.x[at], thoughts.ghosts.y[at], thoughts.ghosts.turn[at]]);
}

test('a mind that is opened shows its odds at once', () => {
  take(1, mind(0));
  expect(thoughts.p(ActionKind.forward, 0)).toBe(0.75);
  expect(thoughts.action).toBe(ActionKind.forward);
});

test('from one tick to the next odds are eased', () => {
  take(1, mind(0));
  take(1, mind(0, { tick: 7, probabilities: Float32Array.of(0, 0, 0.25, 0, 0.75, 0, 0, 0) }));
  expect([0, 0.5, 1].map((progress) => thoughts.p(ActionKind.forward, progress))).toEqual([0.75, 0.5, 0.25]);
});

test('easing that is cut short goes on from where it was', () => {
  take(1, mind(0));
  take(1, mind(0, { tick: 7, probabilities: Float32Array.of(0, 0, 0.25, 0, 0.75, 0, 0, 0) }));
  take(0.5, mind(0, { tick: 8, probabilities: Float32Array.of(0, 0, 1, 0, 0, 0, 0, 0) }));
  expect(thoughts.p(ActionKind.forward, 0)).toBe(0.5);
});

test('the same minds again are nothing new', () => {
  const same = mind(0);
  expect(take(1, same)).toBe(true);
  expect(take(1, same)).toBe(false);
});

test('influence goes from the seat to the players after it, round the table', () => {
  take(1, mind(2));
  expect(thoughts.width(2, 0, 1)).toBeCloseTo(arrowWidth(0.001), 5);
  expect(thoughts.width(2, 1, 1)).toBe(0);
});

test('an arrow thins away once its mind is no longer shown', () => {
  take(1, mind(2));
  thoughts.take(mirror, 1, null, () => null);
  expect(thoughts.width(2, 0, 0)).toBeCloseTo(arrowWidth(0.001), 5);
  expect(thoughts.width(2, 0, 1)).toBe(0);
});

test('steps are foreseen from where a player stood before the step that is shown', () => {
  mirror.column[1] = 10;
  mirror.row[1] = 5;
  mirror.facing[1] = 1;
  mirror.outcome[1] = Outcome.movedRight;
  // It stood at 9, 5 and faced right: forward leads to where it went, its left is up.
  take(1, mind(0, { likely: { [ActionKind.forward]: 0.7, [ActionKind.left]: 0.3 } }));
  expect(ghosts(1)).toEqual([
    [10, 5, 1],
    [9, 4, 1],
  ]);
});

test('a turn is foreseen from the facing before it', () => {
  mirror.facing[1] = 2;
  mirror.outcome[1] = Outcome.turnedClockwise;
  // It faced right: another turn to the left would have it face up.
  take(1, mind(0, { likely: { [ActionKind.turnCounterClockwise]: 1 } }));
  expect(ghosts(1)).toEqual([[0, 0, 0]]);
});

test('what is hardly likely is not foreseen', () => {
  take(1, mind(0, { likely: { [ActionKind.stay]: 0.95, [ActionKind.left]: 0.05 } }));
  expect(ghosts(1)).toHaveLength(1);
});

test('nothing is foreseen by a mind of an older step', () => {
  take(1, mind(0, { tick: 5, likely: { [ActionKind.forward]: 1 } }));
  expect(ghosts(1)).toEqual([]);
});

test('the value is a share of the largest since the mind was opened', () => {
  take(1, mind(0, { value: 4 }));
  take(1, mind(0, { tick: 7, value: -1 }));
  expect(thoughts.value(1)).toBe(-0.25);
});

test('an action that came too late stresses none', () => {
  take(1, mind(0, { action: null }));
  expect(thoughts.action).toBe(-1);
});

test('symbols are those of minds that are shown', () => {
  take(1, mind(0, { symbol: 3 }), mind(2, { symbol: 1 }));
  expect([...thoughts.symbols]).toEqual([3, -1, 1]);
  take(1, mind(0, { symbol: 3 }));
  expect([...thoughts.symbols]).toEqual([3, -1, -1]);
});
