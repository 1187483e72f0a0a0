/** Who plays and how they fare: a row a seat, in the order of seats, so that nothing jumps about. */
import type { SeatInfo } from '../../shared/protocol/index.ts';
import { el, setShare, setText } from '../dom.ts';
import { icon } from '../icons.ts';
import { format } from '../numbers.ts';
import { badge } from '../players.ts';
import { isFree, kindOf, nameOf } from './names.ts';

interface Row {
  readonly element: HTMLElement;
  readonly pick: HTMLButtonElement;
  readonly name: HTMLElement;
  readonly kind: HTMLElement;
  readonly score: HTMLElement;
  readonly bar: HTMLElement;
  readonly sit: HTMLButtonElement;
  readonly link: HTMLButtonElement;
  readonly fill: HTMLButtonElement;
  readonly recorded: HTMLElement;
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

export class Scoreboard {
  readonly element = el('ul', { class: 'scores' });
  readonly #actions: ScoreboardActions;
  #rows: Row[] = [];

  constructor(actions: ScoreboardActions) {
    this.#actions = actions;
  }

  /** @param mine our own seat. */
  seats(seats: readonly SeatInfo[], mine: number | null, rights: SeatRights): void {
    if (this.#rows.length !== seats.length) {
      this.#rows = seats.map((seat) => this.#row(seat.seat));
      this.element.replaceChildren(...this.#rows.map((row) => row.element));
      this.element.classList.toggle('dense', seats.length > 8);
    }
    for (const seat of seats) {
      const row = this.#rows[seat.seat]!;
      const name = nameOf(seats, seat.seat);
      setText(row.name, name);
      row.name.title = name;
      setText(row.kind, kindOf(seat, mine));
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
      row.fill.hidden = !(rights.filling && free);
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
    const name = el('span', { class: 'who' });
    const kind = el('span', { class: 'quiet kind' });
    const score = el('span', { class: 'number score', 'data-testid': `score-${seat}` }, '0');
    const pick = el(
      'button',
      { type: 'button', class: 'pick', on: { click: () => this.#actions.follow(seat) } },
      badge(seat),
      name,
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
    return {
      element: el('li', {}, pick, recorded, fill, link, sit, score, bar),
      pick,
      name,
      kind,
      score,
      bar,
      sit,
      link,
      fill,
      recorded,
      shown: 0,
    };
  }
}
