/** What a player is called, everywhere alike. */
import type { SeatInfo } from '../../shared/protocol/index.ts';
import { shortName } from '../agents/catalogue.ts';

/** What plays a seat, in a word for people. */
const KINDS: Readonly<Record<SeatInfo['kind'], string>> = {
  human: 'person',
  agent: 'agent',
  trained: 'trained',
  bot: 'bot',
  open: 'open',
};

/** Several seats may be played by one policy, so those carry the seat's number, counted from 1. */
export function nameOf(seats: readonly SeatInfo[], player: number): string {
  const seat = seats.find((candidate) => candidate.seat === player);
  if (seat === undefined) return `player ${player + 1}`;
  if (isHeld(seat)) return seat.name;
  return seat.kind === 'open' ? `seat ${player + 1}` : `${shortName(seat.name)} ${player + 1}`;
}

/** The same where room is dear: a trained policy without the name of its game, which the room has. */
export function briefNameOf(seats: readonly SeatInfo[], player: number, environment: string): string {
  const name = nameOf(seats, player);
  const trained = seats.some(({ seat, kind }) => seat === player && kind === 'trained');
  return trained && name.startsWith(`${environment}-`) ? name.slice(environment.length + 1) : name;
}

/** @param problem why its filling cannot be played, null for nothing. */
export function kindOf(seat: SeatInfo, mine: number | null, problem: string | null = null): string {
  if (seat.seat === mine) return 'you';
  if (problem !== null && seat.kind === 'trained') return 'broken';
  return seat.keptUntil > 0 ? 'away' : KINDS[seat.kind];
}

/** Whether a person or a program sits there. */
export function isHeld({ kind }: SeatInfo): boolean {
  return kind === 'human' || kind === 'agent';
}

/** Whether somebody could sit down there. */
export function isFree(seat: SeatInfo): boolean {
  return !isHeld(seat) && seat.keptUntil === 0;
}
