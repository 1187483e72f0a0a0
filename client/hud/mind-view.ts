/** One mind in numbers: what it might do, what it expects of itself and of the others, and whom it influences. */
import type { Mind, SeatInfo, Welcome } from '../../shared/protocol/index.ts';
import { arrowWidth, WIDEST } from '../arena/minds/geometry.ts';
import { letterOf, markOf } from '../arena/minds/marks.ts';
import { el, setShare, setText, svg } from '../dom.ts';
import { badge, lookOf } from '../players.ts';
import { likeliest, millinats, percent, shortAction, valueText } from './mind-words.ts';
import { NameCell } from './name-cell.ts';
import { briefNameOf } from './names.ts';
import { Sparkline } from './sparkline.ts';

interface Odds {
  readonly row: HTMLElement;
  readonly bar: HTMLElement;
  readonly number: HTMLElement;
  readonly drawn: HTMLElement;
}

interface Other {
  readonly player: number;
  readonly name: NameCell;
  readonly mark: SVGElement;
  readonly expected: HTMLElement;
  readonly likely: HTMLElement;
  readonly right: HTMLElement;
  readonly nats: HTMLElement;
  readonly line: Sparkline;
}

/** The mark of an action, beside its name. */
export function actionMark(action: number): SVGElement {
  return svg(
    'svg',
    { viewBox: '0 0 16 16', class: 'mark', 'aria-hidden': 'true' },
    svg('path', { d: markOf(action) }),
  );
}

export class MindView {
  readonly element: HTMLElement;
  readonly seat: number;
  readonly #labels: readonly string[];
  readonly #players: number;
  readonly #environment: string;
  readonly #name = el('h3', { class: 'who' });
  readonly #said = el('span', { class: 'said', hidden: true });
  readonly #value = el('span', { class: 'number', 'data-testid': 'mind-value' }, '–');
  readonly #state = el('p', { class: 'quiet', role: 'status' }, 'Listening for its next thought …');
  readonly #body = el('div', { class: 'mind-body', hidden: true });
  readonly #others = el('div', {});
  readonly #odds: readonly Odds[];
  #rows: Other[] = [];
  #mind: Mind | null = null;
  #recorded = -1;

