/** The texture of minds: marks of actions and bubbles of symbols, painted with the board. */
import type { Scene } from 'phaser';
import type { MapColours } from '../palette.ts';
import { drawBubble, drawMark, SPOKEN } from './marks.ts';

export const TEXTURE = 'minds';
const MARGIN = 2;
/** Bubbles, the last for what has no letter. */
const SAY = Array.from({ length: SPOKEN + 1 }, (_, symbol) => `say${symbol}`);

export function markFrame(action: number): string {
  return `mark${action}`;
}

export function sayFrame(symbol: number): string {
  return SAY[Math.min(symbol, SPOKEN)]!;
}

/** @param mark @param bubble their sides, pixels. */
export function paintSprites(
  scene: Scene,
  actions: number,
  mark: number,
  bubble: number,
  colours: MapColours,
): void {
  if (scene.textures.exists(TEXTURE)) scene.textures.remove(TEXTURE);
  const pitch = Math.max(mark, bubble) + 2 * MARGIN;
  const columns = Math.max(actions, SAY.length);
  const texture = scene.textures.createCanvas(TEXTURE, columns * pitch, 2 * pitch)!;
  const pen = texture.context;
  const draw = (name: string, column: number, row: number, side: number, work: () => void) => {
    const x = column * pitch + MARGIN;
    const y = row * pitch + MARGIN;
    pen.save();
    pen.translate(x, y);
    pen.scale(side / 16, side / 16);
    work();
    pen.restore();
    texture.add(name, 0, x, y, side, side);
  };
  for (let a = 0; a < actions; a++) draw(markFrame(a), a, 0, mark, () => drawMark(pen, a, colours));
  SAY.forEach((name, s) => void draw(name, s, 1, bubble, () => drawBubble(pen, s, colours)));
}
