/** Options of everything that learns from what somebody else did. */
import * as z from 'zod';
import { scheduleSchema } from '../math/schedules.ts';

export const imitationOptions = {
  data: z
    .array(z.string().min(1))
    .default([])
    .describe('Recordings to learn from: files, or folders that have some; `--data` sets it'),
  learningRate: scheduleSchema({ low: 0 })
    .default([
      [0, 1e-3],
      [1, 0],
    ])
    .describe('Of Adam; a schedule'),
  sequence: z
    .int()
    .min(1)
    .max(10_000)
    .default(20)
    .describe('Steps of a training sequence, that gradients flow back through'),
  warmUp: z
    .int()
    .min(0)
    .max(10_000)
    .default(5)
    .describe(
      'Steps at the start of a sequence that fill the memory and are not learned from, where it does not begin with the episode; for networks with memory',
    ),
  batch: z.int().min(1).max(100_000).default(32).describe('Sequences of a gradient step, of each shard'),
  updates: z.int().min(1).max(10_000).default(8).describe('Gradient steps of an iteration'),
  segment: z
    .int()
    .min(1)
    .max(100_000)
    .default(20)
    .describe(
      'Environment steps that are played in an iteration, in each environment, to see what the clone comes to',
    ),
  heldOut: z
    .number()
    .min(0)
    .max(0.9)
    .default(0.2)
    .describe('Share of the recorded episodes that is not learned from, to measure on'),
  idle: z
    .boolean()
    .default(false)
    .describe('Whether steps count in which nobody chose, so that the player stayed where it was'),
  gamma: z.number().min(0).lt(1).default(0.99).describe('Discount of a step, for the value head'),
  valueCoefficient: z
    .number()
    .min(0)
    .default(0.1)
    .describe('Weight of the value loss, on returns that were recorded'),
  gradientClip: z.number().positive().default(1).describe("Greatest norm of the network's gradient"),
  adamEpsilon: z.number().positive().default(1e-8).describe('Added to the root of the second moment'),
};

export type ImitationOptions = z.infer<z.ZodObject<typeof imitationOptions>>;
