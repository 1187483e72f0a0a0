/**
 * The first twenty seconds: what the dilemma is, and what the keys do, in a strip below the map, for the game may be running
 * already. Skipped by a key or a click, and remembered.
 */
import type { Welcome } from '../../shared/protocol/index.ts';
import { el } from '../dom.ts';
import type { Settings } from '../settings.ts';
import { dilemmaPictures } from './dilemma.ts';
import type { KeyCaps } from './key-caps.ts';

export class Guide {
  readonly element = el('section', {
    class: 'guide',
    'data-testid': 'guide',
    'aria-label': 'How to play',
    hidden: true,
  });
  readonly #settings: Settings;
  readonly #caps: () => KeyCaps;
  #live: KeyCaps | null = null;

  /** @param caps makes the picture of the keys, as they are bound now. */
  constructor(settings: Settings, caps: () => KeyCaps) {
    this.#settings = settings;
    this.#caps = caps;
  }

  get open(): boolean {
    return !this.element.hidden;
  }

  /** Keys that light up when they are pressed, while the guide shows them. */
  get live(): KeyCaps | null {
    return this.#live;
  }

  show(welcome: Welcome): void {
    const next = el(
      'button',
      { class: 'primary', type: 'button', on: { click: () => this.#showKeys(welcome) } },
      'How do I play?',
    );
    this.#page(
      el('h2', {}, welcome.environmentTitle),
      dilemmaPictures(welcome.environment),
      el('p', {}, welcome.summary),
      [next],
    );
  }

  close(): void {
    this.element.hidden = true;
    this.#live = null;
    this.#settings.guided = true;
  }

  #showKeys(welcome: Welcome): void {
    const touch = matchMedia('(pointer: coarse)').matches;
    this.#live = touch ? null : this.#caps();
    const advice =
      welcome.view === 'partial'
        ? 'You see what an agent sees: your own window, turned so that you face up.'
        : 'Move over an apple to eat it. Turn to aim; a fine costs you a little and whoever is hit a lot.';
    const done = el(
      'button',
      { class: 'primary', type: 'button', on: { click: () => this.close() } },
      'Let me play',
    );
    const how = touch ? 'The arrows below the map move you, the bent ones turn you. ' : '';
    this.#page(
      el('h2', {}, touch ? 'Your buttons' : 'Your keys'),
      this.#live?.element ?? null,
      el('p', {}, how, advice, ' Hold to go on.'),
      [done],
    );
    done.focus({ preventScroll: true });
  }

  #page(
    title: HTMLElement,
    picture: HTMLElement | null,
    text: HTMLElement,
    buttons: readonly HTMLElement[],
  ): void {
    const skip = el(
      'button',
      { type: 'button', 'data-testid': 'guide-skip', on: { click: () => this.close() } },
      'Skip',
    );
    this.element.replaceChildren(
      el('div', { class: 'guide-text' }, title, text),
      ...(picture ? [picture] : []),
      el('div', { class: 'buttons end' }, skip, ...buttons),
    );
    this.element.hidden = false;
  }
}
