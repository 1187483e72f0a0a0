/** What this browser remembers: of its user for good, of a seat for as long as the tab is open. */
import { type Bindings, DEFAULT_BINDINGS, readBindings } from './input/bindings.ts';

/** The part of the Web Storage interface that is needed here. */
export interface Store {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** Storage may be forbidden (private windows, embedded pages): then things are remembered until the page goes. */
export function usableStore(open: () => Store): Store {
  try {
    const store = open();
    store.setItem('arena.probe', '1');
    store.removeItem('arena.probe');
    return store;
  } catch {
    const values = new Map<string, string>();
    return {
      getItem: (key) => values.get(key) ?? null,
      setItem: (key, value) => void values.set(key, value),
      removeItem: (key) => void values.delete(key),
    };
  }
}

export type Theme = 'dark' | 'light';
/** Whether directions mean the screen's or the creature's; see `input/steering.ts`. */
export type Steering = 'screen' | 'facing';

const TEMPER = ['quiet', 'amber', 'early', 'brisk', 'gentle', 'north', 'silver', 'lucky', 'mossy', 'bright'];
const BIRD = ['heron', 'wren', 'plover', 'finch', 'robin', 'swift', 'tern', 'dove', 'lark', 'owl'];

export class Settings {
  readonly #local: Store;
  readonly #session: Store;

  constructor(local: Store, session: Store) {
    this.#local = local;
    this.#session = session;
  }

  /** A random secret of this browser: 32 hex digits, by which a room knows a second tab of the same person. */
  get identity(): string {
    return this.#remember('identity', () => hex(crypto.getRandomValues(new Uint8Array(16))));
  }

  get name(): string {
    return this.#remember('name', () => `${pick(TEMPER)} ${pick(BIRD)}`);
  }

  set name(value: string) {
    this.#local.setItem('arena.name', value.trim().slice(0, 24) || this.name);
  }

  /** Null until somebody has chosen. */
  get theme(): Theme | null {
    const chosen = this.#local.getItem('arena.theme');
    return chosen === 'light' || chosen === 'dark' ? chosen : null;
  }

  set theme(value: Theme) {
    this.#local.setItem('arena.theme', value);
  }

  get sound(): boolean {
    return this.#local.getItem('arena.sound') === 'on';
  }

  set sound(on: boolean) {
    this.#local.setItem('arena.sound', on ? 'on' : 'off');
  }

  get steering(): Steering {
    return this.#local.getItem('arena.steering') === 'facing' ? 'facing' : 'screen';
  }

  set steering(value: Steering) {
    this.#local.setItem('arena.steering', value);
  }

  get guided(): boolean {
    return this.#local.getItem('arena.guided') === 'yes';
  }

  set guided(value: boolean) {
    this.#local.setItem('arena.guided', value ? 'yes' : 'no');
  }

  get bindings(): Bindings {
    return readBindings(this.#local.getItem('arena.bindings'));
  }

  set bindings(bindings: Bindings) {
    if (bindings === DEFAULT_BINDINGS) this.#local.removeItem('arena.bindings');
    else this.#local.setItem('arena.bindings', JSON.stringify(bindings));
  }

  /** The token that takes a seat of this room back after a reload of the tab. */
  seatToken(roomId: string): string | null {
    return this.#session.getItem(`arena.seat.${roomId}`);
  }

  setSeatToken(roomId: string, token: string | null): void {
    this.#put(`arena.seat.${roomId}`, token);
  }

  /** The key of the room's seat links, if this tab's user made the room or came by such a link. */
  seatKey(roomId: string): string | null {
    return this.#session.getItem(`arena.key.${roomId}`);
  }

  setSeatKey(roomId: string, key: string | null): void {
    this.#put(`arena.key.${roomId}`, key);
  }

  #put(key: string, value: string | null): void {
    if (value === null) this.#session.removeItem(key);
    else this.#session.setItem(key, value);
  }

  #remember(key: string, make: () => string): string {
    const known = this.#local.getItem(`arena.${key}`);
    if (known) return known;
    const made = make();
    this.#local.setItem(`arena.${key}`, made);
    return made;
  }
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function pick(words: readonly string[]): string {
  return words[crypto.getRandomValues(new Uint8Array(1))[0]! % words.length]!;
}
