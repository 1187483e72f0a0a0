/**
 * How players are told apart without relying on colour: an Okabe-Ito colour, a mark on the back, and stripes once the
 * colours come round again. One definition for the map, the scoreboard, the charts and the feed.
 */
import { svg } from './dom.ts';

/** Okabe & Ito's palette without black. */
const COLOURS = ['#E69F00', '#56B4E9', '#009E73', '#F0E442', '#0072B2', '#D55E00', '#CC79A7'] as const;

/** Filled outlines in a 16x16 box around (8, 8), even-odd: the same text serves Path2D and SVG. */
const MARKS = [
  'M8 4.9a3.1 3.1 0 1 0 0 6.2a3.1 3.1 0 1 0 0-6.2z', // dot
  'M4.3 6.7h7.4v2.6h-7.4z', // bar
  'M8 4.2a3.8 3.8 0 1 0 0 7.6a3.8 3.8 0 1 0 0-7.6zM8 6.3a1.7 1.7 0 1 1 0 3.4a1.7 1.7 0 1 1 0-3.4z', // ring
  'M6.8 4.3h2.4v2.5h2.5v2.4h-2.5v2.5h-2.4v-2.5h-2.5v-2.4h2.5z', // cross
  'M8 4.6l4 4.3-1.7 1.6-2.3-2.5-2.3 2.5-1.7-1.6z', // chevron
  'M5.2 5.2h5.6v5.6h-5.6z', // square
  'M8 4.3l4 6.9h-8z', // triangle
  'M6.7 4.3v7.4h-2.4v-7.4zM11.7 4.3v7.4h-2.4v-7.4z', // two bars
] as const;

export interface PlayerLook {
  readonly colour: string;
  /** Ink that can be read on the colour. */
  readonly ink: string;
  /** Outline of the mark, a path in a 16x16 box, even-odd. */
  readonly mark: string;
  /** 0 for the first seven players, 1 for the next seven, and so on. */
  readonly stripes: number;
}

export function lookOf(player: number): PlayerLook {
  const colour = COLOURS[player % COLOURS.length]!;
  return {
    colour,
    ink: luminance(colour) > 0.3 ? '#10161a' : '#ffffff',
    mark: MARKS[player % MARKS.length]!,
    stripes: Math.floor(player / COLOURS.length),
  };
}

/** Relative luminance of a #rrggbb colour, in [0, 1] (WCAG 2). */
export function luminance(colour: string): number {
  const channel = (at: number) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}

/** The player's badge beside its name; says nothing to a screen reader, the name does. */
export function badge(player: number): SVGElement {
  const look = lookOf(player);
  const parts = [
    svg('circle', { cx: 8, cy: 8, r: 7.5, fill: look.colour }),
    svg('path', { d: look.mark, fill: look.ink, 'fill-rule': 'evenodd' }),
  ];
  for (let k = 0; k < look.stripes; k++) {
    parts.push(
      svg('circle', { cx: 8, cy: 8, r: 6.7 - 1.6 * k, fill: 'none', stroke: look.ink, 'stroke-width': 0.9 }),
    );
  }
  return svg('svg', { viewBox: '0 0 16 16', class: 'badge', 'aria-hidden': 'true' }, ...parts);
}
