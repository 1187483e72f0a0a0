/** The page of the trained agents: how each has learned, a game against it, and how to bring one's own. */
import type { BrokenPolicy, PolicyList, PolicySummary } from '../../shared/protocol/policies.ts';
import { DILEMMAS } from '../../shared/registry.ts';
import { el, toast } from '../dom.ts';
import { type Outside, SiteHeader, whyNot } from '../lobby/header.ts';
import { byReturn, shortName } from './catalogue.ts';
import { connectSection } from './connect.ts';
import { against, among } from './games.ts';
import { modelCard, scaleOf } from './model-card.ts';

export class AgentsPage {
  readonly element: HTMLElement;
  readonly #outside: Outside;
  readonly #header: SiteHeader;
  readonly #agents = el('section', { class: 'agents', 'aria-label': 'Trained agents' });
  readonly #stop: () => void;

  constructor(host: Element, outside: Outside) {
    this.#outside = outside;
    this.#header = new SiteHeader(outside, 'agents', () => {});
    this.element = el(
      'div',
      { class: 'lobby' },
      this.#header.element,
      el('main', {}, this.#agents, connectSection(new URL('.', location.href.split('#')[0]).href)),
    );
    host.replaceChildren(this.element);
    this.#stop = outside.catalogue.changed.on(() => this.#update());
    this.#update();
    void outside.catalogue.refresh();
  }

  destroy(): void {
    this.#stop();
  }

  #update(): void {
    const { list, trouble } = this.#outside.catalogue;
    if (list !== null) {
      const count = list.policies.length;
      this.#header.say(`${count} trained ${count === 1 ? 'agent' : 'agents'}`);
    }
    const parts =
      list === null
        ? trouble === null
          ? skeletons()
          : []
        : list.policies.length > 0
          ? this.#groups(list)
          : [nothingYet()];
    this.#agents.replaceChildren(
      ...(trouble === null ? [] : [this.#trouble(trouble)]),
      ...parts,
      ...(list !== null && list.broken.length > 0 ? [brokenSection(list.broken)] : []),
    );
  }

  /** Agents by the environment that they play, best first. */
  #groups({ policies }: PolicyList): HTMLElement[] {
    return DILEMMAS.flatMap(({ name, title }) => {
      const here = byReturn(policies.filter((policy) => policy.environment === name));
      if (here.length === 0) return [];
      const scale = scaleOf(policies, name);
      return el(
        'section',
        { 'aria-label': title },
        el('h2', { class: 'group-title' }, title),
        el('div', { class: 'grid' }, ...here.map((policy) => this.#card(policy, scale))),
      );
    });
  }

  #card(policy: PolicySummary, scale: number): HTMLElement {
    const { create } = this.#outside;
    const name = shortName(policy.name);
    return modelCard(
      policy,
      scale,
      el(
        'button',
        {
          class: 'primary',
          'data-testid': 'play-against',
          'aria-label': `Play against ${name}`,
          on: { click: (event) => void busy(event, () => create(against(policy), { seat: 0 })) },
        },
        'Play against it',
      ),
      el(
        'button',
        {
          'data-testid': 'watch-agent',
          'aria-label': `Watch ${name}`,
          on: { click: (event) => void busy(event, () => create(among(policy))) },
        },
        'Watch it',
      ),
    );
  }

  #trouble(trouble: string): HTMLElement {
    return el(
      'div',
      { class: 'state', role: 'alert' },
      el('p', {}, trouble),
      el('button', { on: { click: () => void this.#outside.catalogue.refresh() } }, 'Try again'),
    );
  }
}

/** A button cannot be pressed again while what it did goes on. */
async function busy(event: Event, work: () => Promise<void>): Promise<void> {
  const button = event.currentTarget as HTMLButtonElement;
  button.disabled = true;
  try {
    await work();
  } catch (error) {
    toast(`No room was made: ${whyNot(error)}`);
  } finally {
    button.disabled = false;
  }
}

function skeletons(): HTMLElement[] {
  const card = () => el('div', { class: 'card skeleton', 'aria-hidden': 'true' });
  return [
    el('p', { class: 'state quiet', role: 'status' }, 'Looking for trained agents …'),
    el('div', { class: 'grid' }, card(), card(), card()),
  ];
}

function nothingYet(): HTMLElement {
  return el(
    'div',
    { class: 'state', role: 'status' },
    el('p', {}, 'This arena has no trained agents yet.'),
    el(
      'p',
      { class: 'quiet' },
      'Train one and put its folder into the arena’s folder of policies: it appears here by itself.',
    ),
    el('pre', { class: 'command' }, 'npx arena train --env harvest --out data/policies/mine'),
  );
}

function brokenSection(broken: readonly BrokenPolicy[]): HTMLElement {
  return el(
    'section',
    { class: 'broken', 'aria-label': 'Agents that cannot be seated' },
    el('h2', { class: 'group-title' }, 'Cannot be seated'),
    el(
      'ul',
      {},
      ...broken.map(({ name, problem }) =>
        el('li', { class: 'card' }, el('strong', {}, name), el('span', { class: 'problem' }, problem)),
      ),
    ),
  );
}
