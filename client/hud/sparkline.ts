/** The last ticks of one number as a small line, on the scale of the arrows' widths. */
import { svg } from '../dom.ts';

const WIDTH = 36;
const HEIGHT = 14;
/** Ticks that are seen. */
const LENGTH = 40;

export class Sparkline {
  readonly element: SVGElement;
  readonly #line = svg('polyline', { points: '' });
  /** A ring, in shares of the height. */
  readonly #values = new Float32Array(LENGTH);
  #count = 0;

  constructor() {
    this.element = svg(
      'svg',
      { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: 'sparkline', 'aria-hidden': 'true' },
      this.#line,
    );
  }

  /** @param share 0 to 1. */
  add(share: number): void {
    this.#values[this.#count % LENGTH] = share;
    this.#count++;
  }

  draw(): void {
    const shown = Math.min(this.#count, LENGTH);
    let points = '';
    for (let k = 0; k < shown; k++) {
      const value = this.#values[(this.#count - shown + k) % LENGTH]!;
      const x = ((LENGTH - shown + k) * WIDTH) / (LENGTH - 1);
      points += `${x.toFixed(1)},${(HEIGHT - 1 - value * (HEIGHT - 2)).toFixed(1)} `;
    }
    this.#line.setAttribute('points', points);
  }
}
