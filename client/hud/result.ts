/** How an episode ended. */
import type { EpisodeResult, SeatInfo } from '../../shared/protocol/index.ts';
import type { Clock } from '../clock.ts';
import { el } from '../dom.ts';
import { format } from '../numbers.ts';
import { badge } from '../players.ts';
import { nameOf } from './names.ts';

/** Players that are listed. */
const LISTED = 8;
/** How long a result is shown, unless it is closed or another follows, milliseconds. */
const SHOWN = 8000;

/** The next episode may begin at once: a result lies beside the map for a while, not over it until something happens. */
export class ResultView {
  readonly element = el('div', { class: 'result-holder' });
  readonly #clock: Clock;
  #cancel: () => void = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  show(result: EpisodeResult, seats: readonly SeatInfo[]): void {
    const close = () => {
      this.#cancel();
      this.element.replaceChildren();
    };
    close();
    this.#cancel = this.#clock.after(SHOWN, close);
    this.element.append(card(result, seats, close));
  }
}

function card(result: EpisodeResult, seats: readonly SeatInfo[], close: () => void): HTMLElement {
  const order = result.returns.map((value, player) => ({ value, player })).sort((a, b) => b.value - a.value);
  const fact = (label: string, value: string) =>
    el('div', {}, el('dt', {}, label), el('dd', { class: 'number' }, value));
  return el(
    'section',
    { class: 'result', 'data-testid': 'result', role: 'status' },
    el('h2', {}, `Episode ${result.episode + 1} is over`),
    el(
      'dl',
      {},
      fact('collective return', format(result.collectiveReturn)),
      fact('equality', result.equality.toFixed(2)),
      fact('sustainability', result.sustainability.toFixed(0)),
      fact('fines a player-step', result.finesPerPlayerStep.toFixed(3)),
    ),
    el(
      'ol',
      {},
      ...order
        .slice(0, LISTED)
        .map(({ value, player }) =>
          el(
            'li',
            {},
            badge(player),
            el('span', { class: 'who' }, nameOf(seats, player)),
            el('span', { class: 'number' }, format(value)),
          ),
        ),
    ),
    el(
      'div',
      { class: 'buttons end' },
      el('span', { class: 'quiet' }, result.matchOver ? 'The match is over.' : 'The next episode follows.'),
      el('button', { type: 'button', on: { click: close } }, 'Close'),
    ),
  );
}
