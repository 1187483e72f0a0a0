/**
 * A policy's model card, `policy.json`: all that somebody needs who plays with the file beside it, and where it comes from.
 * Free of Node, so that whatever runs policies can read it.
 */
import * as z from 'zod';
import { explain } from '../../shared/definition.ts';
import { SIGNAL_NAMES } from '../networks/signal-names.ts';

export const CARD_FILE = 'policy.json';
export const CARD_FORMAT = 1;

/** A card that is none, or a policy that does not fit where it should play; says what and what would be right. */
export class PolicyError extends Error {
  override name = 'PolicyError';
}

const whole = z.int().min(0);
/** Of returns, in units of rewards: beyond it sums lose their digits, and pages their layout. */
const LARGEST_RETURN = 1e9;
const scoreSchema = z.object({
  mean: z.number(),
  deviation: z.number(),
  low: z.number().nullable(),
  high: z.number().nullable(),
});

/** Where actions come from: a policy's own distribution, or values that it explored with in one of two ways. */
const actingSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('policy') }),
  z.object({ kind: z.literal('epsilon-greedy'), epsilon: z.number().min(0).max(1) }),
  z.object({ kind: z.literal('boltzmann'), temperature: z.number().positive() }),
]);

/** What an evaluation of the file itself said, all seats its own: means over episodes with 95% bootstrap intervals. */
const scoresSchema = z.object({
  episodes: whole,
  seed: whole,
  greedy: z.boolean(),
  /** By the names that training logs. */
  measures: z.record(z.string(), scoreSchema),
});

const fileNameSchema = z.string().regex(/^[\w.-]+$/, {
  error: 'must be the name of a file beside the card: letters, digits, dots, hyphens and underscores',
});
/** One for all, or one a player in the order of players. */
const filesSchema = z.array(z.object({ name: fileNameSchema, sha256: z.string() })).min(1);

const cardSchema = z.object({
  format: z.literal(CARD_FORMAT, { error: `of another version of the format than ${CARD_FORMAT}` }),
  name: z.string().min(1),
  /** What it was trained on: the registry's name, and options as they were given. */
  env: z.object({ name: z.string(), options: z.record(z.string(), z.unknown()) }),
  players: whole.min(1),
  encoding: z.string(),
  /** Of one row of the input `observation`. */
  observation: z.object({
    dtype: z.enum(['uint8', 'float32']),
    shape: z.array(whole.min(1)),
    low: z.number(),
    high: z.number(),
  }),
  /** Labels, in the order of `probabilities`. */
  actions: z.array(z.string()).min(1),
  /** S, width of the inputs `state` and `nextState`; 0 where the file has neither. */
  stateSize: whole,
  /** Inputs that say what others do or said: [slots] a row, relative to the player; `choices` where there is nothing. */
  signals: z
    .array(z.object({ name: z.enum(SIGNAL_NAMES), choices: whole.min(1), slots: whole.min(1) }))
    .default([]),
  /** M, how many symbols it can speak: the width of the output `symbolProbabilities`; 0 where there is none. */
  symbols: whole.default(0),
  files: filesSchema,
  /** The model of other agents that was learned with it, see `moa.ts`; null where there is none. */
  moa: z
    .object({
      /** 2H, width of its `state` and `nextState`. */
      stateSize: whole.min(1),
      files: filesSchema,
      /** Of its `influence`: KL, of learning by the pointwise form too, whose expectation that is. */
      divergence: z.enum(['kl', 'jsd']),
      /** Whether it learned from those only whom the player saw, and whether only their influence counted. */
      visibleOnly: z.boolean(),
    })
    .nullable()
    .default(null),
  acting: actingSchema,
  /** Returns are mean + deviation times the output `value`, in units of rewards as they were learned from. */
  value: z.object({
    mean: z.number().min(-LARGEST_RETURN).max(LARGEST_RETURN),
    deviation: z.number().positive().max(LARGEST_RETURN),
  }),
  algorithm: z.object({ name: z.string() }).catchall(z.unknown()),
  network: z.record(z.string(), z.unknown()),
  /** Options of the intrinsic rewards that it learned with, by name. */
  intrinsic: z.record(z.string(), z.unknown()).default({}),
  /** Of one network. */
  parameters: whole,
  playerSteps: whole,
  seed: whole,
  training: z.object({
    seconds: z.number().min(0),
    /** Highest mean collective return between two checkpoints. */
    bestScore: z.number().nullable(),
  }),
  scores: scoresSchema.nullable(),
  versions: z.record(z.string(), z.string()),
  command: z.string(),
  created: z.string(),
});

export type PolicyCard = z.infer<typeof cardSchema>;
export type Acting = z.infer<typeof actingSchema>;
export type Scores = z.infer<typeof scoresSchema>;

/** @param source what errors call it. @throws {PolicyError} with the field and what is wrong with it. */
export function parseCard(text: string, source: string): PolicyCard {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new PolicyError(`${source} is not JSON: ${(error as Error).message}`);
  }
  const result = cardSchema.safeParse(json);
  if (!result.success) throw new PolicyError(`${source} is no model card: ${explain(result.error)}`);
  return result.data;
}

export function formatCard(card: PolicyCard): string {
  return `${JSON.stringify(card, null, 2)}\n`;
}
