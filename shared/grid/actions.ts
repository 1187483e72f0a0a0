/** Actions are numbered alike in every grid environment; steps are relative to the facing. */
export const ActionKind = {
  left: 0,
  right: 1,
  forward: 2,
  backward: 3,
  stay: 4,
  turnClockwise: 5,
  turnCounterClockwise: 6,
  fine: 7,
  clean: 8,
} as const;

/** What every grid environment has. */
export const ACTION_LABELS: readonly string[] = [
  'left',
  'right',
  'forward',
  'backward',
  'stay',
  'turn clockwise',
  'turn counter-clockwise',
  'fine',
];
