/** What lies over the map while there is nothing live to see, and what to do about it. */
import { el } from '../dom.ts';
import type { RoomSession } from '../session.ts';

export class Overlay {
  readonly element = el('div', { class: 'overlay', 'data-testid': 'overlay', role: 'status', hidden: true });
  #shown = '';

  update(session: RoomSession): void {
    const { status, attempt, reason } = session;
    const state = `${status} ${attempt} ${reason}`;
    if (state === this.#shown) return;
    this.#shown = state;
    this.element.hidden = status === 'live';
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
    if (status === 'connecting') page('Entering the room …', '');
    else if (status === 'dropped') {
      const why = reason === '' ? 'The connection was lost.' : reason;
      page('Coming back …', `${why} Attempt ${attempt}; your seat is kept for a while.`, retry());
    } else if (status === 'gone')
      page('This room is over', 'Nobody has a room of this name any more. Others are on in the lobby.');
    else if (status === 'closed') page('The room has closed', reason);
  }
}
