/**
 * How wide text is in a TrueType font: for laying out figures where there is no browser to ask.
 *
 * Of the font file, `cmap` (format 4) maps UTF-16 code units to glyphs and `hmtx` has each glyph's advance; kerning and
 * ligatures are left out. Tables: https://learn.microsoft.com/typography/opentype/spec/
 */
export class FontMetrics {
  readonly #view: DataView;
  readonly #tables = new Map<string, number>();
  readonly #unitsPerEm: number;
  readonly #advances: number;
  readonly #mapping: number;

  /** @throws {RangeError} for a file that is no such font. */
  constructor(font: Uint8Array) {
    this.#view = new DataView(font.buffer, font.byteOffset, font.byteLength);
    const count = this.#view.getUint16(4);
    for (let k = 0; k < count; k++) {
      const at = 12 + 16 * k;
      this.#tables.set(
        Buffer.from(font.subarray(at, at + 4)).toString('latin1'),
        this.#view.getUint32(at + 8),
      );
    }
    this.#unitsPerEm = this.#view.getUint16(this.#table('head') + 18);
    this.#advances = this.#view.getUint16(this.#table('hhea') + 34);
    this.#mapping = this.#findMapping();
  }

  /** In ems: times the font's size it is pixels. A character that another font has to draw counts one em. */
  width(text: string): number {
    let units = 0;
    for (let k = 0; k < text.length; k++) {
      const glyph = this.#glyph(text.charCodeAt(k));
      units += glyph === 0 ? this.#unitsPerEm : this.#advance(glyph);
    }
    return units / this.#unitsPerEm;
  }

  #table(tag: string): number {
    const at = this.#tables.get(tag);
    if (at === undefined) throw new RangeError(`a font without the table ${tag}`);
    return at;
  }

  #findMapping(): number {
    const cmap = this.#table('cmap');
    const count = this.#view.getUint16(cmap + 2);
    for (let k = 0; k < count; k++) {
      const at = cmap + this.#view.getUint32(cmap + 8 + 8 * k);
      if (this.#view.getUint16(at) === 4) return at;
    }
    throw new RangeError('a font without a character map of format 4');
  }

  /** 0 where the font does not have the character. */
  #glyph(code: number): number {
    const view = this.#view;
    const doubled = view.getUint16(this.#mapping + 6);
    const ends = this.#mapping + 14;
    const starts = ends + doubled + 2;
    const deltas = starts + doubled;
    const offsets = deltas + doubled;
    let at = 0;
    while (at < doubled && view.getUint16(ends + at) < code) at += 2;
    if (at >= doubled || view.getUint16(starts + at) > code) return 0;
    const delta = view.getUint16(deltas + at);
    const offset = view.getUint16(offsets + at);
    if (offset === 0) return (code + delta) & 0xffff;
    // Relative to where the offset itself stands.
    const glyph = view.getUint16(offsets + at + offset + 2 * (code - view.getUint16(starts + at)));
    return glyph === 0 ? 0 : (glyph + delta) & 0xffff;
  }

  /** The last advance holds for all glyphs behind it. */
  #advance(glyph: number): number {
    return this.#view.getUint16(this.#table('hmtx') + 4 * Math.min(glyph, this.#advances - 1));
  }
}
