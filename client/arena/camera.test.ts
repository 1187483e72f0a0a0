import { expect, test } from 'vitest';
import { cellSize, clampMiddle, Glide, zoomFor } from './camera.ts';

test('a map that fits is shown whole, at whole pixels a cell', () => {
  expect(cellSize(912, 604, 38, 16, 0)).toBe(24);
  expect(cellSize(382, 436, 38, 16, 0)).toBe(10);
});

test('no zoom makes a texture larger than graphics cards take', () => {
  expect(cellSize(4000, 3000, 128, 128, 8) * 128).toBeLessThanOrEqual(4096);
});

test('a phone is zoomed until about as many cells are seen as wanted', () => {
  const zoom = zoomFor(15, 382, 436, 38, 16);
  const seen = 382 / cellSize(382, 436, 38, 16, zoom);
  expect(seen).toBeGreaterThan(11);
  expect(seen).toBeLessThan(19);
});

test('the camera does not leave the map, and rests in the middle of one that fits', () => {
  expect(clampMiddle(10, 100, 400)).toBe(50);
  expect(clampMiddle(390, 100, 400)).toBe(350);
  expect(clampMiddle(200, 100, 400)).toBe(200);
  expect(clampMiddle(10, 500, 400)).toBe(200);
});

test('the camera has come nearly all its way after 300 ms, however many frames that took', () => {
  for (const frames of [3, 30]) {
    const glide = new Glide();
    glide.target = 100;
    for (let k = 0; k < frames; k++) glide.advance(300 / frames, false);
    expect(glide.value).toBeCloseTo(95, 0);
  }
});

test('without motion it is there at once', () => {
  const glide = new Glide();
  glide.target = 100;
  expect(glide.advance(16, true)).toBe(false);
  expect(glide.value).toBe(100);
});
