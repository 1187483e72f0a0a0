/** What a player is called, everywhere alike. */
import type { SeatInfo } from '../../shared/protocol/index.ts';

/** Bots of one policy share its name, so theirs carries the seat's number, counted from 1. */
export function nameOf(seats: readonly SeatInfo[], player: number): string {
  const seat = seats.find((candidate) => candidate.seat === player);
  if (seat === undefined) return `player ${player + 1}`;
  if (seat.kind === 'human') return seat.name;
  return seat.kind === 'bot' ? `${seat.name} ${player + 1}` : `seat ${player + 1}`;
}

export function kindOf(seat: SeatInfo, mine: number | null): string {
  if (seat.seat === mine) return 'you';
  if (seat.keptUntil > 0) return 'away';
  return seat.kind === 'human' ? 'person' : seat.kind === 'bot' ? 'bot' : 'open';
}
