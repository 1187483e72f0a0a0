/** What trained players remember from step to step, and what can be told of it. */
import type { Heard } from '../../agents/heard.ts';
import { argmax } from '../../agents/math/sample.ts';
import { playerIn } from '../../agents/networks/signal-names.ts';
import type { PolicyCard } from '../../agents/policies/card.ts';
import { elementsOf } from '../../shared/environment.ts';
import type { Ask, Thought } from './messages.ts';

/** A player's model of others: what it expects of them, and how often it was right. */
export interface ModelMemory {
  /** [2H] */
  readonly state: Float32Array;
  /** [J, A] of the coming step, and influence [J] of the own last action on it. */
  readonly predictions: Float32Array;
  readonly influence: Float32Array;
  /** Tick that the predictions are of; -1 for none. */
  foresees: number;
  readonly checked: Uint32Array;
  readonly right: Uint32Array;
}

/** What a player in a room remembers. */
export interface Memory {
  readonly policy: number;
  /** [S] */
  readonly state: Float32Array;
  /** Before the last step that it chose in: what it saw [...], its distribution [A], whom it saw [N]. */
  readonly observation: Uint8Array | Float32Array;
  readonly pi: Float32Array;
  readonly visible: Uint8Array | null;
  /** Tick of these; -1 for none. */
  chose: number;
  model: ModelMemory | null;
}

/** What a room and its players remember. */
export interface RoomMemory {
  episode: number;
  /** Tick of the last ask. */
  tick: number;
  readonly heard: Heard;
  /** [N] */
  readonly players: (Memory | null)[];
}

/** What the player in a seat remembers, which is nothing if another policy played there before. */
export function memoryOf(
  room: RoomMemory,
  seat: number,
  policy: number,
  { observation, stateSize, actions, moa }: PolicyCard,
): Memory {
  const known = room.players[seat];
  if (known != null && known.policy === policy) return known;
  const size = elementsOf(observation);
  const memory: Memory = {
    policy,
    state: new Float32Array(stateSize),
    observation: observation.dtype === 'uint8' ? new Uint8Array(size) : new Float32Array(size),
    pi: new Float32Array(actions.length),
    visible: moa?.visibleOnly ? new Uint8Array(room.players.length).fill(1) : null,
    chose: -1,
    model: null,
  };
  room.players[seat] = memory;
  return memory;
}

export function modelMemory(width: number, others: number, actions: number): ModelMemory {
  return {
    state: new Float32Array(width),
    predictions: new Float32Array(others * actions),
    influence: new Float32Array(others),
    foresees: -1,
    checked: new Uint32Array(others),
    right: new Uint32Array(others),
  };
}

/** Whether a player knows what it saw and wanted in the step that was just done, among as many as its model is of. */
export function remembers({ chose }: Memory, { joint, tick, players }: Ask, card: PolicyCard): boolean {
  return joint !== null && chose === tick - 1 && card.players === players;
}

/** Holds what was predicted of the last step against what was done in it, of those who counted for the model. */
export function check(memory: Memory, model: ModelMemory, { joint, tick, players }: Ask, seat: number): void {
  if (model.foresees !== tick - 1) return;
  const others = players - 1;
  const actions = model.predictions.length / others;
  for (let j = 0; j < others; j++) {
    const other = playerIn(1 + j, seat, players);
    if (memory.visible !== null && memory.visible[other] === 0) continue;
    model.checked[j]!++;
    if (argmax(model.predictions, j * actions, actions) === joint![other]) model.right[j]!++;
  }
}

const NO_FLOATS = new Float32Array();
const NO_COUNTS = new Uint32Array();

/** @param pi [A] what was drawn from. @param value in units of rewards. */
export function thought(
  { model }: Memory,
  { tick }: Ask,
  seat: number,
  action: number,
  symbol: number | null,
  value: number,
  pi: Float32Array,
): Thought {
  const known = model !== null && model.foresees === tick;
  return {
    seat,
    action,
    symbol,
    value,
    probabilities: pi.slice(),
    predictions: known ? model.predictions.slice() : NO_FLOATS,
    influence: known ? model.influence.slice() : NO_FLOATS,
    checked: known ? model.checked.slice() : NO_COUNTS,
    right: known ? model.right.slice() : NO_COUNTS,
  };
}
