/** How a room is asked for, and how it is described. */
import * as z from 'zod';
import { POLICY_NAMES } from '../policies/index.ts';
import { DILEMMAS, ENVIRONMENTS } from '../registry.ts';

/** Raised whenever a message changes meaning; a client of another version is refused with a reason. */
export const PROTOCOL_VERSION = 1;

/** What plays a seat while no person does, by name: nothing, a scripted bot, or a trained policy of the arena's. */
export const FILLINGS = ['open', ...POLICY_NAMES] as const;

/** Trained policies are named by where they lie: `zoo/harvest-moa` is shipped, `own/mine` is in the arena's own folder. */
const TRAINED = /^(?:zoo|own)\/[\w.-]{1,64}$/;

/** Whether a filling is a trained policy; which there are, the arena says at `/api/policies`. */
export function isTrained(filling: string): boolean {
  return TRAINED.test(filling);
}

export const fillingSchema = z.string().refine((name) => FILLINGS.includes(name) || TRAINED.test(name), {
  error: ({ input }) =>
    `${JSON.stringify(input)} is unknown, there are ${FILLINGS.join(', ')}, and trained policies such as zoo/harvest-moa`,
});

const PLAYABLE = DILEMMAS.map((definition) => definition.name);

/** Why no room can be made of what somebody named. */
function noRoom(name: unknown): string {
  const known = ENVIRONMENTS.some((definition) => definition.name === name);
  const what = known ? 'has no grid to show and cannot be a room' : 'is unknown';
  return `${JSON.stringify(name)} ${what}, there are ${PLAYABLE.join(', ')}`;
}

/** What the creator of a room says; every field is checked at the room's door. */
export const roomOptionsSchema = z
  .strictObject({
    title: z.string().trim().min(1).max(40).optional().describe('Name in the lobby'),
    environment: z
      .enum(PLAYABLE, { error: ({ input }) => noRoom(input) })
      .default('harvest')
      .describe('Which game'),
    preset: z.string().max(40).default('default').describe('Preset of the environment'),
    options: z
      .record(z.string(), z.unknown())
      .refine((options) => !('players' in options || 'episodeLength' in options || 'preset' in options), {
        error: 'players, episodeLength and preset are fields of the room itself: give them beside options',
      })
      .refine(({ leaders }) => !Array.isArray(leaders) || leaders.length === 0, {
        error: 'in a room everybody acts at once, so nobody can lead: leave out leaders',
        path: ['leaders'],
      })
      .default({})
      .describe(
        'Environment options that differ from the preset, for example a map; see docs/environments.md',
      ),
    players: z.int().min(1).max(240).default(5).describe('Number of players'),
    tickRate: z.number().min(1).max(60).default(8).describe('Ticks a second (Hz)'),
    clock: z
      .enum(['realtime', 'lockstep'])
      .default('realtime')
      .describe(
        'realtime ticks at the rate; lockstep when every connected player has acted, or after the timeout',
      ),
    lockstepTimeout: z
      .number()
      .min(0.05)
      .max(600)
      .default(10)
      .describe('lockstep: seconds after which a tick comes anyway'),
    seed: z
      .int()
      .min(0)
      .max(Number.MAX_SAFE_INTEGER)
      .optional()
      .describe(
        'Makes the room repeatable, and marks it as practice; otherwise the server draws secret ones',
      ),
    episodeLength: z.int().min(1).max(1_000_000).default(1000).describe('Steps in an episode'),
    episodes: z.int().min(0).max(100_000).default(0).describe('Episodes in the match; 0 is endless'),
    seating: z
      .enum(['anyone', 'link', 'nobody'])
      .default('anyone')
      .describe('Who may take a seat: anyone, those with the link of the seats, nobody (bots only)'),
    bots: z
      .array(fillingSchema)
      .min(1)
      .max(240)
      .default(['greedy'])
      .describe('What plays each seat while no person does; a shorter list is repeated'),
    record: z
      .boolean()
      .default(false)
      .describe('Keeps what people do who consent to it, as data to learn from'),
    view: z
      .enum(['full', 'partial'])
      .default('full')
      .describe('What players see: the whole map, or only the window that an agent would see'),
    spectatorDelay: z
      .int()
      .min(0)
      .max(1000)
      .default(50)
      .describe('partial view: ticks by which spectators see the map late'),
  })
  .describe('Options of an arena room');

