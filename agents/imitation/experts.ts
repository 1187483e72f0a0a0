/** Who says what would have been right in states that the policy came to. */
import { parseOptions } from '../../shared/definition.ts';
import { elementsOf } from '../../shared/environment.ts';
import { policyContext } from '../../shared/policies/context.ts';
import { policyOf } from '../../shared/policies/index.ts';
import { Random } from '../../shared/random.ts';
import type { Task } from '../algorithms/algorithm.ts';
import type { Rollout } from '../rollout/rollout.ts';
import type { Visited } from './visited.ts';

/** An answer to one of the states; null for none. */
export type Label = number | null;

export interface Expert {
  /** @returns a label for each; fewer where it was interrupted, null for those that are still open. */
  label(states: readonly Visited[], rollout: Rollout, random: Random, round: number): Promise<Label[]>;
  /** Ends the waiting: what has been answered counts. */
  interrupt(): void;
  close(): void;
}

/** A scripted policy, that watches each player from where the segment or the episode begins. */
export class ScriptedExpert implements Expert {
  readonly #task: Task;
  readonly #name: string;

  constructor(task: Task, name: string) {
    this.#task = task;
    this.#name = name;
  }

  async label(states: readonly Visited[], rollout: Rollout, random: Random): Promise<Label[]> {
    const { definition, options, players, observation } = this.#task;
    const environment = definition.create(parseOptions(definition, options));
    const elements = elementsOf(observation);
    const labels: Label[] = states.map(() => null);
    const columns = new Map<number, number[]>();
    states.forEach(({ column }, k) => {
      columns.set(column, [...(columns.get(column) ?? []), k]);
    });
    for (const [column, asked] of columns) {
      const policy = policyOf(this.#name).create(policyContext(environment, column % players));
      const last = Math.max(...asked.map((k) => states[k]!.step));
      for (let t = 0; t <= last; t++) {
        const i = t * rollout.columns + column;
        if (t === 0 || rollout.starts[i] === 1) policy.reset(new Random().seed(random.next()));
        const action = policy.act(rollout.observations as Uint8Array, i * elements);
        for (const k of asked) if (states[k]!.step === t) labels[k] = action;
      }
    }
    return labels;
  }

  interrupt(): void {}

  close(): void {}
}
