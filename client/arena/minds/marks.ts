/** Small line drawings of minds: what each action is, and what is said. Drawn by code, in boxes of 16x16 units. */
import { ActionKind } from '../../../shared/grid/actions.ts';
import type { MapColours } from '../palette.ts';

type Pen = CanvasRenderingContext2D;

/** How symbols are written, on the map and beside it; one that has no letter is a number. */
const LETTERS = 'αβγδεζηθικλμνξοπρστυφχψω';
/** Symbols that have a picture of their own. */
export const SPOKEN = LETTERS.length;

export function letterOf(symbol: number): string {
  return LETTERS[symbol] ?? String(symbol);
}

/** As seen by a creature that faces up. Lines only: M and L, and arcs by three points. */
const MARKS: readonly string[] = (() => {
  const marks: string[] = [];
  marks[ActionKind.forward] = 'M4.5 9.5L8 5.5L11.5 9.5';
  marks[ActionKind.right] = 'M6.5 4.5L10.5 8L6.5 11.5';
  marks[ActionKind.backward] = 'M4.5 6.5L8 10.5L11.5 6.5';
  marks[ActionKind.left] = 'M9.5 4.5L5.5 8L9.5 11.5';
  marks[ActionKind.stay] = 'M8 6.4A1.6 1.6 0 1 1 8 9.6A1.6 1.6 0 1 1 8 6.4';
  marks[ActionKind.turnClockwise] = 'M3.8 10.6A4.6 4.6 0 0 1 12.2 9.4M9 8.9L12.3 9.6L12.9 6.2';
  marks[ActionKind.turnCounterClockwise] = 'M12.2 10.6A4.6 4.6 0 0 0 3.8 9.4M7 8.9L3.7 9.6L3.1 6.2';
  marks[ActionKind.fine] = 'M9.2 3L5.2 8.8H8.2L6.8 13L10.8 7.2H7.8Z';
  marks[ActionKind.clean] = 'M8 3.4C10 6.2 11.4 7.8 11.4 9.6A3.4 3.4 0 0 1 4.6 9.6C4.6 7.8 6 6.2 8 3.4Z';
  return marks;
})();

/** The mark of an action, a path to be stroked in a 16x16 box; nothing for one that has none. */
export function markOf(action: number): string {
  return MARKS[action] ?? '';
}

export function drawMark(pen: Pen, action: number, colours: MapColours): void {
  const path = new Path2D(markOf(action));
  pen.lineCap = 'round';
  pen.lineJoin = 'round';
  pen.strokeStyle = colours.labelEdge;
  pen.lineWidth = 4;
  pen.stroke(path);
  pen.strokeStyle = colours.label;
  pen.lineWidth = 1.8;
  pen.stroke(path);
}

/** A bubble with a symbol in it; its tail ends below its middle. */
export function drawBubble(pen: Pen, symbol: number, colours: MapColours): void {
  pen.fillStyle = colours.label;
  pen.strokeStyle = colours.labelEdge;
  pen.lineWidth = 1;
  pen.beginPath();
  pen.moveTo(6.4, 12);
  pen.lineTo(8, 15);
  pen.lineTo(9.6, 12);
  pen.arcTo(14.5, 12, 14.5, 9, 3);
  pen.arcTo(14.5, 1, 11.5, 1, 3);
  pen.arcTo(1.5, 1, 1.5, 4, 3);
  pen.arcTo(1.5, 12, 4.5, 12, 3);
  pen.closePath();
  pen.fill();
  pen.stroke();
  pen.fillStyle = colours.labelEdge;
  pen.font = '600 9.5px system-ui, sans-serif';
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  pen.fillText(symbol < SPOKEN ? letterOf(symbol) : '…', 8, 6.9);
}