export type RoomOptions = z.infer<typeof roomOptionsSchema>;
export type RoomOptionsInput = z.input<typeof roomOptionsSchema>;

/** Who plays a seat at the moment. */
export interface SeatInfo {
  /** Player index, from 0. */
  readonly seat: number;
  /**
   * `human`: a connected person acts; `agent`: a program that has connected; `trained`: a trained policy of the arena's;
   * `bot`: a scripted one; `open`: nobody does, the player stays still.
   */
  readonly kind: 'human' | 'agent' | 'trained' | 'bot' | 'open';
  /** Of the person or the agent, else the policy's. */
  readonly name: string;
  /** What plays while nobody sits here: see `FILLINGS` and `isTrained`. */
  readonly filling: string;
  /** Whether what is done here is recorded, with the person's consent. */
  readonly recorded: boolean;
  /** A person dropped and may come back: the seat is kept until this server time (ms since 1970), else 0. */
  readonly keptUntil: number;
  /** Of the seat's return in this episode, what its bot earned while it played for a person who had dropped. */
  readonly botEarned: number;
}

/** A room as the lobby lists it, and as `/api/rooms` returns it (there `preview` is left out). */
export interface RoomSummary {
  readonly roomId: string;
  readonly title: string;
  readonly environment: string;
  readonly preset: string;
  readonly view: 'full' | 'partial';
  readonly clock: 'realtime' | 'lockstep';
  readonly practice: boolean;
  readonly demo: boolean;
  readonly tickRate: number;
  readonly players: number;
  readonly humans: number;
  /** Connected programs that hold seats, counted by seats. */
  readonly agents: number;
  /** Seats that trained policies play now. */
  readonly trained: number;
  /** Seats that a person can take now. */
  readonly openSeats: number;
  readonly spectators: number;
  readonly episode: number;
  readonly episodes: number;
  readonly step: number;
  readonly episodeLength: number;
  /** Collective return so far in this episode, as spectators see it. */
  readonly collectiveReturn: number;
  readonly apples: number;
  readonly appleSites: number;
  /** Up to 60 evenly spaced apple counts of this episode, oldest first. */
  readonly appleHistory: readonly number[];
  readonly preview: RoomPreview | null;
}

/** The map as spectators see it, class ids with players drawn on top. */
export interface RoomPreview {
  readonly width: number;
  readonly height: number;
  /** [height * width] uint8. */
  readonly cells: Uint8Array;
}

/** Sent once to whoever enters a room: everything that does not change from tick to tick. */
export interface Welcome {
  readonly protocol: number;
  readonly roomId: string;
  readonly title: string;
  readonly environment: string;
  readonly environmentTitle: string;
  readonly summary: string;
  readonly preset: string;
  readonly practice: boolean;
  readonly demo: boolean;
  readonly players: number;
  readonly tickRate: number;
  readonly clock: 'realtime' | 'lockstep';
  readonly view: 'full' | 'partial';
  readonly spectatorDelay: number;
  readonly seating: 'anyone' | 'link' | 'nobody';
  readonly record: boolean;
  readonly episodeLength: number;
  readonly episodes: number;
  readonly width: number;
  readonly height: number;
  /** Labels of the actions, by number. */
  readonly actions: readonly string[];
  readonly beamRadius: number;
  readonly window: {
    readonly ahead: number;
    readonly behind: number;
    readonly left: number;
    readonly right: number;
  };
  /** Cells where apples can grow, row * width + column: bare ones show as stubble. */
  readonly appleSites: readonly number[];
  readonly seats: readonly SeatInfo[];
}

/** What a spectator's charts start with: one sample every `every` steps of the episode so far. */
export interface History {
  readonly every: number;
  /**
   * [samples, players + 4] float32: each player's return, then equality, sustainability, apples, waste. MessagePack
   * delivers the bytes of the array.
   */
  readonly samples: Float32Array;
}

/** Sent when an episode ends. */
export interface EpisodeResult {
  readonly episode: number;
  readonly returns: readonly number[];
  readonly collectiveReturn: number;
  readonly equality: number;
  readonly sustainability: number;
  readonly peace: number;
  readonly finesPerPlayerStep: number;
  /** 16 hex digits of the final state's hash: what a replay of the same seed and actions must reach. */
  readonly stateHash: string;
  /** Seeds of the match's episodes, once it is over; in an endless room each episode is a match. */
  readonly seeds: readonly number[] | null;
  readonly matchOver: boolean;
}
