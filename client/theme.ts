/** What the system prefers, dark or light, until somebody chooses here. */
import { el } from './dom.ts';
import { icon } from './icons.ts';
import type { Settings, Theme } from './settings.ts';

export function activeTheme(): Theme {
  return document.documentElement.dataset.theme === 'light' ? 'light' : 'dark';
}

const systemLight = matchMedia('(prefers-color-scheme: light)');
/** Draws anew what is on screen: the button of the page that is shown has been told how. */
let redraw: () => void = () => {};

/** Sets the theme, now and whenever the system's changes. */
export function followTheme(settings: Settings): void {
  applyTheme(settings);
  systemLight.addEventListener('change', () => {
    if (settings.theme !== null) return;
    applyTheme(settings);
    redraw();
  });
}

function applyTheme({ theme }: Settings): void {
  document.documentElement.dataset.theme = theme ?? (systemLight.matches ? 'light' : 'dark');
}

/** One a page. @param changed told when the theme has changed, by the button or by the system. */
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
    redraw();
  });
  redraw = () => {
    describe();
    changed();
  };
  describe();
  button.title = 'Theme';
  return button;
}

/** Whether nothing should move that need not. */
export function prefersStill(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches;
}