  constructor(seat: number, { players, environment, actions: labels }: Welcome) {
    this.seat = seat;
    this.#labels = labels;
    this.#players = players;
    this.#environment = environment;
    this.#odds = labels.map((label) => {
      const bar = el('i');
      const number = el('span', { class: 'number' }, '–');
      const drawn = el('span', { class: 'hush' });
      const row = el(
        'li',
        { 'data-testid': 'mind-odds' },
        el('span', { class: 'what' }, shortAction(label), drawn),
        el('span', { class: 'track' }, bar),
        number,
      );
      return { row, bar, number, drawn };
    });
    this.#odds.forEach(({ row }, action) => void row.prepend(actionMark(action)));
    this.#body.append(
      el(
        'ul',
        { class: 'odds', 'aria-label': 'What it might do, and how likely' },
        ...this.#odds.map(({ row }) => row),
      ),
      this.#others,
    );
    this.element = el(
      'div',
      { class: 'mind-view', 'data-testid': 'mind', 'data-seat': seat },
      el(
        'div',
        { class: 'mind-head' },
        badge(seat),
        this.#name,
        this.#said,
        el(
          'span',
          {
            class: 'mind-value',
            title: 'The return that it expects from here on, in the unit of the rewards that it learned from',
          },
          el('span', { class: 'quiet' }, 'expects '),
          this.#value,
        ),
      ),
      this.#state,
      this.#body,
    );
    this.element.style.setProperty('--player', lookOf(seat).colour);
  }

  name(seats: readonly SeatInfo[]): void {
    setText(this.#name, briefNameOf(seats, this.seat, this.#environment));
    for (const { player, name } of this.#rows) name.show(briefNameOf(seats, player, this.#environment));
    const [first] = this.#rows;
    if (first) this.#explain(briefNameOf(seats, first.player, this.#environment));
  }

  /** Remembers a mind, to be written by `write`. */
  take(mind: Mind | null, seats: readonly SeatInfo[]): void {
    this.#mind = mind;
    this.#body.classList.toggle('stale', mind === null);
    if (mind === null) return;
    // Another policy may have taken the seat, with a model of others or without.
    if (this.#body.hidden || mind.influence.length !== this.#rows.length) {
      this.#body.hidden = false;
      this.#state.hidden = true;
      this.#build(mind, seats);
    }
    if (mind.tick === this.#recorded) return;
    this.#recorded = mind.tick;
    this.#rows.forEach(({ line }, j) => void line.add(arrowWidth(mind.influence[j] ?? 0) / WIDEST));
  }

  /** Writes what it might do itself. */
  writeOwn(): void {
    const mind = this.#mind;
    if (mind === null) return;
    setText(this.#value, valueText(mind.value));
    this.#odds.forEach(({ row, bar, number, drawn }, action) => {
      const p = mind.probabilities[action] ?? 0;
      setShare(bar, p);
      setText(number, percent(p));
      const chosen = action === mind.action;
      row.classList.toggle('drawn', chosen);
      setText(drawn, chosen ? ', which it did' : '');
    });
    this.#said.hidden = mind.symbol === null;
    if (mind.symbol !== null) {
      setText(this.#said, letterOf(mind.symbol));
      this.#said.title = `It says symbol ${mind.symbol}`;
    }
  }

  /** Writes what it thinks of the others. */
  writeOthers(): void {
    const mind = this.#mind;
    if (mind === null) return;
    const actions = mind.probabilities.length;
    this.#rows.forEach((row, j) => {
      const likely = mind.predictions.subarray(j * actions, (j + 1) * actions);
      const action = likeliest(likely);
      const path = markOf(action);
      const mark = row.mark.firstElementChild!;
      if (mark.getAttribute('d') !== path) mark.setAttribute('d', path);
      setText(row.expected, shortAction(this.#labels[action]));
      setText(row.likely, percent(likely[action] ?? 0));
      const checked = mind.checked[j]!;
      const right = mind.right[j]!;
      setText(row.right, checked === 0 ? '–' : percent(right / checked));
      row.right.title = `${right} of ${checked} right in this episode, since somebody first looked`;
      setText(row.nats, millinats(mind.influence[j]!));
      row.line.draw();
    });
  }

  /** The part that depends on whether it has a model of others. */
  #build(mind: Mind, seats: readonly SeatInfo[]): void {
    if (mind.influence.length === 0) {
      this.#rows = [];
      this.#others.replaceChildren(
        el(
          'p',
          { class: 'quiet note' },
          'It learned without a model of the others: it expects nothing of them.',
        ),
      );
      return;
    }
    this.#rows = Array.from(mind.influence, (_, j) => {
      const player = (this.seat + j + 1) % this.#players;
      return {
        player,
        name: new NameCell(),
        mark: actionMark(0),
        expected: el('span', {}),
        likely: el('span', { class: 'number likely' }),
        right: el('td', { class: 'number' }, '–'),
        nats: el('span', { class: 'number', 'data-testid': 'mind-influence' }, '–'),
        line: new Sparkline(),
      };
    });
    const head = (text: string, title: string) => el('th', { scope: 'col', title }, text);
    this.#others.replaceChildren(
      el(
        'table',
        { class: 'others' },
        el(
          'thead',
          {},
          el(
            'tr',
            {},
            head('other', 'The other players'),
            head('expected', 'What it thought each would do in this step'),
            head(
              'right',
              'How often its likeliest guess came true in this episode, since somebody first looked',
            ),
            head('influence', 'On what each does now, in thousandths of a nat'),
          ),
        ),
        el('tbody', {}, ...this.#rows.map(rowOf)),
      ),
      el('p', { class: 'quiet note' }),
    );
    this.name(seats);
  }

  #explain(name: string): void {
    const note = this.#others.querySelector('.note');
    if (note === null) return;
    setText(
      note,
      `Ghosts: where it thought ${name} would step; the likelier, the clearer. Influence: how much its last action changed what it expects ${name} to do now, in thousandths of a nat.`,
    );
  }
}

function rowOf(other: Other): HTMLElement {
  return el(
    'tr',
    {},
    el('th', { scope: 'row' }, el('span', { class: 'cell' }, badge(other.player), other.name.element)),
    el('td', {}, el('span', { class: 'cell' }, other.mark, other.expected, other.likely)),
    other.right,
    el('td', {}, el('span', { class: 'cell end' }, other.line.element, other.nats)),
  );
}
