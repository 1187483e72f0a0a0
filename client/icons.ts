/** Small line drawings for buttons: fonts differ in which symbols they have. Paths in a 16x16 box. */
import { svg } from './dom.ts';

const PATHS = {
  back: 'M10 3L5 8l5 5',
  pause: 'M5.5 3v10M10.5 3v10',
  play: 'M5 3l8 5-8 5z',
  slow: 'M4 4l5 4-5 4zM12 4v8',
  keys: 'M1.5 4.5h13v7h-13zM4 7h.1M7 7h.1M10 7h.1M12.5 7h.1M5 9.5h6',
  help: 'M5.5 6a2.5 2.5 0 1 1 3.6 2.2C8.3 8.6 8 9 8 10M8 12.5v.1',
  theme: 'M8 2a6 6 0 1 0 0 12zM8 2a6 6 0 0 1 0 12',
  plus: 'M8 3v10M3 8h10',
  minus: 'M3 8h10',
  link: 'M7 5.5H4.8a2.5 2.5 0 0 0 0 5H7M9 5.5h2.2a2.5 2.5 0 0 1 0 5H9M5.8 8h4.4',
  close: 'M4 4l8 8M12 4l-8 8',
  mind: 'M8 5.8a2.2 2.2 0 1 0 0 4.4a2.2 2.2 0 1 0 0-4.4zM8 1.5v2M8 12.5v2M1.5 8h2M12.5 8h2M3.4 3.4l1.4 1.4M11.2 11.2l1.4 1.4M12.6 3.4l-1.4 1.4M4.8 11.2l-1.4 1.4',
  swap: 'M3 5.5h9M9.5 3L12 5.5 9.5 8M13 10.5H4M6.5 8L4 10.5 6.5 13',
  follow: 'M8 1.5v3M8 11.5v3M1.5 8h3M11.5 8h3M8 5.5a2.5 2.5 0 1 0 0 5a2.5 2.5 0 1 0 0-5z',
} as const;

export type IconName = keyof typeof PATHS;

export function icon(name: IconName): SVGElement {
  return svg(
    'svg',
    { viewBox: '0 0 16 16', class: 'glyph', 'aria-hidden': 'true' },
    svg('path', { d: PATHS[name] }),
  );
}
