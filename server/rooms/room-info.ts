/** A room described: to the lobby, and to whoever enters. */
import { ClassId } from '../../shared/palette.ts';
import {
  PROTOCOL_VERSION,
  type RoomSummary,
  type SeatInfo,
  type Welcome,
} from '../../shared/protocol/index.ts';
import { definitionOf } from '../../shared/registry.ts';
import type { Match } from '../match.ts';
import type { PublicView } from '../public-view.ts';

/** What a room is besides its game. */
export interface RoomIdentity {
  readonly roomId: string;
  readonly title: string;
  readonly demo: boolean;
}

/** Everything in it is public: of the game's state only what spectators see. */
export function summarizeRoom(
  { roomId, title, demo }: RoomIdentity,
  { options, seats, grid }: Match,
  view: PublicView,
  clients: number,
): RoomSummary {
  const { mirror } = view;
  return {
    roomId,
    title,
    environment: options.environment,
    preset: options.preset,
    view: options.view,
    clock: options.clock,
    practice: options.seed !== undefined,
    demo,
    tickRate: options.tickRate,
    players: options.players,
    humans: seats.count('human'),
    agents: seats.count('agent'),
    trained: seats.trained,
    openSeats: options.seating === 'anyone' ? seats.free : 0,
    spectators: clients - seats.count('human'),
    episode: mirror.episode,
    episodes: options.episodes,
    step: mirror.time,
    episodeLength: options.episodeLength,
    collectiveReturn: view.collectiveReturn,
    apples: mirror.count(ClassId.apple),
    appleSites: grid.appleSites.length,
    appleHistory: view.appleHistory(),
    preview: null,
  };
}

export function welcomeTo(
  { roomId, title, demo }: RoomIdentity,
  { options, environment, grid }: Match,
  seats: readonly SeatInfo[],
): Welcome {
  const definition = definitionOf(options.environment);
  return {
    protocol: PROTOCOL_VERSION,
    roomId,
    title,
    environment: options.environment,
    environmentTitle: definition.title,
    summary: definition.summary,
    preset: options.preset,
    practice: options.seed !== undefined,
    demo,
    players: environment.players,
    tickRate: options.tickRate,
    clock: options.clock,
    view: options.view,
    spectatorDelay: options.view === 'partial' ? options.spectatorDelay : 0,
    seating: options.seating,
    record: options.record,
    episodeLength: options.episodeLength,
    episodes: options.episodes,
    width: grid.width,
    height: grid.height,
    actions: definition.actions,
    beamRadius: grid.beamRadius,
    window: grid.window,
    appleSites: grid.appleSites,
    seats,
  };
}
