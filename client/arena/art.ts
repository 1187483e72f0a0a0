/**
 * The map's pictures, drawn by code in boxes of 16x16 units and rasterised at a whole number of pixels a cell, so that
 * they are crisp at every zoom. Nothing here knows Phaser: a canvas goes in, paint comes out.
 */
import { ClassId } from '../../shared/palette.ts';
import { lookOf } from '../players.ts';
import type { MapColours } from './palette.ts';

type Pen = CanvasRenderingContext2D;

/** Apples ripen through these, one a tick; the last is ripe. */
export const RIPENESS = 4;
/** Frames of an eaten apple. */
export const POPS = 3;
/** Side of a creature's frame, in cells. */
export const CREATURE_SIZE = 1.25;
/** Frames of the river's light. */
export const RIPPLES = 4;

/** A number in [0, 1) that belongs to a cell, so that the ground varies and never flickers. */
export function grain(column: number, row: number, salt: number): number {
  let h =
    Math.imul(column + 1, 0x9e3779b1) ^ Math.imul(row + 1, 0x85ebca77) ^ Math.imul(salt + 1, 0xc2b2ae3d);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return ((h ^ (h >>> 15)) >>> 0) / 0x100000000;
}

/** What a cell's ground is: water under waste, floor under apples. */
export function groundOf(id: number): number {
  if (id === ClassId.waste) return ClassId.river;
  return id === ClassId.wall || id === ClassId.river || id === ClassId.stream || id === ClassId.outside
    ? id
    : ClassId.floor;
}

/**
 * Draws one cell's ground with the pen at its upper left corner, 16 units a cell.
 * @param column @param row whose grain it has. @param site whether an apple can grow there.
 */
export function drawGround(
  pen: Pen,
  ground: number,
  column: number,
  row: number,
  site: boolean,
  colours: MapColours,
): void {
  if (ground === ClassId.outside) {
    pen.fillStyle = colours.outside;
    pen.fillRect(0, 0, 16, 16);
    return;
  }
  if (ground === ClassId.wall) {
    drawHedge(pen, column, row, colours);
    return;
  }
  if (ground === ClassId.river || ground === ClassId.stream) {
    pen.fillStyle = ground === ClassId.river ? colours.river : colours.stream;
    pen.fillRect(0, 0, 16, 16);
    pen.fillStyle = colours.wave;
    pen.globalAlpha = 0.14;
    pen.fillRect(Math.floor(grain(column, row, 1) * 8), 2 + Math.floor(grain(column, row, 2) * 12), 7, 1);
    pen.globalAlpha = 1;
    return;
  }
  const tone = grain(column, row, 0);
  pen.fillStyle = tone < 0.55 ? colours.floor : colours.floorShade[Math.floor((tone - 0.55) / 0.15001)]!;
  pen.fillRect(0, 0, 16, 16);
  pen.fillStyle = colours.grass;
  const tufts = Math.floor(grain(column, row, 3) * 2.6);
  for (let k = 0; k < tufts; k++) {
    const x = 1 + Math.floor(grain(column, row, 4 + k) * 13);
    const y = 3 + Math.floor(grain(column, row, 8 + k) * 11);
    pen.fillRect(x, y - 2, 1, 2);
    pen.fillRect(x + 1, y - 1, 1, 1);
  }
  if (!site) return;
  pen.fillStyle = colours.stubble;
  for (const [x, height] of [
    [4, 2],
    [6, 4],
    [8, 5],
    [10, 3],
    [12, 2],
  ] as const)
    pen.fillRect(x - 0.5, 12 - height, 1, height);
  pen.globalAlpha = 0.5;
  pen.fillRect(3, 12, 10, 1);
  pen.globalAlpha = 1;
}

function drawHedge(pen: Pen, column: number, row: number, colours: MapColours): void {
  pen.fillStyle = colours.hedge;
  pen.fillRect(0, 0, 16, 16);
  for (let k = 0; k < 7; k++) {
    const radius = 1.3 + grain(column, row, 40 + k) * 1.4;
    const x = radius + grain(column, row, 20 + k) * (16 - 2 * radius);
    const y = radius + grain(column, row, 30 + k) * (16 - 2 * radius);
    pen.fillStyle = k % 2 === 0 ? colours.hedgeDark : colours.hedgeLight;
    pen.globalAlpha = 0.75;
    circle(pen, x, y, radius);
  }
  pen.globalAlpha = 1;
}

/** @param stage from 0, a bud, to RIPENESS - 1, ripe. */
export function drawApple(pen: Pen, stage: number, colours: MapColours): void {
  const size = [0.3, 0.55, 0.8, 1][stage]!;
  pen.translate(8, 9);
  pen.scale(size, size);
  pen.fillStyle = colours.outline;
  pen.globalAlpha = 0.35;
  ellipse(pen, 0, 4.6, 4.4, 1.4);
  pen.globalAlpha = 1;
  pen.fillStyle = colours.appleDark;
  circle(pen, 0, 0, 4.9);
  pen.fillStyle = colours.apple;
  circle(pen, -0.4, -0.5, 4.2);
  pen.fillStyle = colours.appleLight;
  pen.globalAlpha = 0.85;
  ellipse(pen, -1.9, -2, 1.2, 0.9);
  pen.globalAlpha = 1;
  pen.fillStyle = colours.outline;
  pen.fillRect(-0.4, -6.3, 0.9, 2.4);
  pen.fillStyle = colours.leaf;
  pen.beginPath();
  pen.moveTo(0.4, -4.7);
  pen.quadraticCurveTo(0.9, -7.6, 4, -7.2);
  pen.quadraticCurveTo(3.6, -4.6, 0.4, -4.7);
  pen.fill();
}

