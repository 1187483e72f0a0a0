import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ActionKind } from '../../shared/grid/actions.ts';
import {
  decodeMind,
  type Mind,
  type RoomOptionsInput,
  roomOptionsSchema,
} from '../../shared/protocol/index.ts';
import { Match } from '../match.ts';
import { policyLate } from '../metrics.ts';
import { PolicyEngine } from './engine.ts';
import { dqn, moa } from './fixture.ts';
import type { OpenPolicy } from './index.ts';
import type { Answer, Ask } from './messages.ts';
import { TrainedPlayers } from './players.ts';
import type { Asker, PolicyHost } from './runner.ts';

const NAME = 'zoo/harvest-moa';
const policy: OpenPolicy = { name: NAME, card: moa.card, number: 0 };
const engine = new PolicyEngine();
beforeAll(() => engine.load(0, moa, NAME));

/** Runs policies when it is told to, and not before. */
class PatientHost implements PolicyHost {
  readonly asked: Ask[] = [];
  asker!: Asker;
  down = false;

  enter(asker: Asker): number {
    this.asker = asker;
    return 1;
  }

  leave(): void {}

  ask(ask: Ask): number[] {
    if (this.down) return [];
    this.asked.push(structuredClone(ask));
    return ask.groups.map(({ policy: number }) => number);
  }

  /** Answers the oldest question. @param only the policy that does, if not all. */
  async answer(only?: number): Promise<Answer> {
    const ask = this.asked.shift()!;
    const groups = ask.groups.filter((group) => only === undefined || group.policy === only);
    const [answer] = await engine.answer([{ ...ask, groups }]);
    this.asker.answered(answer!);
    return answer!;
  }
}

let host: PatientHost;
let match: Match;
let players: TrainedPlayers;
let minds: Mind[];
let acted: number;

function begin(options: RoomOptionsInput = {}): void {
  host = new PatientHost();
  match = new Match(roomOptionsSchema.parse({ seed: 3, bots: [NAME], ...options }));
  minds = [];
  acted = 0;
  players = new TrainedPlayers(match, host, {
    acted: () => acted++,
    mind: (_, bytes) => minds.push(decodeMind(bytes)),
  });
  for (let seat = 0; seat < 5; seat++) players.put(seat, policy);
  match.startEpisode();
  players.ask();
}

/** A tick of the room, as it does it. */
function step(): void {
  const { episode, tick } = match;
  match.step();
  players.stepped(episode, tick);
  players.ask();
}

async function late(): Promise<number> {
  const { values } = await policyLate.get();
  return values.find(({ labels }) => labels.policy === NAME)?.value ?? 0;
}

beforeEach(() => begin());

describe('trained players of a room', () => {
  it('do in a tick what was answered for it', async () => {
    const { actions } = await host.answer();
    step();
    expect(match.joint).toEqual(actions);
  });

  it('stay where the answer is not there in time, which is counted', async () => {
    const before = await late();
    step();
    expect(Array.from(match.joint)).toEqual(new Array(5).fill(ActionKind.stay));
    expect((await late()) - before).toBe(5);
  });

  it('do not do later what came too late', async () => {
    step();
    await host.answer();
    expect(match.actions.has(0, match.tick)).toBe(false);
  });

  it('are asked anew once a late answer is there, and not before', async () => {
    step();
    step();
    expect(host.asked).toHaveLength(1);
    await host.answer();
    expect(host.asked.map(({ tick }) => tick)).toEqual([2]);
    await host.answer();
    step();
    expect(Array.from(match.acted)).toEqual([1, 1, 1, 1, 1]);
  });

  it('wait for no other policy of their room', async () => {
    const other = { name: 'zoo/harvest-dqn', card: dqn.card, number: 1 };
    for (const seat of [1, 3]) {
      players.put(seat, other);
      match.seats.fill(seat, other.name);
    }
    host.asker.lost([0]);
    host.asked.length = 0;
    for (let tick = 1; tick < 4; tick++) {
      step();
      // The other one was asked in the first of these ticks, and has yet to answer.
      const policies = host.asked[0]!.groups.map(({ policy: number }) => number);
      expect(policies).toEqual(tick === 1 ? [0, 1] : [0]);
      expect(host.asked[0]!.playing).toEqual(Uint8Array.of(1, 1, 1, 1, 1));
      await host.answer(0);
    }
    step();
    expect(Array.from(match.acted)).toEqual([1, 0, 1, 0, 1]);
  });

  it('are thinking between question and answer', async () => {
    expect(players.thinking).toBe(true);
    await host.answer();
    expect(players.thinking).toBe(false);
    expect(acted).toBe(1);
  });

  it('are waited for no longer when the thread is gone, and asked again at the next tick', () => {
    host.asker.lost([0]);
    expect(players.thinking).toBe(false);
    host.asked.length = 0;
    step();
    expect(host.asked).toHaveLength(1);
  });

  it('are not waited for while there is no thread', () => {
    host.asker.lost([0]);
    host.down = true;
    step();
    expect(players.thinking).toBe(false);
  });

  it('do not act for whoever has taken the seat meanwhile', async () => {
    match.seats.sit('ann', 'Ann', 2);
    await host.answer();
    expect(match.actions.has(2, 0)).toBe(false);
    expect(match.actions.has(1, 0)).toBe(true);
  });

  it('are asked what they see, and what all did in the last step', async () => {
    expect(host.asked[0]!.joint).toBeNull();
    await host.answer();
    step();
    expect(host.asked[0]).toMatchObject({ episode: 0, tick: 1, seed: match.botSeed });
    expect(host.asked[0]!.joint).toEqual(match.joint);
    expect(host.asked[0]!.groups[0]!.observation).toEqual(match.look());
  });

  it('are asked for the seats that they play only', () => {
    match.seats.sit('ann', 'Ann', 2);
    host.asker.lost([0]);
    host.asked.length = 0;
    step();
    expect(Array.from(host.asked[0]!.groups[0]!.seats)).toEqual([0, 1, 3, 4]);
  });

  it('are not asked once the match is over', async () => {
    begin({ episodes: 1, episodeLength: 1 });
    await host.answer();
    match.step();
    match.endEpisode();
    players.ask();
    expect(host.asked).toEqual([]);
  });
});

describe('minds', () => {
  it('are told of a tick once it was played, with what was done', async () => {
    players.show([1]);
    await host.answer();
    step();
    const { thoughts } = await host.answer();
    expect(minds).toEqual([]);
    step();
    expect(minds).toHaveLength(1);
    expect(minds[0]).toMatchObject({ episode: 0, tick: 1, seat: 1, action: match.joint[1], symbol: null });
    expect(minds[0]!.probabilities).toEqual(thoughts[0]!.probabilities);
  });

  it('are told without an action where it came too late', async () => {
    players.show([1]);
    await host.answer();
    step();
    step();
    await host.answer();
    expect(minds).toMatchObject([{ tick: 1, seat: 1, action: null }]);
  });

  it('are not told of a seat that somebody took before the tick was played', async () => {
    players.show([1]);
    await host.answer();
    step();
    await host.answer();
    match.seats.sit('ann', 'Ann', 1);
    match.actions.put(1, ActionKind.stay, match.tick);
    step();
    expect(minds).toEqual([]);
  });
});
