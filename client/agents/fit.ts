/** Whether a trained policy suits a room, as far as a page can tell; the arena has the last word. */
import { type CommonOptions, parseOptions } from '../../shared/definition.ts';
import type { PolicySummary } from '../../shared/protocol/policies.ts';
import type { RoomOptionsInput, Welcome } from '../../shared/protocol/rooms.ts';
import { definitionOf } from '../../shared/registry.ts';

/** What of a room matters to a policy. */
export interface Place {
  readonly environment: string;
  readonly players: number;
  readonly view: 'full' | 'partial';
  /** Cells that a player sees; null where the room is not yet known to be good. */
  readonly window: Welcome['window'] | null;
}

/** The place that a room would be; wrong options leave the window unknown. */
export function placeOf(room: RoomOptionsInput & { readonly environment: string }): Place {
  const { environment, preset, options, players = 5, view = 'full' } = room;
  try {
    const parsed = parseOptions(definitionOf(environment), { ...options, preset, players });
    return { environment, players, view, window: windowOf(parsed) };
  } catch {
    return { environment, players, view, window: null };
  }
}

function windowOf(options: CommonOptions & Readonly<Record<string, unknown>>): Welcome['window'] | null {
  const { windowAhead, windowBehind, windowLeft, windowRight } = options;
  const all = [windowAhead, windowBehind, windowLeft, windowRight];
  if (!all.every((cells) => typeof cells === 'number')) return null;
  const [ahead, behind, left, right] = all as [number, number, number, number];
  return { ahead, behind, left, right };
}

/** Why a policy cannot play there, as a short sentence; null where it can. */
export function misfit(policy: PolicySummary, place: Place): string | null {
  if (policy.environment !== place.environment) return `It plays ${policy.environment}.`;
  const own = windowOf(policy.options as CommonOptions & Readonly<Record<string, unknown>>);
  const { window } = place;
  if (own !== null && window !== null && size(own) !== size(window))
    return `It sees ${size(own)} cells, players here ${size(window)}.`;
  if (policy.signals.length > 0 && policy.players !== place.players)
    return `It knows ${policy.players} players, here are ${place.players}.`;
  return null;
}

const size = ({ ahead, behind, left, right }: Welcome['window']) =>
  `${left + 1 + right} x ${ahead + 1 + behind}`;

/** Whether a room with this policy must tell players what everybody did: it learned so, or hears what a window does not show. */
export function needsReveal(policy: PolicySummary, view: Place['view']): boolean {
  return policy.options.revealActions === true || (view === 'partial' && policy.signals.length > 0);
}
