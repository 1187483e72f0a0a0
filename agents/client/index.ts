/**
 * The client of the arena for programs that learn, play or watch, in Node and in browsers: `docs/clients.md`. The arena serves
 * it to browsers as `/agent-client.js`.
 */
/** What the numbers in windows of encoding `ids` are. */
export { ClassId } from '../../shared/palette.ts';
export type {
  AgentError,
  AgentRefused,
  Created,
  GameDescription,
  JoinInput,
  OpenInput,
} from '../../shared/protocol/agents/gateway.ts';
export type { ActResult } from '../../shared/protocol/agents/play.ts';
export { ArenaConnection, connectArena, connectPlayer, connectTrainer, watch } from './arena.ts';
export type { ConnectOptions } from './channel.ts';
export { ArenaError } from './errors.ts';
export type { Observations } from './observations.ts';
export type { PlayerView, SeatView } from './play-frames.ts';
export type { ForTick, Player, Punctuality } from './player.ts';
export type { Actions, EndedEpisode, Trainer, TrainerPolicy } from './trainer.ts';
export type { PublicEvent, Watcher } from './watcher.ts';
