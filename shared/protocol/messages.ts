/**
 * Messages of an `arena` room. Small numbers as types, since Colyseus sends a numeric type as one byte or two.
 *
 * From the client: `act`, `sit`, `stand`, `fill`, `minds`, `consent`. From the server: JSON-like ones by MessagePack
 * (`welcome`, `seats`, `seated`, `refused`, `history`, `episode`, `pace`, `closing`) and binary ones (`keyframe`, `tick`,
 * `window`; see `ticks.ts`; `mind`; see `minds.ts`).
 */
import * as z from 'zod';
import { fillingSchema, PROTOCOL_VERSION } from './rooms.ts';

export const Message = {
  act: 1,
  sit: 2,
  stand: 3,
  fill: 4,
  minds: 5,
  consent: 6,
  welcome: 10,
  seats: 11,
  seated: 12,
  refused: 13,
  history: 14,
  episode: 15,
  pace: 16,
  closing: 17,
  keyframe: 20,
  tick: 21,
  window: 22,
  mind: 23,
  /** Of the lobby room: the list of rooms. */
  rooms: 30,
} as const;

/** How many ticks ahead an action with a tick number may be. */
export const MAX_TICKS_AHEAD = 8;

/** Longest message from a client, in bytes; a longer one closes the connection. */
export const MAX_MESSAGE_BYTES = 4096;

/** How somebody is called: one line, without what would turn or break the text around it. */
export const nameSchema = z
  .string()
  .trim()
  .min(1)
  .max(24)
  .regex(/^[^\p{Cc}\u2028-\u202e\u2066-\u2069]+$/u, { error: 'may not have control characters' });

/** Options when a client enters an arena room. */
export const enterSchema = z.object({
  protocol: z.literal(PROTOCOL_VERSION, {
    error: `protocol must be ${PROTOCOL_VERSION}: reload the page or update your client`,
  }),
  name: nameSchema.optional(),
  /** A secret of the browser's own, by which the room knows a second tab of somebody who holds a seat. */
  identity: z.string().min(16).max(64).optional(),
});
export type Enter = z.infer<typeof enterSchema>;

/** An action for the next tick, or for `tick` (the number of the step that it is meant for, from 0). */
export const actSchema = z.strictObject({ action: z.int().min(0).max(255), tick: z.int().min(0).optional() });
export type Act = z.infer<typeof actSchema>;

/** Takes a seat: the given one or the first free one; `token` takes back a seat that was dropped. */
export const sitSchema = z.strictObject({
  seat: z.int().min(0).max(239).optional(),
  token: z.string().max(64).optional(),
  /** The link's key, in rooms where seats go by link. */
  key: z.string().max(64).optional(),
  name: nameSchema.optional(),
  /** Consent: in a room that records, what this person sees and does on the seat is kept for learning from. */
  record: z.boolean().optional(),
});
export type Sit = z.infer<typeof sitSchema>;

/** Changes what plays a seat while no person does; only whoever made the room may, by its key. */
export const fillSchema = z.strictObject({
  seat: z.int().min(0).max(239),
  filling: fillingSchema,
  key: z.string().max(64),
});
export type Fill = z.infer<typeof fillSchema>;

/** Asks for the minds of trained policies, of these seats from now on and of no other; none ends it. */
export const mindsSchema = z.strictObject({ seats: z.array(z.int().min(0).max(239)).max(240) });
export type Minds = z.infer<typeof mindsSchema>;

/** Who holds a seat lets itself be recorded, or no longer: then what was recorded since it sat down is deleted. */
export const consentSchema = z.strictObject({ record: z.boolean() });
export type Consent = z.infer<typeof consentSchema>;

/** The seat a client holds; null after it stood up or lost it. `token` takes it back after a drop. */
export interface Seated {
  readonly seat: number | null;
  readonly token: string | null;
  /** Key of this room's seat links, given once to the room's creator; else null. */
  readonly key: string | null;
}

export const REFUSALS = [
  'bad-message',
  'bad-action',
  'late',
  'early',
  'no-seat',
  'seat-taken',
  'no-free-seat',
  'wrong-token',
  'wrong-key',
  'seating-closed',
  'holds-seat',
  'already-seated',
  'bad-filling',
  'too-fast',
] as const;
export type RefusalCode = (typeof REFUSALS)[number];

/** An answer to a message that was not obeyed; the room plays on. */
export interface Refused {
  readonly code: RefusalCode;
  /** What was wrong and what would be right. */
  readonly message: string;
  /** Type of the message that this answers. */
  readonly about: number;
  /** For `late` and `early`: the tick that the action was for. */
  readonly tick?: number;
}

/** The room cannot hold its rate, or holds it again. */
export interface Pace {
  /** Ticks a second over the last seconds, and as the room wants. */
  readonly hz: number;
  readonly wanted: number;
  /** Milliseconds that the last tick came late. */
  readonly lateness: number;
}

/** The match is over and the room stands still, or the room ends: with the server, or by a fault. */
export interface Closing {
  readonly reason: 'shutdown' | 'match-over' | 'fault';
  readonly message: string;
}
