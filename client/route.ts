/**
 * Where one is, in the address: `#/` is the lobby, `#/agents` the trained agents, `#/label/x7Qp...` a trainer's questions,
 * `#/room/k3f9` a room, `#/room/k3f9?seat=2&key=...` a seat of it, `#/room/k3f9?play` its first free seat. After the hash, so that nothing of it reaches a web server's log.
 */
export type Route =
  | { readonly page: 'lobby' }
  | { readonly page: 'agents' }
  | { readonly page: 'label'; readonly session: string }
  | {
      readonly page: 'room';
      readonly roomId: string;
      /** Sit down on entering: on this seat, or on the first free one. */
      readonly seat: number | 'any' | null;
      readonly key: string | null;
    };

export function parseRoute(hash: string): Route {
  if (/^#\/agents\/?$/.test(hash)) return { page: 'agents' };
  const session = /^#\/label\/([\w-]{8,32})$/.exec(hash)?.[1];
  if (session !== undefined) return { page: 'label', session };
  const match = /^#\/room\/([\w-]{1,64})(?:\?(.*))?$/.exec(hash);
  if (match === null) return { page: 'lobby' };
  const query = new URLSearchParams(match[2] ?? '');
  const seat = query.get('seat');
  return {
    page: 'room',
    roomId: match[1]!,
    seat: seat !== null && /^\d{1,3}$/.test(seat) ? Number(seat) : query.has('play') ? 'any' : null,
    key: query.get('key'),
  };
}

export function formatRoute(route: Route): string {
  if (route.page === 'lobby') return '#/';
  if (route.page === 'agents') return '#/agents';
  if (route.page === 'label') return `#/label/${route.session}`;
  const parts: string[] = [];
  if (route.seat === 'any') parts.push('play');
  else if (route.seat !== null) parts.push(`seat=${route.seat}`);
  if (route.key !== null) parts.push(`key=${encodeURIComponent(route.key)}`);
  return `#/room/${route.roomId}${parts.length > 0 ? `?${parts.join('&')}` : ''}`;
}

/** A link for other people: the page's own address with another route. */
export function linkTo(route: Route): string {
  return location.href.replace(/#.*$/, '') + formatRoute(route);
}
