/** What can be measured between players while episodes are played, beside what they earn. */

import { SIGNAL_NAMES, type SignalName } from '../networks/signal-names.ts';
import { type PolicyCard, PolicyError } from '../policies/card.ts';
import { CoordinationMeter } from './coordinating.ts';
import { HearingMeter } from './hearing.ts';
import type { Influence, InfluenceSource } from './influence.ts';
import { ModelMeter, type Predictions } from './models.ts';
import type { Meter, Play } from './play.ts';

/**
 * - `coordination`: what one's action tells of another's next action, of any players.
 * - `communication`: that, and what symbols tell, where all speak; moments of high influence are told by what is heard.
 * - `influence`: by how much what one says or does changes what another does that hears of it, whose policy is asked again
 *   with each alternative; and how far models of others say that their predictions change.
 * - `moa`: the models' influence, and how well they predict.
 */
export const MEASURES = ['coordination', 'communication', 'influence', 'moa'] as const;
export type MeasureKind = (typeof MEASURES)[number];

export interface Measured {
  /** By the names that training logs, with baselines and p-values; null where it was not asked for. */
  readonly coordination: Readonly<Record<string, number>> | null;
  /** Each way that it was measured. */
  readonly influence: readonly Influence[];
  readonly predictions: Predictions | null;
}

interface Asked {
  /** Names of scripted policies, or trained policies, one a player; a shorter list is repeated. */
  readonly policies: readonly (string | { readonly card: PolicyCard })[];
  readonly seed: number;
}

/** The meters that an evaluation was asked for. */
export class Measurement {
  /** In the order that they look in. */
  readonly meters: readonly Meter[];
  readonly #seed: number;
  readonly #hearing: readonly HearingMeter[];
  readonly #models: ModelMeter | null;
  readonly #predictions: boolean;
  readonly #coordination: CoordinationMeter | null;

  /** @throws {PolicyError} for what there is nothing to measure of. */
  constructor(play: Play, kinds: readonly MeasureKind[], { policies, seed }: Asked) {
    const asks = (kind: MeasureKind) => kinds.includes(kind);
    const { environments, players } = play.vector;
    if (kinds.length > 0 && players === 1) {
      throw new PolicyError(
        `${kinds.join(', ')}: measured between players, and ${environments[0]!.name} here has one: give two or more`,
      );
    }
    const seated = Array.from({ length: players }, (_, i) => policies[i % policies.length]!);
    const symbols = asks('communication') ? requireSpeakers(seated) : null;
    const signals = SIGNAL_NAMES.filter(
      (name) =>
        (asks('influence') && isHeard(play, name)) || (asks('communication') && name === 'heardSymbols'),
    );
    const withModels = play.trained.some(({ policy }) => policy.card.moa !== null);
    const models = asks('moa') || (asks('influence') && (withModels || signals.length === 0));
    if (models) requireModels(seated, players, asks('moa'));
    this.#seed = seed;
    this.#hearing = signals.map((name) => new HearingMeter(play, name, choicesOf(play, name)));
    this.#models = models ? new ModelMeter(play) : null;
    this.#predictions = asks('moa');
    this.#coordination =
      asks('coordination') || asks('communication')
        ? new CoordinationMeter(play, symbols, this.#source(), seed)
        : null;
    this.meters = [...this.#hearing, this.#models, this.#coordination].filter((meter) => meter !== null);
  }

  /** What tells moments of high influence: what is heard at once or was meant to be heard, rather than a prediction. */
  #source(): InfluenceSource | null {
    const heard = (name: SignalName) => this.#hearing.find(({ signal }) => signal === name) ?? null;
    return heard('heardSymbols') ?? heard('leadersActions') ?? this.#models ?? heard('lastActions');
  }

  take(): Measured {
    return {
      coordination: this.#coordination?.take() ?? null,
      influence: [
        ...this.#hearing.map((meter) => meter.take(this.#seed)),
        ...(this.#models?.takeInfluence(this.#seed) ?? []),
      ],
      predictions: this.#predictions ? this.#models!.takePredictions(this.#seed) : null,
    };
  }
}

type Seated = Asked['policies'][number];
const nameOf = (policy: Seated) => (typeof policy === 'string' ? policy : policy.card.name);

/** @returns how many symbols all can say. @throws {PolicyError} */
function requireSpeakers(seated: readonly Seated[]): number {
  const counts = seated.map((policy) => (typeof policy === 'string' ? 0 : policy.card.symbols));
  const silent = counts.indexOf(0);
  if (silent >= 0) {
    throw new PolicyError(
      `communication: ${nameOf(seated[silent]!)}, in seat ${silent}, does not speak, which is learned with intrinsic.influence-communication; ask for coordination, which is of actions alone`,
    );
  }
  const other = counts.findIndex((count) => count !== counts[0]);
  if (other >= 0) {
    throw new PolicyError(
      `communication: ${nameOf(seated[0]!)} has ${counts[0]} symbols and ${nameOf(seated[other]!)} has ${counts[other]}: they cannot mean the same by them`,
    );
  }
  return counts[0]!;
}

/** @param asked whether it was for models. @throws {PolicyError} where nobody has one, or it is of other players. */
function requireModels(seated: readonly Seated[], players: number, asked: boolean): void {
  const names = [...new Set(seated.map(nameOf))].join(', ');
  const models = seated.flatMap((policy) =>
    typeof policy === 'string' || policy.card.moa === null ? [] : [policy.card],
  );
  if (models.length === 0) {
    throw new PolicyError(
      asked
        ? `moa: none of ${names} has a model of other agents, which is learned with intrinsic.influence-moa`
        : `influence: none of ${names} hears what another trained policy says or does, and none has a model of other agents; both are learned with intrinsic rewards of influence, or env.revealActions`,
    );
  }
  const other = models.find((card) => card.players !== players);
  if (other !== undefined) {
    throw new PolicyError(
      `moa: the model of ${other.name} is of ${other.players} players, here there are ${players}`,
    );
  }
}

/** Whether somebody hears a signal of somebody else of whom it is known what was likely. */
function isHeard({ trained, vector }: Play, name: SignalName): boolean {
  const leads = vector.environments[0]!.leads;
  const listeners = trained
    .filter(({ policy }) => policy.card.signals.some((signal) => signal.name === name))
    .flatMap(({ seats }) => seats)
    .filter((seat) => name !== 'leadersActions' || leads[seat] === 0);
  const speakers = trained
    .filter(({ policy }) => name !== 'heardSymbols' || policy.card.symbols > 0)
    .flatMap(({ seats }) => seats)
    .filter((seat) => name !== 'leadersActions' || leads[seat] === 1);
  return listeners.some((listener) => speakers.some((speaker) => speaker !== listener));
}

/** @throws {PolicyError} where one hears of other choices than another. */
function choicesOf({ trained }: Play, name: SignalName): number {
  const counts = trained.flatMap(({ policy: { card } }) => [
    ...card.signals.flatMap((signal) => (signal.name === name ? [signal.choices] : [])),
    ...(name === 'heardSymbols' && card.symbols > 0 ? [card.symbols] : []),
  ]);
  if (counts.some((count) => count !== counts[0])) {
    throw new PolicyError(`influence: what is heard by ${name} has ${counts.join(' and ')} choices`);
  }
  return counts[0]!;
}