/** An apple being eaten: a ring of crumbs that widens and thins. */
export function drawPop(pen: Pen, frame: number, colours: MapColours): void {
  const spread = (frame + 1) / POPS;
  pen.fillStyle = colours.apple;
  pen.globalAlpha = 1 - 0.3 * frame;
  for (let k = 0; k < 6; k++) {
    const angle = (k * Math.PI) / 3 + 0.4;
    circle(
      pen,
      8 + Math.cos(angle) * (2 + 4.6 * spread),
      9 + Math.sin(angle) * (2 + 4.6 * spread),
      1.7 - 0.45 * frame,
    );
  }
  pen.globalAlpha = 1;
}

export function drawWaste(pen: Pen, variant: number, colours: MapColours): void {
  pen.fillStyle = colours.wasteDark;
  blob(pen, 8, 8.6, 7, variant);
  pen.fillStyle = colours.waste;
  blob(pen, 8, 8, 6.4, variant);
  pen.fillStyle = colours.wasteLight;
  for (let k = 0; k < 4; k++) {
    circle(
      pen,
      3.6 + grain(variant, k, 1) * 8.8,
      4 + grain(variant, k, 2) * 8,
      0.7 + grain(variant, k, 3) * 0.9,
    );
  }
}

export function drawRipple(pen: Pen, frame: number, colours: MapColours): void {
  pen.fillStyle = colours.wave;
  const shift = (frame * 16) / RIPPLES;
  for (const [x, y, width] of [
    [2, 4, 6],
    [9, 11, 5],
  ] as const) {
    const at = (x + shift) % 16;
    pen.globalAlpha = 0.55;
    pen.fillRect(at, y, Math.min(width, 16 - at), 1);
    if (at + width > 16) pen.fillRect(0, y, at + width - 16, 1);
  }
  pen.globalAlpha = 1;
}

/**
 * A player from above, facing up: a round back with its mark, a head with two eyes, and feet. A little larger than its
 * cell: the pen's unit is a sixteenth of its frame, CREATURE_SIZE cells wide.
 * @param faced whether its front is known.
 */
export function drawCreature(pen: Pen, player: number, faced: boolean, colours: MapColours): void {
  const look = lookOf(player);
  pen.fillStyle = colours.outline;
  if (faced) {
    ellipse(pen, 8, 4.3, 4.4, 3.9);
    ellipse(pen, 4.2, 13.3, 1.9, 1.5);
    ellipse(pen, 11.8, 13.3, 1.9, 1.5);
  }
  circle(pen, 8, 9.2, 5.9);
  pen.fillStyle = look.colour;
  if (faced) {
    ellipse(pen, 8, 4.4, 3.7, 3.2);
    ellipse(pen, 4.3, 13.2, 1.2, 0.9);
    ellipse(pen, 11.7, 13.2, 1.2, 0.9);
  }
  circle(pen, 8, 9.2, 5.2);
  if (faced) {
    pen.fillStyle = '#ffffff';
    circle(pen, 5.9, 3.2, 1.75);
    circle(pen, 10.1, 3.2, 1.75);
    pen.fillStyle = '#10161a';
    circle(pen, 6.1, 2.5, 0.95);
    circle(pen, 9.9, 2.5, 0.95);
  }
  pen.strokeStyle = look.ink;
  pen.lineWidth = 0.8;
  for (let k = 0; k < look.stripes; k++) {
    pen.beginPath();
    pen.arc(8, 9.2, 4.6 - 1.1 * k, 0.35, Math.PI - 0.35);
    pen.stroke();
  }
  pen.translate(8 - 8 * 0.85, 9.4 - 8 * 0.85);
  pen.scale(0.85, 0.85);
  pen.fillStyle = look.ink;
  pen.fill(new Path2D(look.mark), 'evenodd');
}

/** The ring around the player that is followed. */
export function drawRing(pen: Pen, colours: MapColours): void {
  pen.strokeStyle = colours.label;
  pen.lineWidth = 1;
  pen.globalAlpha = 0.9;
  for (let k = 0; k < 4; k++) {
    pen.beginPath();
    pen.arc(8, 8, 7.3, (k * Math.PI) / 2 + 0.35, ((k + 1) * Math.PI) / 2 - 0.35);
    pen.stroke();
  }
  pen.globalAlpha = 1;
}

function circle(pen: Pen, x: number, y: number, radius: number): void {
  ellipse(pen, x, y, radius, radius);
}

function ellipse(pen: Pen, x: number, y: number, width: number, height: number): void {
  pen.beginPath();
  pen.ellipse(x, y, width, height, 0, 0, 2 * Math.PI);
  pen.fill();
}

function blob(pen: Pen, x: number, y: number, radius: number, variant: number): void {
  pen.beginPath();
  for (let k = 0; k <= 10; k++) {
    const angle = (k * Math.PI) / 5;
    const reach = radius * (0.86 + 0.22 * grain(variant, k % 10, 9));
    pen.lineTo(x + Math.cos(angle) * reach, y + Math.sin(angle) * reach);
  }
  pen.fill();
}
