import { expect, test } from 'vitest';
import { formatRoute, parseRoute, type Route } from './route.ts';

test('routes survive being written into the address', () => {
  const routes: Route[] = [
    { page: 'lobby' },
    { page: 'agents' },
    { page: 'label', session: 'a-B_9xyz' },
    { page: 'room', roomId: 'k3f9', seat: null, key: null },
    { page: 'room', roomId: 'k3f9', seat: 'any', key: null },
    { page: 'room', roomId: 'a-B_9', seat: 0, key: 'x&y=z' },
    { page: 'room', roomId: 'k3f9', seat: 12, key: null },
  ];
  for (const route of routes) expect(parseRoute(formatRoute(route))).toEqual(route);
});

test.each(['', '#', '#/', '#/room/', '#/nowhere', '#/label/short', '#/room/a b', '#/room/../x'])(
  '%j is the lobby',
  (hash) => {
    expect(parseRoute(hash)).toEqual({ page: 'lobby' });
  },
);

test('a seat that is no number is no seat', () => {
  expect(parseRoute('#/room/a?seat=-1')).toMatchObject({ seat: null });
  expect(parseRoute('#/room/a?seat=two')).toMatchObject({ seat: null });
});
