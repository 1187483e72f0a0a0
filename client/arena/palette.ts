/** Colours of the map, by theme. Players' colours are in `players.ts`. */
import type { Theme } from '../settings.ts';

export interface MapColours {
  /** What lies beyond the map, in a seat's window. */
  readonly outside: string;
  /** Ground, and its faint variations. */
  readonly floor: string;
  readonly floorShade: readonly string[];
  readonly grass: string;
  /** A site without its apple. */
  readonly stubble: string;
  readonly hedge: string;
  readonly hedgeLight: string;
  readonly hedgeDark: string;
  readonly river: string;
  readonly stream: string;
  readonly wave: string;
  readonly waste: string;
  readonly wasteLight: string;
  readonly wasteDark: string;
  readonly apple: string;
  readonly appleDark: string;
  readonly appleLight: string;
  readonly leaf: string;
  readonly outline: string;
  readonly label: string;
  readonly labelEdge: string;
  readonly finingBeam: number;
  readonly cleaningBeam: number;
}

export const MAP_COLOURS: Readonly<Record<Theme, MapColours>> = {
  dark: {
    outside: '#0a0e11',
    floor: '#1f2a25',
    floorShade: ['#212d27', '#1d2722', '#23302a'],
    grass: '#31423a',
    stubble: '#57513c',
    hedge: '#2a5138',
    hedgeLight: '#3c6d4b',
    hedgeDark: '#1b3826',
    river: '#1f4d70',
    stream: '#2a6288',
    wave: '#4a86b0',
    waste: '#6a5a33',
    wasteLight: '#8d7c46',
    wasteDark: '#453a20',
    apple: '#f0604f',
    appleDark: '#b53a34',
    appleLight: '#ffc2b0',
    leaf: '#7ee0a3',
    outline: '#0b1013',
    label: '#e6edf3',
    labelEdge: '#0b1013',
    finingBeam: 0xffe08a,
    cleaningBeam: 0x8fe9ff,
  },
  light: {
    outside: '#e7ebe3',
    floor: '#dfe7d4',
    floorShade: ['#dae3ce', '#e3ead9', '#d7e0ca'],
    grass: '#bccbab',
    stubble: '#a89a6f',
    hedge: '#6f9c72',
    hedgeLight: '#8fb88f',
    hedgeDark: '#537d58',
    river: '#8cc0e0',
    stream: '#a6d1ea',
    wave: '#cde6f4',
    waste: '#97854f',
    wasteLight: '#b3a26b',
    wasteDark: '#6f6136',
    apple: '#d94436',
    appleDark: '#9f2a24',
    appleLight: '#ffc9bb',
    leaf: '#2f9a5c',
    outline: '#1d2a22',
    label: '#16211b',
    labelEdge: '#f4f6f1',
    finingBeam: 0xb07a00,
    cleaningBeam: 0x0086ad,
  },
};
