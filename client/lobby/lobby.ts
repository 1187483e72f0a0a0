/** The lobby: what is on, and the ways in. */
import type { RoomSummary } from '../../shared/protocol/index.ts';
import { MAP_COLOURS } from '../arena/palette.ts';
import { el } from '../dom.ts';
import { activeTheme } from '../theme.ts';
import { RoomCard } from './card.ts';
import type { RoomFeed } from './feed.ts';
import { type Outside, SiteHeader } from './header.ts';

export class LobbyPage {
  readonly element: HTMLElement;
  readonly #feed: RoomFeed;
  readonly #header: SiteHeader;
  readonly #cards = new Map<string, RoomCard>();
  readonly #grid = el('div', { class: 'grid' });
  readonly #state = el('div', { class: 'state', role: 'status' });
  readonly #stop: () => void;

  constructor(host: Element, feed: RoomFeed, outside: Outside) {
    this.#feed = feed;
    this.#header = new SiteHeader(outside, 'lobby', () => this.#repaint());
    this.element = el(
      'div',
      { class: 'lobby' },
      this.#header.element,
      el('main', {}, this.#state, this.#grid),
    );
    host.replaceChildren(this.element);
    this.#stop = feed.changed.on(() => this.#update());
    this.#update();
  }

  destroy(): void {
    this.#stop();
    this.#feed.close();
  }

  #update(): void {
    const { rooms, trouble } = this.#feed;
    this.#grid.classList.toggle('stale', trouble !== null);
    if (rooms === null)
      this.#grid.replaceChildren(
        ...Array.from({ length: 3 }, () => el('div', { class: 'card skeleton', 'aria-hidden': 'true' })),
      );
    this.#showState(rooms, trouble);
    if (rooms === null) return;
    const watching = rooms.reduce((sum, room) => sum + room.spectators, 0);
    this.#header.say(
      `${trouble === null ? 'live' : 'not live'} · ${rooms.length} ${rooms.length === 1 ? 'room' : 'rooms'} · ${watching} watching`,
    );
    const listed = new Set(rooms.map((room) => room.roomId));
    for (const [id, card] of this.#cards) {
      if (listed.has(id)) continue;
      card.element.remove();
      this.#cards.delete(id);
    }
    for (const skeleton of this.#grid.querySelectorAll('.skeleton')) skeleton.remove();
    for (const room of rooms) {
      let card = this.#cards.get(room.roomId);
      if (card === undefined) {
        card = new RoomCard(room);
        this.#cards.set(room.roomId, card);
        this.#grid.append(card.element);
      }
      card.update(room, MAP_COLOURS[activeTheme()]);
    }
  }

  #showState(rooms: readonly RoomSummary[] | null, trouble: string | null): void {
    if (trouble !== null) {
      this.#state.replaceChildren(
        el('p', {}, trouble, ' Trying again by itself.'),
        el('button', { on: { click: () => this.#feed.retryNow() } }, 'Try now'),
      );
    } else if (rooms === null)
      this.#state.replaceChildren(el('p', { class: 'quiet' }, 'Looking for rooms …'));
    else if (rooms.length === 0) {
      this.#state.replaceChildren(
        el('p', {}, 'Nothing is on at the moment.'),
        el(
          'p',
          { class: 'quiet' },
          'Make a room: bots fill its seats at once, and its link brings your friends.',
        ),
        el(
          'button',
          { class: 'primary', on: { click: () => this.#header.openNewRoom() } },
          'Make the first room',
        ),
      );
    } else this.#state.replaceChildren();
  }

  #repaint(): void {
    for (const room of this.#feed.rooms ?? []) {
      const card = this.#cards.get(room.roomId);
      card?.update({ ...room, preview: room.preview && { ...room.preview } }, MAP_COLOURS[activeTheme()]);
    }
  }
}
