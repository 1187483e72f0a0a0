/** For tests: recordings made by hand, of players that follow a rule or a scripted policy. */
import { writeFileSync } from 'node:fs';
import { parseOptions } from '../../shared/definition.ts';
import { elementsOf } from '../../shared/environment.ts';
import { policyContext } from '../../shared/policies/context.ts';
import { policyOf } from '../../shared/policies/index.ts';
import { deriveSeed, Random } from '../../shared/random.ts';
import { definitionOf } from '../../shared/registry.ts';
import {
  encodeChunk,
  encodeHeader,
  NO_LAST_ACTION,
  RECORDING_FORMAT,
  type RecordingHeader,
} from './recording.ts';

/** Chooses from one window, [O] from `offset` on. */
export type Chooser = (window: Uint8Array, offset: number) => number;

export interface Played {
  readonly environment: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly episodes: number;
  readonly seed: number;
  /** A policy for each player and episode. */
  readonly chooser: (player: number, random: Random) => Chooser;
}

/** Who plays as a scripted policy does. */
export function scripted(played: Omit<Played, 'chooser'>, name: string): Played {
  const definition = definitionOf(played.environment);
  const environment = definition.create(parseOptions(definition, played.options));
  return {
    ...played,
    chooser(player, random) {
      const policy = policyOf(name).create(policyContext(environment, player));
      policy.reset(random);
      return (window, offset) => policy.act(window, offset);
    },
  };
}

/** A header for play in an environment. */
export function headerFor(
  name: string,
  options: Readonly<Record<string, unknown>>,
  seat: number,
): RecordingHeader {
  const definition = definitionOf(name);
  const all = parseOptions(definition, options);
  const { actionSpec, observationSpecs, players, revealsActions } = definition.create(all);
  const { shape, low, high } = observationSpecs.ids!;
  return {
    format: RECORDING_FORMAT,
    kind: 'play',
    environment: name,
    options: { ...all },
    players,
    seat,
    actions: actionSpec.kind === 'discrete' ? [...actionSpec.labels] : [],
    observation: { encoding: 'ids', dtype: 'uint8', shape: [...shape], low, high },
    revealsActions,
    room: 'test',
    clock: null,
    tickRate: null,
    view: null,
    seed: null,
    started: '2026-01-01T00:00:00.000Z',
    versions: {},
  };
}

/** Plays and writes what player 0 of each episode saw and did. @returns mean collective return. */
export function record(
  path: string,
  { environment: name, options, episodes, seed, chooser }: Played,
): number {
  const definition = definitionOf(name);
  const environment = definition.create(parseOptions(definition, options));
  const { players } = environment;
  const elements = elementsOf(environment.observationSpecs.ids!);
  const header = headerFor(name, options, 0);
  const blocks = [encodeHeader(header)];
  const windows = new Uint8Array(players * elements);
  const joint = new Uint8Array(players);
  const rewards = new Float32Array(players);
  let collective = 0;
  for (let episode = 0; episode < episodes; episode++) {
    const episodeSeed = deriveSeed(seed, episode);
    const choosers = Array.from({ length: players }, (_, player) =>
      chooser(player, new Random().seed(deriveSeed(episodeSeed, player))),
    );
    environment.reset(episodeSeed);
    const lines: { window: Uint8Array; action: number; reward: number; last: Uint8Array }[] = [];
    let last: Uint8Array = new Uint8Array(players).fill(NO_LAST_ACTION);
    while (!environment.done) {
      environment.observe('ids', windows);
      for (let n = 0; n < players; n++) joint[n] = choosers[n]!(windows, n * elements);
      const window = windows.slice(0, elements);
      environment.step(joint, rewards);
      for (const reward of rewards) collective += reward;
      lines.push({ window, action: joint[0]!, reward: rewards[0]!, last });
      last = joint.slice();
    }
    blocks.push(
      encodeChunk({
        episode,
        tick: 0,
        steps: lines.length,
        ended: true,
        rewards: Float32Array.from(lines.map(({ reward }) => reward)),
        observations: Uint8Array.from(Buffer.concat(lines.map(({ window }) => window))),
        actions: Uint8Array.from(lines.map(({ action }) => action)),
        own: new Uint8Array(lines.length).fill(1),
        lastActions: header.revealsActions
          ? Uint8Array.from(Buffer.concat(lines.map((line) => line.last)))
          : new Uint8Array(0),
      }),
    );
  }
  writeFileSync(path, Buffer.concat(blocks));
  return collective / episodes;
}
