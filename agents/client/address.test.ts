import { describe, expect, it } from 'vitest';
import { arenaAddress, roomAddress } from './address.ts';

describe('an arena', () => {
  it.each([
    ['http://127.0.0.1:2567', 'http://127.0.0.1:2567', '/'],
    ['http://127.0.0.1:2567/#/room/k3f9', 'http://127.0.0.1:2567', '/'],
    ['https://lab.example/commons/', 'https://lab.example', '/commons/'],
    ['https://lab.example/commons/index.html?x#/', 'https://lab.example', '/commons/'],
  ])('is found by %s', (url, origin, folder) => {
    expect(arenaAddress(url)).toMatchObject({ origin, folder });
  });
});

describe('a room', () => {
  it.each([
    ['http://a:1/#/room/k3f9', undefined, { url: 'http://a:1/', room: 'k3f9', key: null }],
    ['http://a:1/#/room/k3f9?seat=2&key=Zx_1', undefined, { url: 'http://a:1/', room: 'k3f9', key: 'Zx_1' }],
    ['http://a:1/#/room/k3f9', 'http://b:2', { url: 'http://a:1/', room: 'k3f9', key: null }],
    ['k3f9', 'http://b:2', { url: 'http://b:2', room: 'k3f9', key: null }],
  ])('is found by %s at %s', (room, arena, found) => {
    expect(roomAddress(room, arena)).toEqual(found);
  });

  it.each([
    ['k3f9', undefined, 'give the address of its arena too'],
    ['http://a:1/#/', undefined, 'names no room'],
    ['k3f9/../x', 'http://b:2', 'is no address of an arena'],
  ])('is not found by %s at %s', (room, arena, words) => {
    expect(() => roomAddress(room, arena)).toThrow(words);
  });
});
