/** How the connection of a run is, for those who look on. */
import type { Channel } from '../client/channel.ts';

/** @param hear is told why the connection was lost, each time that it is tried again, and null once it is back. */
export function follow(channel: Channel, hear: (lost: string | null) => void): void {
  let away = false;
  channel.listen({
    lost({ message }) {
      away = true;
      hear(message);
    },
    back() {
      if (away) hear(null);
      away = false;
    },
    over() {},
  });
}
