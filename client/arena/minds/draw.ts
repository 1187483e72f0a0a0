/** How minds are drawn: wedges, a bar and arrows, with a pen that keeps its commands from frame to frame. */
import type { GameObjects } from 'phaser';
import { CURVE_POINTS, sampleCurve, wedgeOf, wedgeReach } from './geometry.ts';
import type { Thoughts } from './thoughts.ts';

type Pen = GameObjects.Graphics;

/** Radii around an open mind's creature, in cells. */
export const INNER = 0.78;
export const OUTER = 2.3;
/** Where the actions' marks lie. */
export const RIM = 2.72;
/** Up to here its ground is darkened. */
export const DISC = 3.12;
/** From there to the middle of its bar. */
const BAR = 0.3;

/** Gap between neighbouring wedges, degrees. */
const GAP = 3;

const RADIANS = Math.PI / 180;
const curve = new Float32Array(4 * CURVE_POINTS);

export interface WedgeLook {
  /** The creature's middle, pixels. */
  x: number;
  y: number;
  /** Pixels a cell of the drawing, which on a small map is larger than the map's. */
  unit: number;
  /** Quarter turns clockwise from up. */
  turn: number;
  colour: number;
  /** Of the ground under it, and of what is stressed. */
  ground: number;
  bright: number;
  /** 0 while it is closed, 1 when it is open. */
  strength: number;
}

export function drawWedges(pen: Pen, thoughts: Thoughts, look: WedgeLook, progress: number): void {
  const { x, y, unit, turn, colour, ground, bright, strength } = look;
  const inner = INNER * unit;
  const outer = OUTER * unit;
  pen.fillStyle(ground, 0.66 * strength).fillCircle(x, y, DISC * unit);
  pen.lineStyle(Math.max(1, unit / 24), bright, 0.16 * strength);
  pen.strokeCircle(x, y, outer).strokeCircle(x, y, wedgeReach(0.25, inner, outer));
  for (let action = 0; action < thoughts.actions; action++) {
    const { angle, half } = wedgeOf(action, thoughts.actions);
    const middle = angle + turn * 90 - 90;
    const from = (middle - half + GAP / 2) * RADIANS;
    const to = (middle + half - GAP / 2) * RADIANS;
    const drawn = action === thoughts.action;
    pen.fillStyle(bright, 0.07 * strength);
    sector(pen, x, y, inner, outer, from, to);
    pen.fillPath();
    const p = thoughts.p(action, progress);
    if (p < 0.002) continue;
    pen.fillStyle(colour, (drawn ? 1 : 0.62) * strength);
    sector(pen, x, y, inner, wedgeReach(p, inner, outer), from, to);
    pen.fillPath();
    if (!drawn) continue;
    pen.lineStyle(Math.max(1.5, unit / 14), bright, strength);
    pen.strokePath();
  }
}

function sector(
  pen: Pen,
  x: number,
  y: number,
  inner: number,
  outer: number,
  from: number,
  to: number,
): void {
  pen.beginPath();
  pen.arc(x, y, inner, from, to);
  pen.arc(x, y, outer, to, from, true);
  pen.closePath();
}

/**
 * The value as a bar below an open mind, or above it where there is no room: what is below 0 is hollow.
 * @param share -1 to 1. @param bottom where the view ends, pixels.
 */
export function drawValue(pen: Pen, look: WedgeLook, share: number, bottom: number): void {
  const { x, y, unit, colour, bright, ground, strength } = look;
  const width = 2.6 * unit;
  const height = Math.max(3, 0.17 * unit);
  const away = (DISC + BAR) * unit;
  const top = (y + away + height > bottom ? y - away : y + away) - height / 2;
  pen.fillStyle(ground, 0.8 * strength).fillRect(x - width / 2 - 2, top - 2, width + 4, height + 4);
  pen.fillStyle(bright, 0.2 * strength).fillRect(x - width / 2, top, width, height);
  const length = Math.abs(share) * width;
  if (share >= 0) pen.fillStyle(colour, strength).fillRect(x - width / 2, top, length, height);
  else pen.lineStyle(1, colour, strength).strokeRect(x - width / 2, top, length, height);
}

export interface ArrowLook {
  colour: number;
  edge: number;
  strength: number;
  /** Device pixels a CSS pixel. */
  ratio: number;
  /** How far this tick's influence has come along the arrow, 0 to 1; 1 where nothing moves. */
  travel: number;
}

/** A curved arrow, thin where it leaves and as wide as its influence where it arrives. @param width CSS pixels. */
export function drawArrow(
  pen: Pen,
  x0: number,
  y0: number,
  x1: number,
  y1: number,
  from: number,
  to: number,
  width: number,
  look: ArrowLook,
): boolean {
  const { ratio, strength } = look;
  const full = width * ratio;
  const head = full * 1.15 + 5.5 * ratio;
  if (!sampleCurve(curve, x0, y0, x1, y1, from, to + head * 0.9)) return false;
  // The narrowest fade out rather than vanish.
  const alpha = strength * Math.min(1, 0.35 + width / 2);
  pen.fillStyle(look.edge, 0.55 * alpha);
  ribbon(pen, full / 2 + 1.2 * ratio, head, 1.4 * ratio);
  pen.fillStyle(look.colour, 0.95 * alpha);
  ribbon(pen, full / 2, head, 0);
  if (look.travel < 1) {
    const at = 4 * Math.min(CURVE_POINTS - 1, Math.floor(look.travel * CURVE_POINTS));
    pen.fillStyle(0xffffff, 0.75 * alpha * Math.sin(Math.PI * look.travel));
    pen.fillCircle(curve[at]!, curve[at + 1]!, full * 0.32 + 1.1 * ratio);
  }
  return true;
}

/** @param half of the width where it arrives. @param head length of its head. @param edge by how much it is outset. */
function ribbon(pen: Pen, half: number, head: number, edge: number): void {
  const last = CURVE_POINTS - 1;
  pen.beginPath();
  for (let k = 0; k <= last; k++) side(pen, k, 1, half * (0.3 + (0.7 * k) / last));
  const at = 4 * last;
  const x = curve[at]!;
  const y = curve[at + 1]!;
  const nx = curve[at + 2]!;
  const ny = curve[at + 3]!;
  const wing = head * 0.52 + edge;
  pen.lineTo(x + nx * wing, y + ny * wing);
  // The normal turned back by a quarter is the way ahead.
  pen.lineTo(x - ny * (head + 1.5 * edge), y + nx * (head + 1.5 * edge));
  pen.lineTo(x - nx * wing, y - ny * wing);
  for (let k = last; k >= 0; k--) side(pen, k, -1, half * (0.3 + (0.7 * k) / last));
  pen.closePath();
  pen.fillPath();
}

function side(pen: Pen, k: number, way: number, half: number): void {
  const at = 4 * k;
  const x = curve[at]! + way * half * curve[at + 2]!;
  const y = curve[at + 1]! + way * half * curve[at + 3]!;
  if (k === 0 && way > 0) pen.moveTo(x, y);
  else pen.lineTo(x, y);
}
