/** Policies as they are named on a command line: scripted ones, `zoo/name`, and paths of runs, folders and checkpoints. */
import { existsSync } from 'node:fs';
import { POLICY_NAMES } from '../../shared/policies/index.ts';
import { PolicyError } from './card.ts';
import type { Policy } from './policy.ts';
import { readEntry, ZOO_PREFIX, zooNames } from './zoo.ts';

/** A scripted policy's name, or a trained policy. */
export type Contestant = string | Policy;

/** @returns what is named, in order; what is named twice is opened once. @throws {PolicyError} for what there is not. */
export async function openPolicies(names: readonly string[]): Promise<Contestant[]> {
  const opened = new Map<string, Contestant>();
  for (const name of names) if (!opened.has(name)) opened.set(name, await openNamed(name));
  return names.map((name) => opened.get(name)!);
}

async function openNamed(name: string): Promise<Contestant> {
  if (POLICY_NAMES.includes(name)) return name;
  // Who names scripted ones only need not wait for ONNX Runtime.
  const { loadPolicy, openPolicy } = await import('./load.ts');
  if (name.startsWith(ZOO_PREFIX) && !existsSync(name)) {
    return openPolicy(readEntry(name.slice(ZOO_PREFIX.length)), name);
  }
  if (existsSync(name)) return loadPolicy(name);
  const there = [...POLICY_NAMES, ...zooNames().map((entry) => ZOO_PREFIX + entry)];
  throw new PolicyError(
    `${JSON.stringify(name)} is unknown, there are ${there.join(', ')}; or name a run, a policy's folder or a checkpoint`,
  );
}
