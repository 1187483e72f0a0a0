/** `window.arena`: what tests and the curious may read of the room, and never more than the page itself may show. */
import type { RoomSession } from '../session.ts';
import type { DrawnMinds } from './minds/layer.ts';

export interface ArenaView {
  readonly roomId: string;
  readonly seat: number | null;
  readonly tick: number;
  readonly episode: number;
  /** By player; null while only an own window is seen. */
  readonly players:
    | readonly {
        readonly column: number;
        readonly row: number;
        readonly facing: number;
        readonly return: number;
      }[]
    | null;
  /** One's own window, [height * width] class ids; null where the whole map is seen. */
  readonly window: readonly number[] | null;
  readonly minds: MindsInView;
}

export interface MindsInView {
  /** Seats whose minds the room is asked for. */
  readonly asked: readonly number[];
  /** Null until something was opened. */
  readonly drawn: DrawnMinds | null;
}

declare global {
  interface Window {
    arena?: ArenaView;
  }
}

/** @returns how to take it away again. */
export function exposeArena(session: RoomSession, minds: () => MindsInView): () => void {
  window.arena = {
    roomId: session.roomId,
    get seat() {
      return session.seat;
    },
    get tick() {
      return session.time;
    },
    get episode() {
      return (session.inWindow ? session.window?.episode : session.mirror?.episode) ?? 0;
    },
    get players() {
      const { mirror, inWindow } = session;
      if (inWindow || mirror === null || !mirror.ready) return null;
      return Array.from({ length: mirror.shape.players }, (_, i) => ({
        column: mirror.column[i]!,
        row: mirror.row[i]!,
        facing: mirror.facing[i]!,
        return: mirror.metrics.returns[i]!,
      }));
    },
    get window() {
      return session.inWindow && session.window !== null ? [...session.window.window] : null;
    },
    get minds() {
      return minds();
    },
  };
  return () => {
    delete window.arena;
  };
}
