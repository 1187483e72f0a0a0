/** Runs that have learned nothing, for tests: a real folder, a real configuration, weights drawn at random. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { Random } from '../../shared/random.ts';
import { ParameterLayout } from '../networks/parameters.ts';
import { NO_PROGRESS, type Progress } from '../training/checkpoints.ts';
import { type Plan, readPlan } from '../training/config.ts';
import { createRunFolder } from '../training/run-folder.ts';
import { actorOf, networksOf } from './actor.ts';

export const PROGRESS: Progress = { ...NO_PROGRESS, steps: 1234, iterations: 5, seconds: 6.5, bestScore: 78 };

/** A folder that goes with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'arena-policies-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface Untrained {
  readonly run: string;
  readonly plan: Plan;
  /** [P] */
  readonly theta: Float32Array;
}

/** @param folder where the run's folder `name` is made. @param settings `path=value`, as on the command line. */
export async function untrained(folder: string, name: string, ...settings: string[]): Promise<Untrained> {
  const plan = readPlan('', 'the test', settings);
  const run = join(folder, name);
  await createRunFolder(run, plan, 'onnx', 'npx arena train');
  return { run, plan, theta: randomWeights(plan) };
}

/** Every weight differs, biases too, and logits are far from equal. */
function randomWeights(plan: Plan): Float32Array {
  const layout = new ParameterLayout(actorOf(plan).learned, networksOf(plan));
  const theta = new Float32Array(layout.size);
  const random = new Random().seed(7);
  layout.initialize(theta, random);
  for (let i = 0; i < theta.length; i++) theta[i]! += 0.2 * (random.uniform() - 0.5);
  return theta;
}
