/** Dark, as the arena is meant to be seen, until somebody chooses light. */
import { el } from './dom.ts';
import { icon } from './icons.ts';
import type { Settings, Theme } from './settings.ts';

export function activeTheme(): Theme {
  return document.documentElement.dataset.theme === 'light' ? 'light' : 'dark';
}

export function applyTheme(settings: Settings): void {
  document.documentElement.dataset.theme = settings.theme;
}

export function themeButton(settings: Settings, changed: () => void): HTMLButtonElement {
  const button = el('button', { class: 'icon', type: 'button' }, icon('theme'));
  const describe = () =>
    button.setAttribute(
      'aria-label',
      activeTheme() === 'dark' ? 'Switch to the light theme' : 'Switch to the dark theme',
    );
  button.addEventListener('click', () => {
    settings.theme = activeTheme() === 'dark' ? 'light' : 'dark';
    applyTheme(settings);
    describe();
    changed();
  });
  describe();
  button.title = 'Theme';
  return button;
}

/** Whether nothing should move that need not. */
export function prefersStill(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches;
}
