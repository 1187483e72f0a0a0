/** Rooms against trained policies that are one click away. */
import { parseOptions } from '../../shared/definition.ts';
import type { PolicySummary } from '../../shared/protocol/policies.ts';
import type { RoomOptionsInput } from '../../shared/protocol/rooms.ts';
import { DILEMMAS, definitionOf } from '../../shared/registry.ts';
import { byReturn, shortName } from './catalogue.ts';
import { misfit, needsReveal, placeOf } from './fit.ts';

/** Who plays against a visitor in a quick match. */
export const OPPONENTS = 4;
/** Whom a visitor meets where nothing has learned yet: the dilemma in four neighbours. */
const BOTS = ['sustainable', 'greedy', 'sustainable', 'greedy'];

export interface Game {
  readonly room: RoomOptionsInput;
  /** What a visitor should know who expected something else, or null. */
  readonly note: string | null;
}

/**
 * You on the first seat against four trained policies of one environment; Harvest where there are any for it. Half of
 * them model others, if such there are, so that their minds have something to show; then those who speak, then the best.
 * What is shipped goes before what was put in by hand.
 *
 * @param policies null where the arena could not say.
 */
export function quickMatch(policies: readonly PolicySummary[] | null, name: string): Game {
  const title = `Quick match · ${name}`;
  for (const { name: environment } of DILEMMAS) {
    const place = placeOf({ environment, players: OPPONENTS + 1 });
    const fitting = (policies ?? []).filter((policy) => misfit(policy, place) === null);
    const shipped = fitting.filter((policy) => policy.name.startsWith('zoo/'));
    const chosen = mix(shipped.length > 0 ? shipped : fitting);
    if (chosen.length === 0) continue;
    const bots = ['open', ...chosen.map((policy) => policy.name)];
    const reveals = chosen.some((policy) => needsReveal(policy, 'full'));
    const options = reveals ? { revealActions: true } : {};
    return { room: { title, environment, players: place.players, bots, options }, note: null };
  }
  return {
    room: { title, environment: 'harvest', players: OPPONENTS + 1, bots: ['open', ...BOTS] },
    note:
      policies === null
        ? 'The arena does not say what agents it has, so four scripted bots play.'
        : 'There are no trained agents here yet, so four scripted bots play.',
  };
}

/** You on the first seat, the policy on all others. */
export function against(policy: PolicySummary): RoomOptionsInput {
  const others = Array.from({ length: Math.max(1, policy.players - 1) }, () => policy.name);
  return atHome(policy, `Against ${shortName(policy.name)}`, ['open', ...others]);
}

/** The policy on every seat. */
export function among(policy: PolicySummary): RoomOptionsInput {
  return atHome(policy, `${shortName(policy.name)} among its own`, [policy.name]);
}

/** A room as the policy learned in. */
function atHome(policy: PolicySummary, title: string, bots: readonly string[]): RoomOptionsInput {
  const { environment, players } = policy;
  const options = unusual(policy);
  if (needsReveal(policy, 'full')) options.revealActions = true;
  return { title: title.slice(0, 40), environment, players, bots: [...bots], options };
}

/** Options that a policy learned with and that are not the environment's defaults; a room has fields of its own for some. */
function unusual({ environment, options }: PolicySummary): Record<string, unknown> {
  const defaults: Readonly<Record<string, unknown>> = parseOptions(definitionOf(environment), {});
  return Object.fromEntries(
    Object.entries(options).filter(
      ([name, value]) =>
        !['players', 'episodeLength', 'preset', 'leaders'].includes(name) &&
        JSON.stringify(value) !== JSON.stringify(defaults[name]),
    ),
  );
}

/** Four of them, again from the first where there are fewer. */
function mix(policies: readonly PolicySummary[]): PolicySummary[] {
  if (policies.length === 0) return [];
  const best = byReturn(policies);
  const minds = best.filter((policy) => policy.models).slice(0, OPPONENTS / 2);
  const half = minds.length === 1 ? [minds[0]!, minds[0]!] : minds;
  const others = best.filter((policy) => !policy.models);
  others.sort((a, b) => Number(b.symbols > 0) - Number(a.symbols > 0)); // stable: the best stay first
  const order = [...half, ...others];
  return Array.from({ length: OPPONENTS }, (_, i) => order[i % order.length]!);
}
