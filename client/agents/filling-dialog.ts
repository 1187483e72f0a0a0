/** Asks what shall play a seat: nobody yet, a scripted bot or a trained agent, whose card lies beside the list. */
import { POLICIES } from '../../shared/policies/index.ts';
import { isTrained } from '../../shared/protocol/index.ts';
import type { PolicySummary } from '../../shared/protocol/policies.ts';
import { el, setText } from '../dom.ts';
import { format } from '../numbers.ts';
import { byReturn, meanOf, originOf, type PolicyCatalogue, shortName } from './catalogue.ts';
import { misfit, type Place } from './fit.ts';
import { modelCard, scaleOf } from './model-card.ts';

export interface FillingQuestion {
  /** For example `Seat 3`. */
  readonly title: string;
  readonly current: string;
  readonly place: Place;
}

export class FillingDialog {
  readonly element: HTMLDialogElement;
  readonly #catalogue: PolicyCatalogue;
  readonly #title = el('h2', { id: 'filling-title' });
  readonly #list = el('div', { class: 'fillings', role: 'radiogroup', 'aria-labelledby': 'filling-title' });
  readonly #unfit = el('details', { class: 'unfit-ones', 'data-testid': 'unfit' });
  readonly #detail = el('div', { class: 'filling-detail', 'aria-live': 'polite' });
  readonly #seat = el(
    'button',
    { type: 'submit', class: 'primary', value: 'seat', 'data-testid': 'seat-it' },
    'Seat it',
  );
  #question: FillingQuestion | null = null;
  #chosen = '';
  #answer: ((filling: string | null) => void) | null = null;
  /** Ends listening to the catalogue, which outlives every page. */
  #stop: () => void = () => {};

  constructor(catalogue: PolicyCatalogue) {
    this.#catalogue = catalogue;
    const form = el(
      'form',
      { method: 'dialog' },
      this.#title,
      el('div', { class: 'filling-columns' }, this.#list, this.#detail),
      el(
        'div',
        { class: 'buttons end sheet-foot' },
        el('button', { type: 'button', on: { click: () => this.element.close() } }, 'Cancel'),
        this.#seat,
      ),
    );
    this.element = el(
      'dialog',
      { class: 'sheet wide', 'aria-labelledby': 'filling-title', 'data-testid': 'filling-dialog' },
      form,
    );
    this.element.addEventListener('close', () =>
      this.#reply(this.element.returnValue === 'seat' ? this.#chosen : null),
    );
  }

  /** @returns what was chosen, or null where nothing was. */
  ask(question: FillingQuestion): Promise<string | null> {
    this.#reply(null);
    this.#question = question;
    this.#chosen = question.current;
    this.#unfit.open = false;
    setText(this.#title, `Who plays ${question.title}?`);
    this.#render();
    this.#stop = this.#catalogue.changed.on(() => this.#render());
    void this.#catalogue.refresh();
    this.element.returnValue = '';
    this.element.showModal();
    this.#list.querySelector<HTMLInputElement>('input:checked')?.focus();
    return new Promise((resolve) => {
      this.#answer = resolve;
    });
  }

  #reply(filling: string | null): void {
    this.#stop();
    this.#answer?.(filling);
    this.#answer = null;
  }

  #render(): void {
    const question = this.#question;
    if (question === null) return;
    const focused = this.#list.contains(document.activeElement);
    const { list, trouble } = this.#catalogue;
    const policies = byReturn(list?.policies ?? []);
    const fitting = policies.filter((policy) => misfit(policy, question.place) === null);
    const unfit = [
      ...policies.flatMap((policy) => unfitRow(policy.name, misfit(policy, question.place), this.#chosen)),
      ...(list?.broken ?? []).flatMap(({ name, problem }) => unfitRow(name, problem, this.#chosen)),
    ];
    const state =
      list === null
        ? (trouble ?? 'Looking for trained agents …')
        : policies.length === 0
          ? 'There are none here yet.'
          : fitting.length === 0
            ? 'None fits here.'
            : null;
    this.#list.replaceChildren(
      group('Nobody yet', '', this.#row('open', 'Open', 'kept for a person')),
      group(
        'Trained agents',
        fitting.length > 0 ? 'collective return' : '',
        ...fitting.map((policy) => this.#policyRow(policy)),
        state !== null && el('p', { class: 'quiet help', role: 'status' }, state),
      ),
      group('Scripted bots', '', ...POLICIES.map(({ name, title }) => this.#row(name, title, ''))),
      ...(unfit.length > 0 ? [this.#unfit] : []),
    );
    this.#unfit.replaceChildren(
      el(
        'summary',
        { class: 'quiet' },
        `${unfit.length} that ${unfit.length === 1 ? 'does' : 'do'} not fit here`,
      ),
      ...unfit,
    );
    if (this.#unfit.querySelector('input:checked') !== null) this.#unfit.open = true;
    if (focused) this.#list.querySelector<HTMLInputElement>('input:checked')?.focus();
    this.#describe();
  }

  #policyRow(policy: PolicySummary): HTMLElement {
    const mean = meanOf(policy, 'collectiveReturn');
    const score = mean === null ? 'not evaluated' : format(Math.round(mean));
    const row = this.#row(policy.name, shortName(policy.name), score);
    row.title = `${policy.name}: collective return ${score}`;
    return row;
  }

  #row(filling: string, name: string, note: string): HTMLElement {
    const radio = el('input', {
      type: 'radio',
      name: 'filling',
      value: filling,
      checked: filling === this.#chosen,
    });
    radio.addEventListener('change', () => {
      this.#chosen = filling;
      this.#describe();
    });
    const row = el(
      'label',
      { class: 'filling', 'data-filling': filling },
      radio,
      el('span', { class: 'who' }, name),
      originTag(filling),
      el('span', { class: 'quiet number filling-note' }, note),
    );
    row.addEventListener('dblclick', () => this.element.close('seat'));
    return row;
  }

  /** What is chosen, beside the list. */
  #describe(): void {
    const question = this.#question!;
    const policy = this.#catalogue.find(this.#chosen);
    const scripted = POLICIES.find(({ name }) => name === this.#chosen);
    const problem = this.#catalogue.problemOf(this.#chosen);
    this.#seat.disabled =
      problem !== null || (policy !== undefined && misfit(policy, question.place) !== null);
    setText(this.#seat, this.#chosen === 'open' ? 'Leave it open' : 'Seat it');
    if (policy !== undefined) {
      const all = this.#catalogue.list!.policies;
      this.#detail.replaceChildren(modelCard(policy, scaleOf(all, policy.environment)));
      return;
    }
    const [title, text] =
      scripted !== undefined
        ? [scripted.title, scripted.summary]
        : this.#chosen === 'open'
          ? [
              'Open',
              'The seat waits for a person or a program. Until somebody takes it, this player stands still.',
            ]
          : [shortName(this.#chosen), problem ?? 'A trained agent that the arena no longer lists.'];
    this.#detail.replaceChildren(
      el(
        'article',
        { class: 'card' },
        el('h3', {}, title),
        el('p', {}, text),
        el('p', { class: 'quiet' }, 'A person who takes the seat plays in its place.'),
      ),
    );
  }
}

/** @param note what stands at the end of the rows. */
function group(title: string, note: string, ...rows: readonly (HTMLElement | false)[]): HTMLElement {
  return el('section', {}, el('h3', { class: 'quiet' }, title, el('span', {}, note)), ...rows);
}

/** One that cannot be chosen, and why; none where nothing is against it. */
function unfitRow(name: string, problem: string | null, chosen: string): HTMLElement[] {
  if (problem === null) return [];
  const radio = el('input', {
    type: 'radio',
    name: 'filling',
    value: name,
    checked: name === chosen,
    disabled: true,
  });
  return [
    el(
      'label',
      { class: 'filling unfit', 'data-filling': name, title: name },
      radio,
      el('span', { class: 'who' }, shortName(name)),
      originTag(name),
      el('span', { class: 'quiet filling-note' }, problem),
    ),
  ];
}

/** A policy of the same name may lie in both places. */
function originTag(filling: string): HTMLElement | null {
  return isTrained(filling) ? el('span', { class: 'quiet origin' }, originOf(filling)) : null;
}
