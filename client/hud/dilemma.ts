/** The dilemma in three small pictures: read in seconds, before any rule. */
import { ClassId } from '../../shared/palette.ts';
import { drawApple, drawGround, drawWaste, RIPENESS } from '../arena/art.ts';
import { MAP_COLOURS } from '../arena/palette.ts';
import { el } from '../dom.ts';
import { activeTheme } from '../theme.ts';

/** Rows of a picture: `a` an apple, `s` a bare site, `w` waste, `r` clean river, a space floor. */
interface Scene {
  readonly rows: readonly string[];
  readonly caption: string;
}

const SCENES: Readonly<Record<string, readonly Scene[]>> = {
  harvest: [
    { rows: ['aa ', 'asa', 'aa '], caption: 'Many apples near: a new one comes soon.' },
    { rows: ['  a', ' s ', '   '], caption: 'Few near: it takes long.' },
    { rows: [' s ', 'sss', ' s '], caption: 'The last one eaten: gone for good.' },
  ],
  cleanup: [
    { rows: ['ww s', 'ww s', 'ww s'], caption: 'A dirty river: nothing grows.' },
    { rows: ['rw s', 'rr a', 'wr s'], caption: 'Cleaning pays nobody …' },
    { rows: ['rr a', 'rr a', 'rr a'], caption: '… but feeds everybody.' },
  ],
};

const CELL = 24;

export function dilemmaPictures(environment: string): HTMLElement | null {
  const scenes = SCENES[environment];
  if (scenes === undefined) return null;
  return el(
    'div',
    { class: 'dilemma' },
    ...scenes.map((scene) => el('figure', {}, picture(scene), el('figcaption', {}, scene.caption))),
  );
}

function picture({ rows, caption }: Scene): HTMLCanvasElement {
  const colours = MAP_COLOURS[activeTheme()];
  const width = rows[0]!.length;
  const canvas = el('canvas', {
    width: width * CELL,
    height: rows.length * CELL,
    role: 'img',
    'aria-label': caption,
  });
  const pen = canvas.getContext('2d')!;
  rows.forEach((line, row) => {
    [...line].forEach((character, column) => {
      const water = character === 'w' || character === 'r';
      const site = character === 'a' || character === 's';
      const draw = (paint: () => void) => {
        pen.save();
        pen.translate(column * CELL, row * CELL);
        pen.scale(CELL / 16, CELL / 16);
        paint();
        pen.restore();
      };
      draw(() => drawGround(pen, water ? ClassId.river : ClassId.floor, column, row, site, colours));
      if (character === 'a') draw(() => drawApple(pen, RIPENESS - 1, colours));
      if (character === 'w') draw(() => drawWaste(pen, row, colours));
    });
  });
  return canvas;
}
