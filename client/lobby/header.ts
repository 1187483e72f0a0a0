/** The head of the pages outside rooms: who one is, and the ways in. */
import type { RoomOptionsInput, Sit } from '../../shared/protocol/index.ts';
import { aboutDialog } from '../about.ts';
import type { PolicyCatalogue } from '../agents/catalogue.ts';
import { FillingDialog } from '../agents/filling-dialog.ts';
import { quickMatch } from '../agents/games.ts';
import { el, setText, toast } from '../dom.ts';
import { formatRoute } from '../route.ts';
import type { Settings } from '../settings.ts';
import { themeButton } from '../theme.ts';
import { NewRoomDialog } from './new-room.ts';

/** Makes a room and goes there, to the given seat of it or to watch. Rejects with why there is none. */
export type MakeRoom = (room: RoomOptionsInput, sit?: Sit) => Promise<void>;

/** What the pages outside rooms share. */
export interface Outside {
  readonly settings: Settings;
  readonly catalogue: PolicyCatalogue;
  readonly create: MakeRoom;
}

export class SiteHeader {
  readonly element: HTMLElement;
  readonly #outside: Outside;
  readonly #count = el('span', { class: 'quiet' });
  readonly #quick: HTMLButtonElement;
  readonly #newRoom: NewRoomDialog;

  /** @param here the page that this is. @param repaint told when the theme has changed. */
  constructor(outside: Outside, here: 'lobby' | 'agents', repaint: () => void) {
    this.#outside = outside;
    const { settings, catalogue } = outside;
    const fillings = new FillingDialog(catalogue);
    this.#newRoom = new NewRoomDialog((room) => outside.create(room), catalogue, fillings);
    const about = aboutDialog();
    this.#quick = el(
      'button',
      {
        class: 'primary',
        'data-testid': 'quick',
        title: 'You against four trained agents',
        on: { click: () => void this.#quickMatch() },
      },
      'Quick match',
    );
    const link = (page: 'lobby' | 'agents', text: string) =>
      el(
        'a',
        { class: 'button plain', href: formatRoute({ page }), 'aria-current': page === here ? 'page' : null },
        text,
      );
    this.element = el(
      'div',
      {},
      el(
        'header',
        { class: 'top' },
        el('h1', {}, el('span', { class: 'logo', 'aria-hidden': 'true' }), 'Commons Arena'),
        this.#count,
        nameField(settings),
        themeButton(settings, repaint),
      ),
      el(
        'nav',
        { class: 'buttons', 'aria-label': 'Ways in' },
        this.#quick,
        el('button', { 'data-testid': 'new-room', on: { click: () => this.openNewRoom() } }, 'New room'),
        link('lobby', 'Rooms'),
        link('agents', 'Agents'),
        el('button', { class: 'plain', on: { click: () => about.showModal() } }, 'About'),
      ),
      this.#newRoom.element,
      fillings.element,
      about,
    );
  }

  /** @param text beside the title. */
  say(text: string): void {
    setText(this.#count, text);
  }

  openNewRoom(): void {
    this.#newRoom.open();
  }

  async #quickMatch(): Promise<void> {
    const { catalogue, settings, create } = this.#outside;
    this.#quick.disabled = true;
    setText(this.#quick, 'Seating you …');
    try {
      const list = await catalogue.refresh();
      const { room, note } = quickMatch(list?.policies ?? null, settings.name);
      await create(room, { seat: 0 });
      if (note !== null) toast(note, 'quick-note');
    } catch (error) {
      toast(`No match was made: ${whyNot(error)}`);
    } finally {
      this.#quick.disabled = false;
      setText(this.#quick, 'Quick match');
    }
  }
}

/** What a refusal to make a room says, or that nothing was said. */
export function whyNot(error: unknown): string {
  return (error as Error).message || 'the arena does not answer, try again in a moment';
}

function nameField(settings: Settings): HTMLElement {
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
  return el('label', { class: 'name', for: 'name' }, el('span', { class: 'quiet' }, 'you are'), name);
}
