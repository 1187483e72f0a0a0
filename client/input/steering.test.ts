import { describe, expect, test } from 'vitest';
import { ActionKind } from '../../shared/grid/actions.ts';
import { actionFor, directionOf } from './steering.ts';

const DIRECTIONS = ['up', 'right', 'down', 'left'] as const;

describe('steering by the screen', () => {
  test('a direction moves the player that way on screen, whichever way it faces', () => {
    for (let facing = 0; facing < 4; facing++) {
      DIRECTIONS.forEach((control, direction) => {
        const action = actionFor(control, facing, 'screen', 8)!;
        expect(directionOf(action, facing)).toBe(direction);
      });
    }
  });

  test('up is a step backward for a player that faces down', () => {
    expect(actionFor('up', 2, 'screen', 8)).toBe(ActionKind.backward);
  });
});

describe('steering by the facing', () => {
  test('W, A, S, D are forward, left, backward, right for every facing', () => {
    for (let facing = 0; facing < 4; facing++) {
      expect(actionFor('up', facing, 'facing', 8)).toBe(ActionKind.forward);
      expect(actionFor('left', facing, 'facing', 8)).toBe(ActionKind.left);
      expect(actionFor('down', facing, 'facing', 8)).toBe(ActionKind.backward);
      expect(actionFor('right', facing, 'facing', 8)).toBe(ActionKind.right);
    }
  });
});

test('turning and beams do not depend on the steering', () => {
  for (const steering of ['screen', 'facing'] as const) {
    expect(actionFor('turnRight', 1, steering, 9)).toBe(ActionKind.turnClockwise);
    expect(actionFor('turnLeft', 1, steering, 9)).toBe(ActionKind.turnCounterClockwise);
    expect(actionFor('fine', 1, steering, 9)).toBe(ActionKind.fine);
    expect(actionFor('clean', 1, steering, 9)).toBe(ActionKind.clean);
  }
});

test('cleaning is no action where the environment has none', () => {
  expect(actionFor('clean', 0, 'screen', 8)).toBeNull();
});
