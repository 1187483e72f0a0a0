/** All minds at once, a row each: what it did, what it expects, and whom it influences most. */
import type { Mind, SeatInfo, Welcome } from '../../shared/protocol/index.ts';
import { arrowWidth, WIDEST } from '../arena/minds/geometry.ts';
import { letterOf, markOf } from '../arena/minds/marks.ts';
import { el, setText } from '../dom.ts';
import { badge } from '../players.ts';
import { actionMark } from './mind-view.ts';
import { millinats, shortAction, valueText } from './mind-words.ts';
import { NameCell } from './name-cell.ts';
import { briefNameOf } from './names.ts';
import { Sparkline } from './sparkline.ts';

interface Row {
  readonly seat: number;
  readonly name: NameCell;
  readonly said: HTMLElement;
  readonly mark: SVGElement;
  readonly did: HTMLElement;
  readonly value: HTMLElement;
  readonly nats: HTMLElement;
  readonly line: Sparkline;
  /** Badges of the players, of which the most influenced is seen. */
  readonly targets: HTMLElement;
  recorded: number;
  target: number;
}

export class MindsView {
  readonly element: HTMLElement;
  readonly #labels: readonly string[];
  readonly #players: number;
  readonly #environment: string;
  readonly #rows: readonly Row[];

  /** @param open called with the seat whose row was clicked. */
  constructor(
    seats: readonly number[],
    { players, environment, actions: labels }: Welcome,
    open: (seat: number) => void,
  ) {
    this.#labels = labels;
    this.#players = players;
    this.#environment = environment;
    this.#rows = seats.map((seat) => ({
      seat,
      name: new NameCell(),
      said: el('span', { class: 'said', hidden: true }),
      mark: actionMark(0),
      did: el('span', {}, '–'),
      value: el('td', { class: 'number' }, '–'),
      nats: el('span', { class: 'number' }, '–'),
      line: new Sparkline(),
      targets: el('span', { class: 'target' }),
      recorded: -1,
      target: -1,
    }));
    const head = (text: string, title: string) => el('th', { scope: 'col', title }, text);
    this.element = el(
      'div',
      { class: 'mind-view', 'data-testid': 'minds' },
      el(
        'table',
        { class: 'others all' },
        el(
          'thead',
          {},
          el(
            'tr',
            {},
            head('mind', 'Players with a mind'),
            head('did', 'What it did in this step'),
            head('expects', 'The return that it expects from here on'),
            head('influence', 'On all others together, in thousandths of a nat, and on whom most'),
          ),
        ),
        el('tbody', {}, ...this.#rows.map((row) => rowOf(row, () => open(row.seat)))),
      ),
      el(
        'p',
        { class: 'quiet note' },
        'Arrows: how much a player’s last action changes what another is expected to do now, in thousandths of a nat.',
      ),
    );
  }

  shows(seats: readonly number[]): boolean {
    return seats.length === this.#rows.length && seats.every((seat, i) => seat === this.#rows[i]!.seat);
  }

  name(seats: readonly SeatInfo[]): void {
    for (const { seat, name } of this.#rows) name.show(briefNameOf(seats, seat, this.#environment));
  }

  take(of: (seat: number) => Mind | null): void {
    for (const row of this.#rows) {
      const mind = of(row.seat);
      if (mind === null || mind.tick === row.recorded) continue;
      row.recorded = mind.tick;
      row.line.add(arrowWidth(sum(mind.influence)) / WIDEST);
    }
  }

  write(of: (seat: number) => Mind | null): void {
    for (const row of this.#rows) {
      const mind = of(row.seat);
      if (mind === null) continue;
      const path = mind.action === null ? '' : markOf(mind.action);
      const mark = row.mark.firstElementChild!;
      if (mark.getAttribute('d') !== path) mark.setAttribute('d', path);
      setText(row.did, mind.action === null ? 'late' : shortAction(this.#labels[mind.action]));
      setText(row.value, valueText(mind.value));
      row.said.hidden = mind.symbol === null;
      if (mind.symbol !== null) setText(row.said, letterOf(mind.symbol));
      this.#writeInfluence(row, mind);
    }
  }

  #writeInfluence(row: Row, mind: Mind): void {
    const total = sum(mind.influence);
    setText(row.nats, mind.influence.length === 0 ? '–' : millinats(total));
    row.line.draw();
    let most = -1;
    for (let j = 0; j < mind.influence.length; j++)
      if (most < 0 || mind.influence[j]! > mind.influence[most]!) most = j;
    const target = most < 0 || total === 0 ? -1 : (row.seat + most + 1) % this.#players;
    if (target === row.target) return;
    row.target = target;
    row.targets.replaceChildren(...(target < 0 ? [] : ['→', badge(target)]));
    row.targets.title = target < 0 ? '' : `most on player ${target + 1}`;
  }
}

function sum(values: Float32Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

function rowOf(row: Row, open: () => void): HTMLElement {
  return el(
    'tr',
    {},
    el(
      'th',
      { scope: 'row' },
      el(
        'button',
        { type: 'button', class: 'pick cell', on: { click: open } },
        badge(row.seat),
        row.name.element,
        row.said,
      ),
    ),
    el('td', {}, el('span', { class: 'cell' }, row.mark, row.did)),
    row.value,
    el('td', {}, el('span', { class: 'cell end' }, row.line.element, row.nats, row.targets)),
  );
}
