/**
 * What agents and the arena say to one another over Socket.IO, in the namespace `/agents`: events, what they carry, and
 * codes. Batched binary frames are in `steps.ts` (trainers) and `play.ts` (players); `docs/agents.md` has all of it.
 */
import * as z from 'zod';
import { sessionSchema } from '../labels.ts';
import { nameSchema, REFUSALS } from '../messages.ts';
import { roomOptionsSchema } from '../rooms.ts';

/** Raised whenever an event or a layout changes meaning; a client of another version is refused with a reason. */
export const AGENT_PROTOCOL_VERSION = 1;

export const AGENT_NAMESPACE = '/agents';

/** What a token lets its holder do. */
export const SCOPES = ['train', 'play', 'watch'] as const;
export type Scope = (typeof SCOPES)[number];

/** Codes of everything that is refused here; rooms have codes of their own, and both are told apart by name. */
export const GATEWAY_CODES = [
  'wrong-protocol',
  'bad-token',
  'revoked-token',
  'missing-scope',
  'too-many-connections',
  'too-many-environments',
  'too-fast',
  'too-much',
  'not-reading',
  'bad-message',
  'bad-options',
  'no-batch',
  'not-reset',
  'episode-over',
  'wrong-length',
  'bad-action',
  'bad-snapshot',
  'no-room',
  'no-session',
  'no-link',
  'room-full',
  'match-over',
  'going-down',
  'fault',
] as const;

export const AGENT_CODES = [...new Set([...GATEWAY_CODES, ...REFUSALS])];
export type AgentCode = (typeof AGENT_CODES)[number];

/** Why something was not done: what was wrong and what would be right. */
export interface AgentError {
  readonly code: AgentCode;
  readonly message: string;
}

/** What an acknowledgement carries: an answer, or why there is none. */
export type Answer<T> = T | { readonly error: AgentError };

/** `auth` of the connection. A refusal comes as `connect_error`, whose `data` is an `AgentError`. */
export const handshakeSchema = z.object({
  protocol: z.literal(AGENT_PROTOCOL_VERSION, {
    error: `protocol must be ${AGENT_PROTOCOL_VERSION}: update your client`,
  }),
  token: z.string({ error: 'give a token, made by `arena token create`' }).min(1).max(128),
});
export type Handshake = z.infer<typeof handshakeSchema>;

/** How observations are packed: a byte a cell, or two cells a byte where the class ids allow it; see `packing.ts`. */
export const PACKINGS = ['plain', 'nibbles'] as const;
export type Packing = (typeof PACKINGS)[number];

const seed = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
const batch = z.int().min(0).max(65_535);
const link = z.int().min(0).max(65_535);

/** Environments in one batch. */
export const MAX_BATCH = 4096;

/** `open`: E private environments that step together. */
export const openSchema = z.strictObject({
  environment: z.string().max(64),
  preset: z.string().max(64).optional(),
  /** What differs from the preset, `players` and `episodeLength` too. */
  options: z.record(z.string(), z.unknown()).default({}),
  environments: z.int().min(1).max(MAX_BATCH).default(1),
  /** A key of the environment's observations; its first by default. */
  encoding: z.string().max(32).optional(),
  packing: z.enum(PACKINGS).default('plain'),
  /** Whether the step that ends an episode starts the next one at once; its last observation comes beside. */
  autoreset: z.boolean().default(true),
  /** Whether frames say who sees whom. */
  visible: z.boolean().default(false),
  /** From which the seeds of all episodes follow that no `reset` gives. */
  seed: seed.default(0),
});
export type Open = z.infer<typeof openSchema>;
export type OpenInput = z.input<typeof openSchema>;

export interface ArrayDescription {
  readonly dtype: 'uint8' | 'float32';
  /** Of one player. */
  readonly shape: readonly number[];
  readonly low: number;
  readonly high: number;
}

/** The game as a player knows it beforehand. */
export interface GameDescription {
  readonly environment: string;
  /** All of its options: who has the rules makes the same game of them. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly players: number;
  readonly encoding: string;
  readonly packing: Packing;
  readonly observation: ArrayDescription;
  /** Labels by number; null where actions are continuous. */
  readonly actions: readonly string[] | null;
  /** Bytes of one player's action in a frame: 1, or 4 for each of its numbers. */
  readonly actionBytes: number;
  /** Lowest and highest of a continuous action; null of others. */
  readonly actionRange: readonly [number, number] | null;
  readonly episodeLength: number;
  /** Players who act first within a step. */
  readonly leaders: readonly number[];
  /** Whether players are told what everybody did in the last step. */
  readonly revealsActions: boolean;
}

/** The answer to `open`. */
export interface Opened {
  /** Names the environments in all that follows. */
  readonly batch: number;
  readonly environments: number;
  readonly autoreset: boolean;
  readonly visible: boolean;
  readonly game: GameDescription;
}

/** `reset`: starts episodes, of all environments or of those named; the answer is a frame, see `steps.ts`. */
export const resetSchema = z.strictObject({
  batch,
  environments: z
    .array(
      z
        .int()
        .min(0)
        .max(MAX_BATCH - 1),
    )
    .max(MAX_BATCH)
    .optional(),
  /** One for each that starts; drawn from the batch's own seed where left out. */
  seeds: z.array(seed).max(MAX_BATCH).optional(),
});

