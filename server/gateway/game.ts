/** A game as agents are told of it before they play. */
import { actionElements, type Environment } from '../../shared/environment.ts';
import { type GameDescription, PACKED_PLAYERS, type Packing } from '../../shared/protocol/agents/index.ts';
import { type Refused, refuse } from './links.ts';

/** @param options all of the environment's. @param encoding a key of the environment's observations, its first by default. @returns why not, where it cannot be. */
export function describeGame(
  environment: Environment,
  options: object,
  encoding: string | undefined,
  packing: Packing,
): GameDescription | Refused {
  const encodings = Object.keys(environment.observationSpecs);
  const chosen = encoding ?? encodings[0]!;
  const observation = Object.hasOwn(environment.observationSpecs, chosen)
    ? environment.observationSpecs[chosen]
    : undefined;
  if (observation === undefined) {
    return refuse(
      'bad-options',
      `encoding ${JSON.stringify(chosen)} is unknown, ${environment.name} has ${encodings.join(', ')}`,
    );
  }
  if (packing === 'nibbles') {
    if (chosen !== 'ids')
      return refuse(
        'bad-options',
        `packing nibbles is for class ids, not for ${chosen}: use encoding ids or packing plain`,
      );
    if (environment.players > PACKED_PLAYERS) {
      return refuse(
        'bad-options',
        `packing nibbles has codes for ${PACKED_PLAYERS} players, here are ${environment.players}: use packing plain`,
      );
    }
  }
  const { actionSpec } = environment;
  const discrete = actionSpec.kind === 'discrete';
  const game: GameDescription = {
    environment: environment.name,
    options: { ...options },
    players: environment.players,
    encoding: chosen,
    packing,
    observation,
    actions: discrete ? actionSpec.labels : null,
    actionBytes: discrete ? 1 : 4 * actionElements(actionSpec),
    actionRange: discrete ? null : [actionSpec.low, actionSpec.high],
    episodeLength: environment.episodeLength,
    leaders: Array.from(environment.leads.keys()).filter((player) => environment.leads[player] === 1),
    revealsActions: environment.revealsActions,
  };
  return game;
}
