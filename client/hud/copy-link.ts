/** Links that bring others: to the room, or to one of its seats. */
import { toast } from '../dom.ts';
import { linkTo } from '../route.ts';
import type { RoomSession } from '../session.ts';

/** @param seat null for the room itself, whose link carries no key: it is for watching. */
export async function copyLink({ roomId, key, welcome }: RoomSession, seat: number | null): Promise<void> {
  const keyed = seat !== null && welcome?.seating === 'link';
  const link = linkTo({ page: 'room', roomId, seat, key: keyed ? key : null });
  try {
    await navigator.clipboard.writeText(link);
    toast(seat === null ? 'The link to this room is copied.' : `The link to seat ${seat + 1} is copied.`);
  } catch {
    prompt('The link:', link); // where pages may not write to the clipboard
  }
}
