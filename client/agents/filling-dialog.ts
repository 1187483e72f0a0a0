/** Asks what shall play a seat: nobody yet, a scripted bot or a trained agent, whose card lies beside the list. */
import { POLICIES } from '../../shared/policies/index.ts';
import type { BrokenPolicy, PolicySummary } from '../../shared/protocol/policies.ts';
import { el, setText } from '../dom.ts';
import { format } from '../numbers.ts';
import { byReturn, meanOf, type PolicyCatalogue, shortName } from './catalogue.ts';
import { misfit, type Place } from './fit.ts';
import { modelCard, originOf, scaleOf } from './model-card.ts';

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
    const here = policies.filter((policy) => policy.environment === question.place.environment);
    const elsewhere = policies.filter((policy) => policy.environment !== question.place.environment);
    const state =
      list !== null && policies.length === 0
        ? 'There are none here yet.'
        : list !== null
          ? null
          : (trouble ?? 'Looking for trained agents …');
    this.#list.replaceChildren(
      group('Nobody yet', '', this.#row('open', 'Open', 'kept for a person')),
      group(
        'Trained agents',
        policies.length > 0 ? 'collective return' : '',
        ...[...here, ...elsewhere].map((policy) => this.#policyRow(policy, question.place)),
        ...(list?.broken ?? []).map((broken) => brokenRow(broken)),
        state !== null && el('p', { class: 'quiet help', role: 'status' }, state),
      ),
      group('Scripted bots', '', ...POLICIES.map(({ name, title }) => this.#row(name, title, ''))),
    );
    if (focused) this.#list.querySelector<HTMLInputElement>('input:checked')?.focus();
    this.#describe();
  }

  #policyRow(policy: PolicySummary, place: Place): HTMLElement {
    const problem = misfit(policy, place);
    const mean = meanOf(policy, 'collectiveReturn');
    const score = mean === null ? originOf(policy.name) : format(Math.round(mean));
    const row = this.#row(policy.name, shortName(policy.name), problem ?? score, problem !== null);
    if (problem === null) row.title = `${policy.name}: collective return ${score}`;
    return row;
  }

  #row(filling: string, name: string, note: string, disabled = false): HTMLElement {
    const radio = el('input', {
      type: 'radio',
      name: 'filling',
      value: filling,
      checked: filling === this.#chosen,
      disabled,
    });
    radio.addEventListener('change', () => {
      this.#chosen = filling;
      this.#describe();
    });
    const row = el(
      'label',
      { class: disabled ? 'filling unfit' : 'filling', 'data-filling': filling },
      radio,
      el('span', { class: 'who' }, name),
      el('span', { class: 'quiet number filling-note' }, note),
    );
    if (!disabled) row.addEventListener('dblclick', () => this.element.close('seat'));
    return row;
  }

  /** What is chosen, beside the list. */
  #describe(): void {
    const question = this.#question!;
    const policy = this.#catalogue.find(this.#chosen);
    const scripted = POLICIES.find(({ name }) => name === this.#chosen);
    this.#seat.disabled = policy !== undefined && misfit(policy, question.place) !== null;
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
          : [shortName(this.#chosen), 'A trained agent that the arena no longer lists.'];
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

function brokenRow({ name, problem }: BrokenPolicy): HTMLElement {
  return el(
    'label',
    { class: 'filling unfit', 'data-filling': name, title: problem },
    el('input', { type: 'radio', name: 'filling', value: name, disabled: true }),
    el('span', { class: 'who' }, shortName(name)),
    el('span', { class: 'problem filling-note' }, problem),
  );
}
