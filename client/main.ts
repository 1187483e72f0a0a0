/** Where the client starts: one page at a time, by the address. */

import type { RoomOptionsInput } from '../shared/protocol/index.ts';
import { wallClock } from './clock.ts';
import { el } from './dom.ts';
import { RoomFeed } from './lobby/feed.ts';
import { LobbyPage } from './lobby/lobby.ts';
import { formatRoute, parseRoute } from './route.ts';
import { createRoom, enterLobby, enterRoom } from './server-door.ts';
import { greeting, RoomSession } from './session.ts';
import { Settings, usableStore } from './settings.ts';
import { applyTheme } from './theme.ts';

interface Page {
  destroy(): void;
}

const settings = new Settings(
  usableStore(() => localStorage),
  usableStore(() => sessionStorage),
);
const app = document.querySelector('#app')!;
let page: Page | null = null;
/** The room on screen, or about to be. */
let session: RoomSession | null = null;
/** Goes up with each change of page: what was loading for an older one is not shown. */
let visit = 0;

function leavePage(): void {
  visit++;
  page?.destroy();
  page = null;
}

async function create(room: RoomOptionsInput): Promise<void> {
  const link = await createRoom(room, greeting(settings));
  session = new RoomSession(link.roomId, enterRoom, settings, wallClock, link);
  location.hash = formatRoute({ page: 'room', roomId: link.roomId, seat: null, key: null });
}

function showLobby(): void {
  leavePage();
  session?.leave();
  session = null;
  document.title = 'Commons Arena';
  page = new LobbyPage(app, new RoomFeed(enterLobby, wallClock), settings, create);
}

async function showRoom(current: RoomSession): Promise<void> {
  leavePage();
  const mine = visit;
  document.title = `Room ${current.roomId} · Commons Arena`;
  app.replaceChildren(
    el('div', { class: 'state', role: 'status' }, el('p', { class: 'quiet' }, 'Unrolling the map …')),
  );
  try {
    const { ArenaPage } = await import('./arena/arena.ts');
    if (mine === visit) page = new ArenaPage(app, current, settings, wallClock);
  } catch (error) {
    console.info('the arena could not be loaded', error);
    if (mine !== visit) return;
    const again = el('button', { class: 'primary', on: { click: () => location.reload() } }, 'Load again');
    app.replaceChildren(
      el('div', { class: 'state' }, el('p', {}, 'A part of the page could not be loaded.'), again),
    );
  }
}

function go(): void {
  const route = parseRoute(location.hash);
  if (route.page === 'lobby') {
    showLobby();
    return;
  }
  const known = session?.roomId === route.roomId ? session : null;
  if (known === null) session?.leave();
  const current = known ?? new RoomSession(route.roomId, enterRoom, settings, wallClock);
  session = current;
  if (route.seat !== null) {
    current.sit({
      ...(route.seat !== 'any' && { seat: route.seat }),
      ...(route.key !== null && { key: route.key }),
    });
  }
  if (known === null || page === null || page instanceof LobbyPage) void showRoom(current);
}

applyTheme(settings);
addEventListener('hashchange', go);
go();
