/** The lobby: what is on, and the ways in. */
import type { RoomOptionsInput, RoomSummary } from '../../shared/protocol/index.ts';
import { aboutDialog } from '../about.ts';
import { MAP_COLOURS } from '../arena/palette.ts';
import { el, setText } from '../dom.ts';
import { formatRoute } from '../route.ts';
import type { Settings } from '../settings.ts';
import { activeTheme, themeButton } from '../theme.ts';
import { RoomCard } from './card.ts';
import type { RoomFeed } from './feed.ts';
import { NewRoomDialog } from './new-room.ts';

export class LobbyPage {
  readonly element: HTMLElement;
  readonly #feed: RoomFeed;
  readonly #cards = new Map<string, RoomCard>();
  readonly #grid = el('div', { class: 'grid' });
  readonly #state = el('div', { class: 'state', role: 'status' });
  readonly #count = el('span', { class: 'quiet' });
  readonly #quick: HTMLButtonElement;
  readonly #dialog: NewRoomDialog;
  readonly #stop: () => void;

  constructor(
    host: Element,
    feed: RoomFeed,
    settings: Settings,
    create: (room: RoomOptionsInput) => Promise<void>,
  ) {
    this.#feed = feed;
    this.#dialog = new NewRoomDialog(create);
    const about = aboutDialog();
    const name = el('input', {
      id: 'name',
      value: settings.name,
      maxlength: 24,
      autocomplete: 'nickname',
      'aria-label': 'Your name',
    });
    name.addEventListener('change', () => {
      settings.name = name.value;
      name.value = settings.name;
    });
    this.#quick = el(
      'button',
      { class: 'primary', disabled: true, 'data-testid': 'quick', on: { click: () => this.#quickMatch() } },
      'Quick match',
    );
    this.element = el(
      'div',
      { class: 'lobby' },
      el(
        'header',
        { class: 'top' },
        el('h1', {}, el('span', { class: 'logo', 'aria-hidden': 'true' }), 'Commons Arena'),
        this.#count,
        el('label', { class: 'name', for: 'name' }, el('span', { class: 'quiet' }, 'you are'), name),
        themeButton(settings, () => this.#repaint()),
      ),
      el(
        'nav',
        { class: 'buttons', 'aria-label': 'Ways in' },
        this.#quick,
        el('button', { 'data-testid': 'new-room', on: { click: () => this.#dialog.open() } }, 'New room'),
        el('button', { on: { click: () => about.showModal() } }, 'About'),
      ),
      el('main', {}, this.#state, this.#grid),
      this.#dialog.element,
      about,
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
    setText(
      this.#count,
      `${trouble === null ? 'live' : 'not live'} · ${rooms.length} ${rooms.length === 1 ? 'room' : 'rooms'} · ${watching} watching`,
    );
    this.#quick.disabled = trouble !== null;
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
        el('button', { class: 'primary', on: { click: () => this.#dialog.open() } }, 'Make the first room'),
      );
    } else this.#state.replaceChildren();
  }

  /** The room with most people that has a seat left; else a new one. */
  #quickMatch(): void {
    const open = (this.#feed.rooms ?? []).filter((room) => room.openSeats > 0);
    open.sort((a, b) => b.humans - a.humans || Number(a.view === 'partial') - Number(b.view === 'partial'));
    const best = open[0];
    if (best === undefined) this.#dialog.open();
    else location.hash = formatRoute({ page: 'room', roomId: best.roomId, seat: 'any', key: null });
  }

  #repaint(): void {
    for (const room of this.#feed.rooms ?? []) {
      const card = this.#cards.get(room.roomId);
      card?.update({ ...room, preview: room.preview && { ...room.preview } }, MAP_COLOURS[activeTheme()]);
    }
  }
}
