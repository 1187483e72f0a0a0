/** Which key does what: physical keys (`KeyboardEvent.code`), so that a layout does not tear WASD apart. */

/** What a player can press; `input/steering.ts` turns it into an action. */
export const CONTROLS = ['up', 'left', 'down', 'right', 'turnLeft', 'turnRight', 'fine', 'clean'] as const;
export type Control = (typeof CONTROLS)[number];

export const CONTROL_NAMES: Readonly<Record<Control, string>> = {
  up: 'Up / forward',
  left: 'Left',
  down: 'Down / backward',
  right: 'Right',
  turnLeft: 'Turn left',
  turnRight: 'Turn right',
  fine: 'Fine',
  clean: 'Clean',
};

/** The keys of each control, the first one shown on screen. */
export type Bindings = Readonly<Record<Control, readonly string[]>>;

export const DEFAULT_BINDINGS: Bindings = {
  up: ['KeyW', 'ArrowUp'],
  left: ['KeyA', 'ArrowLeft'],
  down: ['KeyS', 'ArrowDown'],
  right: ['KeyD', 'ArrowRight'],
  turnLeft: ['KeyQ'],
  turnRight: ['KeyE'],
  fine: ['Space'],
  clean: ['KeyC'],
};

export function controlOf(bindings: Bindings, code: string): Control | null {
  return CONTROLS.find((control) => bindings[control].includes(code)) ?? null;
}

/** The bindings with `code` as the first key of `control` and of nothing else. */
export function rebind(bindings: Bindings, control: Control, code: string): Bindings {
  const changed: Record<Control, readonly string[]> = { ...bindings };
  for (const other of CONTROLS) changed[other] = bindings[other].filter((known) => known !== code);
  changed[control] = [code, ...changed[control].slice(1)];
  return changed;
}

/** What was remembered, or the defaults where that is not a set of bindings. */
export function readBindings(text: string | null): Bindings {
  if (text === null) return DEFAULT_BINDINGS;
  try {
    const value = JSON.parse(text) as Partial<Record<Control, unknown>>;
    const whole = CONTROLS.every((control) => {
      const codes = value[control];
      return Array.isArray(codes) && codes.every((code) => typeof code === 'string');
    });
    return whole ? (value as Bindings) : DEFAULT_BINDINGS;
  } catch {
    return DEFAULT_BINDINGS;
  }
}

const KEY_LABELS: Readonly<Record<string, string>> = {
  ArrowUp: '↑',
  ArrowLeft: '←',
  ArrowDown: '↓',
  ArrowRight: '→',
  Space: 'Space',
  Escape: 'Esc',
  Minus: '-',
  Equal: '=',
  BracketLeft: '[',
  BracketRight: ']',
  Semicolon: ';',
  Quote: "'",
  Comma: ',',
  Period: '.',
  Slash: '/',
  Backslash: '\\',
  ShiftLeft: 'Shift',
  ShiftRight: 'Right Shift',
  ControlLeft: 'Ctrl',
  ControlRight: 'Right Ctrl',
};

/** A key as it is written on a keyboard. */
export function keyLabel(code: string | undefined): string {
  if (code === undefined) return 'none';
  return KEY_LABELS[code] ?? code.replace(/^(Key|Digit)/, '').replace(/^Numpad/, 'Num ');
}
