/** Whether a policy's idea of its beam is what the beam does. */
import { describe, expect, it } from 'vitest';
import { EventKind } from '../environment.ts';
import { ActionKind } from '../grid/actions.ts';
import { Random } from '../random.ts';
import { makeEnvironment } from '../registry.ts';
import { aim, hits, NO_AIM, Target } from './aim.ts';
import { Atlas } from './atlas.ts';
import { policyContext } from './context.ts';

const SIZE = 15 * 15;

/**
 * Player 0 walks at random and fires now and then, and the others stand still. Calls `check` with what it expects of
 * each shot and what came of it: cells of the targets on its own map, and how many events of `kind` there were.
 */
function shootAbout(
  environment: ReturnType<typeof makeEnvironment>,
  target: Target,
  kind: number,
  check: (expected: number, events: number) => void,
) {
  const { players, events } = environment;
  const context = policyContext(environment, 0);
  const atlas = new Atlas(context);
  const windows = new Uint8Array(players * SIZE);
  const actions = new Uint8Array(players).fill(ActionKind.stay);
  const fire = target === Target.waste ? ActionKind.clean : ActionKind.fine;
  const random = new Random().seed(5);
  environment.reset(5);
  while (!environment.done) {
    environment.observe('ids', windows);
    atlas.look(windows, 0);
    const shoots = random.chance(0.2);
    const expected = hits(atlas, context, atlas.cell, atlas.facing, target);
    actions[0] = atlas.did(shoots ? fire : random.below(7));
    environment.step(actions, new Float32Array(players));
    if (!shoots) continue;
    let count = 0;
    for (let k = 0; k < events.count; k++) if (events.kind[k] === kind) count++;
    check(expected, count);
  }
}

describe('hits', () => {
  it('foretells how many players a fining beam hits', () => {
    let total = 0;
    shootAbout(
      makeEnvironment('cleanup', { players: 10, beamsVisible: false }),
      Target.players,
      EventKind.hit,
      (expected, hit) => {
        expect(hit).toBe(expected);
        total += hit;
      },
    );
    expect(total).toBeGreaterThan(20);
  });

  // None reaches farther than the window: what lies beyond it nobody can foretell.
  it.each([
    [0, 3],
    [2, 2],
    [3, 7],
  ])('knows beams of other sizes: %i rays to each side, %i cells long', (beamRadius, beamLength) => {
    const options = { players: 10, beamsVisible: false, beamRadius, beamLength };
    let total = 0;
    for (const [target, kind] of [
      [Target.players, EventKind.hit],
      [Target.waste, EventKind.cleaned],
    ] as const) {
      shootAbout(makeEnvironment('cleanup', options), target, kind, (expected, events) => {
        expect(events).toBe(expected);
        total += events;
      });
    }
    expect(total).toBeGreaterThan(20);
  });

  it('foretells how much waste a cleaning beam cleans, players in its way or not', () => {
    let total = 0;
    const environment = makeEnvironment('cleanup', { players: 10, beamsVisible: false });
    shootAbout(environment, Target.waste, EventKind.cleaned, (expected, cleaned) => {
      expect(cleaned).toBe(expected);
      total += cleaned;
    });
    expect(total).toBeGreaterThan(20);
  });
});

describe('aim', () => {
  it('finds no aim where there is no target, and none farther than asked', () => {
    const environment = makeEnvironment('cleanup', { players: 2 });
    environment.reset(1);
    const windows = new Uint8Array(2 * SIZE);
    environment.observe('ids', windows);
    const context = policyContext(environment, 0);
    const atlas = new Atlas(context);
    expect(aim(atlas, context, Target.waste, 100)).toBe(NO_AIM);
    atlas.look(windows, 0);
    expect(aim(atlas, context, Target.waste, 100)).not.toBe(NO_AIM);
    expect(hits(atlas, context, atlas.cell, atlas.facing, Target.waste)).toBe(0);
    expect(aim(atlas, context, Target.waste, 0)).toBe(NO_AIM);
  });

  it('turns to where three rays hit rather than firing at once with one', () => {
    const map = ['@@@@@', '@HHH@', '@ P @', '@@@@@'];
    const environment = makeEnvironment('cleanup', { players: 1, map, wasteThreshold: 0.01 });
    const context = policyContext(environment, 0);
    const atlas = new Atlas(context);
    const window = new Uint8Array(SIZE);
    let sideways = 0;
    for (let seed = 0; seed < 20; seed++) {
      environment.reset(seed);
      if (environment.grid!.facing(0) % 2 === 0) continue;
      sideways++;
      atlas.reset();
      environment.observe('ids', window);
      atlas.look(window, 0);
      expect(hits(atlas, context, atlas.cell, atlas.facing, Target.waste)).toBe(1);
      environment.step(Uint8Array.of(atlas.did(aim(atlas, context, Target.waste, 100))), new Float32Array(1));
      environment.observe('ids', window);
      atlas.look(window, 0);
      expect(aim(atlas, context, Target.waste, 100)).toBe(ActionKind.clean);
      expect(hits(atlas, context, atlas.cell, atlas.facing, Target.waste)).toBe(3);
    }
    expect(sideways).toBeGreaterThan(3);
  });
});

describe('policyContext', () => {
  it('says where in a window its player stands', () => {
    const options = { players: 3, windowAhead: 2, windowBehind: 5, windowLeft: 1, windowRight: 4 };
    const environment = makeEnvironment('harvest', options);
    environment.reset(1);
    const windows = new Uint8Array(3 * 8 * 6);
    environment.observe('ids', windows);
    for (let player = 0; player < 3; player++) {
      const { windowHeight, windowWidth, row, column } = policyContext(environment, player);
      expect([windowHeight, windowWidth]).toEqual([8, 6]);
      expect(windows[player * 48 + row * windowWidth + column]).toBe(16 + player);
    }
  });
});
