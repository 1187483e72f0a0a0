/** `arena compare`: holds a recording of another implementation against ours. */
import { readFile } from 'node:fs/promises';
import { reason } from '../../agents/training/errors.ts';
import { compareTrajectories, parseTrajectories, TrajectoryError } from '../../shared/trajectory.ts';
import { UsageError } from '../config.ts';

export async function compare(file: string, flags: { json?: boolean }): Promise<void> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${reason(error)}`);
  }
  try {
    const result = await compareTrajectories(parseTrajectories(text));
    if (flags.json) process.stdout.write(`${JSON.stringify({ file, ...result })}\n`);
    else process.stdout.write(`${describe(result)}\n`);
    if (result.difference !== null) process.exitCode = 1;
  } catch (error) {
    if (error instanceof TrajectoryError) throw new UsageError(`${file}: ${error.message}`);
    throw error;
  }
}

function describe({ steps, traces, difference }: Awaited<ReturnType<typeof compareTrajectories>>): string {
  if (difference === null) return `${steps} steps in ${traces} traces agree`;
  return [
    `${steps} steps agree, then a difference`,
    `  trace     ${difference.trace}`,
    `  step      ${difference.step}`,
    `  field     ${difference.field}`,
    `  expected  ${difference.expected}`,
    `  found     ${difference.found}`,
  ].join('\n');
}
