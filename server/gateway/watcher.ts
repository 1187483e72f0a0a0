/** A connection that follows rooms without a seat: it is shown what spectators see, with their delay. */
import { type Left, linkSchema, watchSchema } from '../../shared/protocol/agents/index.ts';
import type { Welcome } from '../../shared/protocol/index.ts';
import { directory } from '../directory.ts';
import type { Guest, Visit } from '../guests.ts';
import type { AgentConnection } from './connection.ts';
import { Links, type Numbers, type Refused, refuse } from './links.ts';

export class WatcherSession {
  readonly #connection: AgentConnection;
  readonly #links: Links<Visit>;

  constructor(connection: AgentConnection, numbers: Numbers) {
    this.#connection = connection;
    this.#links = new Links(numbers);
    connection.on('watch', watchSchema, 'watch', ({ room }) => this.#watch(room));
    connection.on('unwatch', linkSchema, 'watch', ({ link }) => {
      const visit = this.#links.get(link);
      if ('error' in visit) return visit;
      this.#links.delete(link);
      visit.leave(false);
      return {};
    });
    connection.onClose(() => {
      for (const visit of this.#links.clear()) visit.leave(false);
    });
  }

  #watch(roomId: string): { readonly link: number; readonly welcome: Welcome } | Refused {
    const room = directory.room(roomId);
    if (room === undefined) return refuse('no-room', `there is no room ${JSON.stringify(roomId)}`);
    const link = this.#links.take();
    if (typeof link !== 'number') return link;
    const visit = room.admit(this.#guest(link));
    if (visit === null) {
      this.#links.delete(link);
      return refuse('room-full', 'the room has as many visitors as it takes');
    }
    this.#links.set(link, visit);
    // After the answer.
    setImmediate(() => {
      if (this.#links.get(link) === visit) visit.watch();
    });
    return { link, welcome: visit.welcome() };
  }

  #guest(link: number): Guest {
    const connection = this.#connection;
    return {
      id: `${connection.id}/watch/${link}`,
      identity: connection.token.id,
      name: connection.token.name,
      observe: () => {},
      show: (type, payload) => connection.emit('public', link, type, payload),
      choked: () => connection.choked(),
      lost: () => {},
      ended: (error) => {
        if (this.#links.delete(link)) connection.emit('left', { ...error, link } satisfies Left);
      },
    };
  }
}
