/** Where the client starts: one page at a time, by the address. */

import type { RoomOptionsInput, Sit } from '../shared/protocol/index.ts';
import { PolicyCatalogue } from './agents/catalogue.ts';
import { AgentsPage } from './agents/page.ts';
import { wallClock } from './clock.ts';
import { el } from './dom.ts';
import { LabelSession } from './label/label-session.ts';
import { LabelPage } from './label/page.ts';
import { RoomFeed } from './lobby/feed.ts';
import type { Outside } from './lobby/header.ts';
import { LobbyPage } from './lobby/lobby.ts';
import { formatRoute, parseRoute } from './route.ts';
import { createRoom, enterLabels, enterLobby, enterRoom, fetchPolicies } from './server-door.ts';
import { greeting, RoomSession } from './session.ts';
import { Settings, usableStore } from './settings.ts';
import { followTheme } from './theme.ts';

interface Page {
  destroy(): void;
}

const settings = new Settings(
  usableStore(() => localStorage),
  usableStore(() => sessionStorage),
);
const app = document.querySelector('#app')!;
const catalogue = new PolicyCatalogue(fetchPolicies);
const outside: Outside = { settings, catalogue, create };
let page: Page | null = null;
/** The room on screen, or about to be. */
let session: RoomSession | null = null;
/** The room that the page on screen shows, or loads. */
let shown: RoomSession | null = null;
/** Goes up with each change of page: what was loading for an older one is not shown. */
let visit = 0;

function leavePage(): void {
  visit++;
  page?.destroy();
  page = null;
}

/** Makes a room and goes there, to watch it or to a seat. */
async function create(room: RoomOptionsInput, sit?: Sit): Promise<void> {
  const link = await createRoom(room, greeting(settings));
  session = new RoomSession(link.roomId, enterRoom, settings, wallClock, link);
  if (sit !== undefined) session.sit(sit);
  location.hash = formatRoute({ page: 'room', roomId: link.roomId, seat: null, key: null });
}

/** A page outside rooms: the room that we were in, if any, is left. */
function leaveRoom(): void {
  leavePage();
  session?.leave();
  session = null;
  shown = null;
}

function showLobby(): void {
  leaveRoom();
  document.title = 'Commons Arena';
  page = new LobbyPage(app, new RoomFeed(enterLobby, wallClock), outside);
}

function showAgents(): void {
  leaveRoom();
  document.title = 'Agents · Commons Arena';
  page = new AgentsPage(app, outside);
}

function showLabels(id: string): void {
  leaveRoom();
  document.title = 'Say what you would do · Commons Arena';
  page = new LabelPage(app, new LabelSession(() => enterLabels(id), wallClock), settings, wallClock);
}

async function showRoom(current: RoomSession): Promise<void> {
  leavePage();
  shown = current;
  const mine = visit;
  document.title = `Room ${current.roomId} · Commons Arena`;
  app.replaceChildren(
    el('div', { class: 'state', role: 'status' }, el('p', { class: 'quiet' }, 'Unrolling the map …')),
  );
  try {
    const { ArenaPage } = await import('./arena/arena.ts');
    if (mine === visit) page = new ArenaPage(app, current, settings, wallClock, catalogue);
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
  if (route.page === 'agents') {
    showAgents();
    return;
  }
  if (route.page === 'label') {
    showLabels(route.session);
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
  if (shown !== current) void showRoom(current);
}

followTheme(settings);
addEventListener('hashchange', go);
go();
