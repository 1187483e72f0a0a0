/** The actor-critic that a task asks for, with what intrinsic rewards add to it. */
import type { IntrinsicPlan } from '../intrinsic/intrinsic.ts';
import { type ActorCritic, actorCritic, type NetworkOptions } from '../networks/actor-critic.ts';
import type { SignalName } from '../networks/signal-names.ts';
import type { Signal } from '../networks/signals.ts';
import type { Field } from '../rollout/rollout.ts';
import type { Task } from './algorithm.ts';

/** How many symbols a task's players can speak; 0 for none. */
export function symbolsOf(intrinsic: readonly IntrinsicPlan[]): number {
  return Math.max(0, ...intrinsic.map(({ symbols = 0 }) => symbols));
}

/** What comes in beside the observation: the environment says what is shown, the rewards whether players speak. */
export function signalsOf(task: Task, intrinsic: readonly IntrinsicPlan[]): Signal[] {
  const { players, actions } = task;
  const signal = (name: SignalName, choices: number): Signal => ({ name, choices, slots: players });
  const symbols = symbolsOf(intrinsic);
  return [
    ...(task.revealsActions ? [signal('lastActions', actions)] : []),
    ...(task.leads.includes(1) ? [signal('leadersActions', actions)] : []),
    ...(symbols > 0 ? [signal('heardSymbols', symbols)] : []),
  ];
}

/** What rollouts hold beside the default: signals, and what the rewards' models learn from. */
export function fieldsOf(task: Task, intrinsic: readonly IntrinsicPlan[]): Field[] {
  const signals = signalsOf(task, intrinsic).map(
    ({ name, slots }): Field => ({ name, dtype: 'uint8', width: slots, per: 'step' }),
  );
  const own = intrinsic.flatMap(({ fields = [] }) => fields);
  // Two rewards may ask for the same.
  return [...new Map([...signals, ...own].map((field) => [field.name, field])).values()];
}

/** @param networks G; one a player where the options say so, by default. */
export function policyNetwork(
  task: Task,
  options: NetworkOptions,
  intrinsic: readonly IntrinsicPlan[],
  networks = options.perPlayer ? task.players : 1,
): ActorCritic {
  return actorCritic(task.observation, task.actions, options, networks, {
    signals: signalsOf(task, intrinsic),
    symbols: symbolsOf(intrinsic),
    parameters: intrinsic.flatMap(({ model }) => model?.parameters ?? []),
  });
}
