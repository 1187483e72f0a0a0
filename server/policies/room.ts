/** A room's trained policies: opened before it opens, exchanged while it runs, released when it goes. */
import { PolicyError } from '../../agents/policies/card.ts';
import { isTrained } from '../../shared/protocol/index.ts';
import type { Refusal } from '../door.ts';
import { log } from '../log.ts';
import type { Match } from '../match.ts';
import { wallClock } from '../pulse.ts';
import { RateLimit } from '../rate-limit.ts';
import { checkRoom, type OpenPolicy, policies } from './index.ts';
import { type PlayersEvents, TrainedPlayers } from './players.ts';

/** Policies that a room may have opened in a second, but at least one for each of its seats: a room is filled at once. */
const OPENINGS_PER_SECOND = 4;

/**
 * The policies that a match's seats name, in the order of seats, null for all other seats.
 * @throws {PolicyError} for one that there is not, or that does not fit.
 */
export async function openFillings(match: Match): Promise<(OpenPolicy | null)[]> {
  const { bots } = match.options;
  const opened: (OpenPolicy | null)[] = [];
  try {
    for (let seat = 0; seat < match.environment.players; seat++) {
      const filling = bots[seat % bots.length]!;
      opened.push(isTrained(filling) ? await openFitting(match, filling) : null);
    }
  } catch (error) {
    releaseAll(opened);
    throw error;
  }
  return opened;
}

export function releaseAll(opened: readonly (OpenPolicy | null)[]): void {
  for (const policy of opened) if (policy !== null) policies.release(policy);
}

async function openFitting(match: Match, name: string): Promise<OpenPolicy> {
  const policy = await policies.open(name);
  try {
    checkRoom(policy, match.environment, match.options.view === 'full');
  } catch (error) {
    policies.release(policy);
    throw error;
  }
  return policy;
}

export class RoomPolicies {
  readonly players: TrainedPlayers;
  readonly #match: Match;
  /** [N] how often each seat's filling was changed: of two changes the later one holds, whichever is ready first. */
  readonly #changes: Uint32Array;
  /** Seats for which a policy is being opened. */
  readonly #opening = new Set<number>();
  readonly #openings: RateLimit;
  #closed = false;

  constructor(match: Match, opened: readonly (OpenPolicy | null)[], events: PlayersEvents) {
    this.#match = match;
    this.#changes = new Uint32Array(match.environment.players);
    this.#openings = new RateLimit(Math.max(OPENINGS_PER_SECOND, match.environment.players));
    this.players = new TrainedPlayers(match, policies.runner, events);
    opened.forEach((policy, seat) => void this.players.put(seat, policy));
  }

  /** Changes what plays a seat, from the next tick on. @returns why not, or null. */
  async fill(seat: number, filling: string): Promise<Refusal | null> {
    const { environment, seats, actions } = this.#match;
    if (seat >= environment.players) {
      return {
        code: 'no-seat',
        message: `there is no seat ${seat}, the room has 0 to ${environment.players - 1}`,
      };
    }
    if (isTrained(filling)) {
      const message = this.#tooFast(seat);
      if (message !== null) return { code: 'too-fast', message };
    }
    const change = ++this.#changes[seat]!;
    let policy: OpenPolicy | null = null;
    if (isTrained(filling)) {
      this.#opening.add(seat);
      try {
        policy = await openFitting(this.#match, filling);
      } catch (error) {
        if (!(error instanceof PolicyError))
          log.error({ filling, error: (error as Error).message }, 'fill failed');
        return { code: 'bad-filling', message: (error as Error).message };
      } finally {
        this.#opening.delete(seat);
      }
      if (this.#closed || change !== this.#changes[seat]) {
        policies.release(policy);
        return null;
      }
    }
    const before = this.players.put(seat, policy);
    if (before !== null) policies.release(before);
    // What the last one meant to do is not done by the next; whoever sits there keeps what it said.
    if (seats.fillingOf(seat) !== null) actions.clear(seat);
    seats.fill(seat, filling);
    return null;
  }

  /** Opening policies takes time of the threads that run everybody's. @returns what is too fast, or null. */
  #tooFast(seat: number): string | null {
    if (this.#opening.has(seat)) return `a trained agent is just being opened for seat ${seat}: wait for it`;
    const { perSecond } = this.#openings;
    if (this.#openings.admit(wallClock.now()) === 'admitted') return null;
    return `more than ${perSecond} changes to trained agents a second in this room: wait a second`;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    releaseAll(this.players.close());
  }
}