/** `save` and `close`. */
export const batchSchema = z.strictObject({ batch });

/**
 * `load`: the state that `save` answered with, one buffer for the whole batch, episode counts and seeds included. Only the
 * arena that gave it takes it back. The answer is a frame, as that of `reset`.
 */
export const loadSchema = z.strictObject({
  batch,
  state: z.instanceof(Uint8Array, { error: 'must be the bytes that `save` answered with' }),
});

const eachOnce = (list: readonly unknown[]) => new Set(list).size === list.length;

/** `join`: takes seats of a room, all of them or none. */
export const joinSchema = z.strictObject({
  room: z.string().max(64),
  /** How many, whichever are free; or which. */
  seats: z
    .union([
      z.int().min(1).max(240),
      z.array(z.int().min(0).max(239)).min(1).max(240).refine(eachOnce, { error: 'name each seat once' }),
    ])
    .default(1),
  name: nameSchema.default('agent'),
  /** Of a room whose seats go by link. */
  key: z.string().max(64).optional(),
  /** Of seats that were lost with a connection; instead of `seats`. */
  tokens: z
    .array(z.string().max(64))
    .min(1)
    .max(240)
    .refine(eachOnce, { error: 'name each token once' })
    .optional(),
  encoding: z.string().max(32).optional(),
  packing: z.enum(PACKINGS).default('plain'),
});
export type Join = z.infer<typeof joinSchema>;
export type JoinInput = z.input<typeof joinSchema>;

/** The answer to `join`; frames follow as `observation` events, see `play.ts`. */
export interface Joined {
  /** Names this visit to a room in all that follows. */
  readonly link: number;
  readonly room: string;
  readonly clock: 'realtime' | 'lockstep';
  /** Ticks a second. */
  readonly tickRate: number;
  /** In the order in which frames have them. The token takes a seat back within 30 s after the connection is lost. */
  readonly seats: readonly { readonly seat: number; readonly token: string }[];
  readonly game: GameDescription;
}

/** `leave` and `unwatch`. */
export const linkSchema = z.strictObject({ link });

/** `watch`: follows a room; what comes is what spectators get, as `public` events (link, number, payload). */
export const watchSchema = z.strictObject({ room: z.string().max(64) });

/** States that are asked about in one round. */
export const MAX_ASKED = 400;
/** Frames that a state is shown with. */
export const MAX_FRAMES = 101;
/** Bytes of all frames of a round. */
export const MAX_ASKED_BYTES = 1_000_000;

/**
 * `ask`: puts states before people, who say at `#/label/SESSION` what they would have done. The answer is an empty object. The
 * same round again changes nothing; another one takes the place of the last. Sessions belong to the token that began them.
 */
export const askSchema = z.strictObject({
  session: sessionSchema,
  title: z.string().trim().min(1).max(80),
  environment: z.string().max(64),
  options: z.record(z.string(), z.unknown()).default({}),
  round: z.int().min(0),
  /** Frames of each state, and how likely the agent is to do what in it. */
  states: z
    .array(
      z.strictObject({
        frames: z.int().min(1).max(MAX_FRAMES),
        probabilities: z.array(z.number().min(0).max(1)).max(255),
      }),
    )
    .min(1)
    .max(MAX_ASKED),
  /** [frames of all, height, width] class ids, state by state, the last frame of each is asked about. */
  observations: z
    .instanceof(Uint8Array, { error: 'must be bytes' })
    .refine(({ length }) => length <= MAX_ASKED_BYTES, { error: `must be at most ${MAX_ASKED_BYTES} bytes` }),
});
export type Ask = z.output<typeof askSchema>;
export type AskInput = z.input<typeof askSchema>;

/** `labels`: what has been said so far, once that is more or less than `seen`, or after some seconds. */
export const labelsSchema = z.strictObject({
  session: sessionSchema,
  /** `version` of the last answer; 0 at first. */
  seen: z.int().min(0).default(0),
});

/** The answer to `labels`. */
export interface LabelsSoFar {
  readonly round: number;
  /** Goes up with everything that is said. */
  readonly version: number;
  /** By state: an action, -1 for one that was passed over, null for one that is open. */
  readonly labels: readonly (number | null)[];
}

/** `create`: makes a room, which lives as long as somebody is in it. */
export const createSchema = z.strictObject({ room: roomOptionsSchema.prefault({}) });

export interface Created {
  readonly room: string;
  /** Of its seats, where these go by link, and of changing them. */
  readonly key: string;
}

/** Sent as `refused` for what nobody waits for an answer of. */
export interface AgentRefused extends AgentError {
  readonly link: number;
  readonly seat: number;
  readonly episode: number;
  readonly tick: number;
}

/** Sent as `left`: a link that the arena has ended. */
export interface Left extends AgentError {
  readonly link: number;
}

/**
 * Sent, as an `AgentError`, before the arena ends a connection: a token that was revoked, a flood, a client that does not
 * read, an arena that goes down.
 */
export const CLOSING_EVENT = 'closing';
