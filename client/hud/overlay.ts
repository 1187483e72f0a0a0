/** What lies over the map while there is nothing live to see, and what to do about it. */
import { el } from '../dom.ts';
import type { RoomSession } from '../session.ts';

export class Overlay {
  readonly element = el('div', { class: 'overlay', 'data-testid': 'overlay', role: 'status', hidden: true });
  #shown = '';

  update(session: RoomSession): void {
    const { status, attempt, reason, welcome, mirror, inWindow } = session;
    // With partial view there is at first nothing that spectators may see.
    const unseen = status === 'live' && !inWindow && mirror !== null && !mirror.ready;
    const state = `${status} ${attempt} ${reason} ${unseen}`;
    if (state === this.#shown) return;
    this.#shown = state;
    this.element.hidden = status === 'live' && !unseen;
    const back = el('a', { class: 'button', href: '#/' }, 'Back to the lobby');
    const buttons = (...more: HTMLElement[]) => el('div', { class: 'buttons' }, ...more, back);
    const retry = () =>
      el('button', { class: 'primary', type: 'button', on: { click: () => session.retryNow() } }, 'Try now');
    const page = (title: string, text: string, ...more: HTMLElement[]) =>
      this.element.replaceChildren(
        el(
          'div',
          { class: 'notice' },
          el('h2', {}, title),
          text !== '' && el('p', { class: 'quiet' }, text),
          buttons(...more),
        ),
      );
    if (unseen && welcome !== null) {
      const late = Math.ceil(welcome.spectatorDelay / welcome.tickRate);
      page(
        'The map will be shown in a moment',
        `Players see only their windows here, so spectators see the map ${late} s late.`,
      );
    } else if (status === 'connecting') page('Entering the room …', '');
    else if (status === 'dropped') {
      const why = reason === '' ? 'The connection was lost.' : reason;
      page(
        'Coming back …',
        `${why} Attempt ${attempt}.${session.seat === null ? '' : ' Your seat is kept for a while.'}`,
        retry(),
      );
    } else if (status === 'gone')
      page('This room is over', 'Nobody has a room of this name any more. Others are on in the lobby.');
    else if (status === 'closed') page('The room has closed', reason);
  }
}
