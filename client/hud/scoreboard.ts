/** Who plays and how they fare: a row a seat, in the order of seats, so that nothing jumps about. */
import type { SeatInfo } from '../../shared/protocol/index.ts';
import { el, setShare, setText } from '../dom.ts';
import { icon } from '../icons.ts';
import { format } from '../numbers.ts';
import { badge } from '../players.ts';
import { NameCell } from './name-cell.ts';
import { briefNameOf, isFree, kindOf, nameOf } from './names.ts';

interface Row {
  readonly element: HTMLElement;
  readonly pick: HTMLButtonElement;
  readonly name: NameCell;
  readonly kind: HTMLElement;
  readonly score: HTMLElement;
  readonly bar: HTMLElement;
  readonly sit: HTMLButtonElement;
  readonly link: HTMLButtonElement;
  readonly fill: HTMLButtonElement;
  readonly recorded: HTMLElement;
  /** Why what plays the seat fails, and the way out of it. */
  readonly broken: HTMLElement;
  readonly problem: HTMLElement;
  readonly change: HTMLButtonElement;
  /** As shown: counts towards the true one. */
  shown: number;
}

export interface ScoreboardActions {
  follow(player: number): void;
  sit(seat: number): void;
  copyLink(seat: number): void;
  /** Asks what shall play the seat. */
  fill(seat: number): void;
}

/** What may be done with seats. */
export interface SeatRights {
  /** Whether we may sit down. */
  readonly sitting: boolean;
  /** Whether seats have links to hand out. */
  readonly sharing: boolean;
  /** Whether we say what plays them. */
  readonly filling: boolean;
}

/** What a row says beside what the seat itself tells. */
export interface SeatContext {
  /** The game of the room, which names of trained policies need not repeat. */
  readonly environment: string;
  /** Why whoever a filling plays stands still, null where nothing is known of it. */
  failureOf(filling: string): string | null;
}

export class Scoreboard {
  readonly element = el('ul', { class: 'scores' });
  readonly #actions: ScoreboardActions;
  #rows: Row[] = [];

  constructor(actions: ScoreboardActions) {
    this.#actions = actions;
  }

  /** @param mine our own seat. */
  seats(seats: readonly SeatInfo[], mine: number | null, rights: SeatRights, context: SeatContext): void {
    if (this.#rows.length !== seats.length) {
      this.#rows = seats.map((seat) => this.#row(seat.seat));
      this.element.replaceChildren(...this.#rows.map((row) => row.element));
      this.element.classList.toggle('dense', seats.length > 8);
    }
    for (const seat of seats) {
      const row = this.#rows[seat.seat]!;
      const name = nameOf(seats, seat.seat);
      row.name.show(briefNameOf(seats, seat.seat, context.environment));
      row.name.element.title = seat.kind === 'trained' ? `${seat.name}, seat ${seat.seat + 1}` : name;
      const problem = seat.kind === 'trained' ? context.failureOf(seat.filling) : null;
      setText(row.kind, kindOf(seat, mine, problem));
      row.broken.hidden = problem === null;
      setText(row.problem, problem ?? '');
      row.problem.title = problem ?? '';
      row.change.hidden = !rights.filling;
      row.change.setAttribute('aria-label', `Change what plays seat ${seat.seat + 1}, which is broken`);
      row.element.classList.toggle('failing', problem !== null);
      row.pick.setAttribute(
        'aria-label',
        `${seat.kind === 'trained' ? 'Open the mind of' : 'Follow'} ${name}`,
      );
      row.kind.title = seat.botEarned !== 0 ? `its bot earned ${format(seat.botEarned)} of it meanwhile` : '';
      row.element.classList.toggle('mine', seat.seat === mine);
      row.recorded.hidden = !seat.recorded;
      const free = isFree(seat);
      row.sit.hidden = !(rights.sitting && free);
      row.sit.setAttribute('aria-label', `Take the seat of ${name}`);
      row.fill.hidden = !(rights.filling && free) || problem !== null;
      row.fill.setAttribute('aria-label', `Change what plays seat ${seat.seat + 1}`);
      row.link.hidden = !(rights.sharing && free);
      row.link.setAttribute('aria-label', `Copy the link to seat ${seat.seat + 1}`);
    }
  }

  /** @param returns by player, or null for those that cannot be seen. */
  returns(returns: (player: number) => number | null): void {
    let best = 0;
    for (let i = 0; i < this.#rows.length; i++) best = Math.max(best, returns(i) ?? 0);
    this.#rows.forEach((row, i) => {
      const value = returns(i);
      if (value === null) {
        setText(row.score, '–');
        setShare(row.bar, 0);
        return;
      }
      // A fine is counted down over a few ticks rather than jumped.
      const rest = value - row.shown;
      row.shown = Math.abs(rest) <= 3 ? value : row.shown + Math.trunc(rest / 2);
      setText(row.score, format(row.shown));
      setShare(row.bar, best > 0 ? Math.max(0, value) / best : 0);
      row.element.classList.toggle('leading', best > 0 && value === best);
    });
  }

  followed(player: number | null): void {
    this.#rows.forEach((row, i) => void row.pick.setAttribute('aria-pressed', String(i === player)));
  }

  #row(seat: number): Row {
    const name = new NameCell();
    const kind = el('span', { class: 'quiet kind' });
    const score = el('span', { class: 'number score', 'data-testid': `score-${seat}` }, '0');
    const pick = el(
      'button',
      { type: 'button', class: 'pick', on: { click: () => this.#actions.follow(seat) } },
      badge(seat),
      name.element,
      kind,
    );
    const sit = el(
      'button',
      { type: 'button', class: 'small', hidden: true, on: { click: () => this.#actions.sit(seat) } },
      'Sit',
    );
    const link = el(
      'button',
      {
        type: 'button',
        class: 'small icon',
        hidden: true,
        title: 'Copy a link to this seat',
        on: { click: () => this.#actions.copyLink(seat) },
      },
      icon('link'),
    );
    const fill = el(
      'button',
      {
        type: 'button',
        class: 'small icon',
        hidden: true,
        title: 'Change what plays this seat',
        'data-testid': `fill-${seat}`,
        on: { click: () => this.#actions.fill(seat) },
      },
      icon('swap'),
    );
    const recorded = el('span', { class: 'recorded', hidden: true, title: 'Recorded, with consent' }, 'rec');
    const bar = el('i', { class: 'share' });
    const problem = el('span', { class: 'problem' });
    const change = el(
      'button',
      {
        type: 'button',
        class: 'change',
        'data-testid': `change-${seat}`,
        on: { click: () => this.#actions.fill(seat) },
      },
      'Change',
    );
    const broken = el(
      'div',
      { class: 'broken-seat', role: 'status', hidden: true, 'data-testid': `broken-${seat}` },
      problem,
      change,
    );
    return {
      element: el('li', {}, pick, recorded, fill, link, sit, score, bar, broken),
      pick,
      name,
      kind,
      score,
      bar,
      sit,
      link,
      fill,
      recorded,
      broken,
      problem,
      change,
      shown: 0,
    };
  }
}
