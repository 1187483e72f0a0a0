/**
 * Messages of a `label` room, where people say what they would have done in states that an agent came to. Small numbers as
 * types. From the client: `label`, `undo`. From the server: `sheet`, to all whenever something on it changes; `state`, the
 * one that this client is asked about, whenever that changes; `refused`, as in rooms.
 */
import * as z from 'zod';
import { PROTOCOL_VERSION } from './rooms.ts';

export const LabelMessage = { label: 1, undo: 2, sheet: 10, state: 11, refused: 12 } as const;

/** Names a session of questions: it is in the link that the trainer prints, and whoever has it may answer. */
export const sessionSchema = z
  .string()
  .regex(/^[\w-]{8,32}$/, { error: 'must be 8 to 32 letters, digits, hyphens or underscores' });

/** Options when a client enters a `label` room. */
export const enterLabelsSchema = z.object({
  protocol: z.literal(PROTOCOL_VERSION, {
    error: `protocol must be ${PROTOCOL_VERSION}: reload the page or update your client`,
  }),
  session: sessionSchema,
});

/** What one would do in the state that one is asked about; null passes it over. */
export const labelSchema = z.strictObject({
  state: z.int().min(0).max(65_535),
  action: z.int().min(0).max(254).nullable(),
});

/** What all see. */
export interface Sheet {
  /** What the trainer calls its run. */
  readonly title: string;
  readonly environmentTitle: string;
  /** Labels of the actions, by number. */
  readonly actions: readonly string[];
  /** Of the windows that states are seen by. */
  readonly window: {
    readonly ahead: number;
    readonly behind: number;
    readonly left: number;
    readonly right: number;
  };
  /** From 0. */
  readonly round: number;
  /** States in the round, and how many have been labelled and passed over. */
  readonly states: number;
  readonly labelled: number;
  readonly skipped: number;
  /** Who is here. */
  readonly people: number;
  /** `asking`: there are states; `learning`: the round is done and the agent learns from it; `away`: the trainer is gone. */
  readonly status: 'asking' | 'learning' | 'away';
}

/** A state to be labelled. */
export interface StateShown {
  readonly state: number;
  /** T, frames: the last one is asked about, the others came before it. */
  readonly frames: number;
  /** [T, height, width] class ids, the agent facing up. */
  readonly observations: Uint8Array;
  /** [A] how likely the agent is to do what. */
  readonly probabilities: readonly number[];
}

/** To one client: what it is asked, null while there is nothing for it; and how many answers of its own it can take back. */
export interface Asked {
  readonly asked: StateShown | null;
  readonly undoable: number;
}

/** An answer that was not taken; the room goes on. */
export interface LabelRefused {
  readonly message: string;
  /** Type of the message that this answers. */
  readonly about: number;
}
