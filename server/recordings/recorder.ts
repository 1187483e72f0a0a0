/**
 * Records what people do on their seats who consent to it, in a room that asks for it: a file for each time that somebody
 * sits down, so that who takes the consent back has all of that deleted. Who it was is not kept. What cannot be written
 * ends the recording, never the room.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import {
  NO_LAST_ACTION,
  RECORDING_EXTENSION,
  RECORDING_FORMAT,
  type RecordingHeader,
} from '../../agents/imitation/recording.ts';
import { RecordingWriter } from '../../agents/imitation/recording-writer.ts';
import { makeFolder } from '../../agents/training/make-folder.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { parseOptions } from '../../shared/definition.ts';
import { definitionOf } from '../../shared/registry.ts';
import type { Match, Report } from '../match.ts';

/** A sitting that is recorded. */
interface Sitting {
  /** Tells it from the next on the same seat: see `Seats.sittingOf`. */
  readonly of: string;
  readonly writer: RecordingWriter;
}

export interface RecorderSetup {
  readonly match: Match;
  readonly roomId: string;
  /** Where files go. */
  readonly folder: string;
  /** A seat is recorded no longer, since its file cannot be written. */
  failed(seat: number, error: Error): void;
}

export class Recorder {
  readonly #setup: RecorderSetup;
  /** [N] by seat; null where nothing is recorded. */
  readonly #sittings: (Sitting | null)[];
  /** [N] what everybody did in the step before. */
  readonly #lastActions: Uint8Array;

  constructor(setup: RecorderSetup) {
    const { players } = setup.match.environment;
    this.#setup = setup;
    this.#sittings = Array.from({ length: players }, () => null);
    this.#lastActions = new Uint8Array(players);
  }

  /** The match's step, with what those saw and did who are recorded. */
  step(): Report {
    const { match } = this.#setup;
    this.settle();
    if (!this.#sittings.some((_, seat) => match.seats.isRecorded(seat))) return match.step();
    const { episode, tick } = match;
    const windows = match.look();
    if (tick === 0) this.#lastActions.fill(NO_LAST_ACTION);
    else this.#lastActions.set(match.joint);
    const report = match.step();
    for (let seat = 0; seat < this.#sittings.length; seat++) {
      if (!match.seats.isRecorded(seat)) continue;
      this.#attempt(seat, () => {
        this.#sitting(seat).writer.add({
          episode,
          tick,
          observations: windows,
          offset: seat * match.windowSize,
          action: match.joint[seat]!,
          own: match.acted[seat] === 1,
          reward: match.environment.rawRewards[seat]!,
          lastActions: this.#lastActions,
          ended: match.environment.done,
        });
      });
    }
    return report;
  }

  /** Deletes what has been recorded since whoever holds the seat sat down there. */
  withdraw(seat: number): void {
    // Somebody may have left the seat, and somebody else taken it, since the last step: what was theirs stays.
    this.settle();
    const sitting = this.#sittings[seat] ?? null;
    if (sitting === null) return;
    this.#sittings[seat] = null;
    this.#attempt(seat, () => sitting.writer.discard());
  }

  /** Writes what waits, and is done. */
  close(): void {
    for (let seat = 0; seat < this.#sittings.length; seat++) this.#end(seat);
  }

  /** Ends the files of those who are gone for good: called when seats have changed hands, so that a file ends with its sitting. */
  settle(): void {
    this.#sittings.forEach((sitting, seat) => {
      if (sitting !== null && this.#setup.match.seats.sittingOf(seat) !== sitting.of) this.#end(seat);
    });
  }

  #end(seat: number): void {
    const sitting = this.#sittings[seat] ?? null;
    if (sitting === null) return;
    this.#sittings[seat] = null;
    this.#attempt(seat, () => sitting.writer.close());
  }

  /** @throws {WriteError} */
  #sitting(seat: number): Sitting {
    const { match, folder } = this.#setup;
    let sitting = this.#sittings[seat] ?? null;
    if (sitting === null) {
      const header = headerOf(this.#setup, seat);
      makeFolder(folder);
      const name = `${header.environment}-${header.room}-${randomBytes(6).toString('hex')}${RECORDING_EXTENSION}`;
      sitting = {
        of: match.seats.sittingOf(seat)!,
        writer: new RecordingWriter(join(folder, name), header),
      };
      this.#sittings[seat] = sitting;
    }
    return sitting;
  }

  #attempt(seat: number, action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#sittings[seat] = null;
      this.#setup.failed(seat, error as Error);
    }
  }
}

function headerOf({ match, roomId }: RecorderSetup, seat: number): RecordingHeader {
  const { options, environment } = match;
  const definition = definitionOf(options.environment);
  const { actionSpec, observationSpecs, players, revealsActions } = environment;
  const { shape, low, high } = observationSpecs.ids!;
  return {
    format: RECORDING_FORMAT,
    kind: 'play',
    environment: definition.name,
    options: {
      ...parseOptions(definition, {
        preset: options.preset,
        ...options.options,
        players: options.players,
        episodeLength: options.episodeLength,
      }),
    },
    players,
    seat,
    actions: actionSpec.kind === 'discrete' ? [...actionSpec.labels] : [],
    observation: { encoding: 'ids', dtype: 'uint8', shape: [...shape], low, high },
    revealsActions,
    room: roomId,
    clock: options.clock,
    tickRate: options.tickRate,
    view: options.view,
    // Of a room without one, seeds are nobody's business while it goes on.
    seed: options.seed ?? null,
    started: new Date().toISOString(),
    versions: { 'commons-arena': packageJson.version, node: process.versions.node },
  };
}
