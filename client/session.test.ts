/** The session against a room made of the real encoder and messages; only the wire and the clock are stood in for. */
import { beforeEach, describe, expect, test } from 'vitest';
import { ActionKind } from '../shared/grid/actions.ts';
import { SocialMetrics } from '../shared/metrics.ts';
import { ByteWriter } from '../shared/protocol/bytes.ts';
import {
  encodeMind,
  Message,
  PROTOCOL_VERSION,
  TickEncoder,
  type Welcome,
} from '../shared/protocol/index.ts';
import { makeEnvironment } from '../shared/registry.ts';
import type { Clock } from './clock.ts';
import { type RoomLink, RoomSession } from './session.ts';
import { Settings, usableStore } from './settings.ts';

/** Steps by hand. */
class HandClock implements Clock {
  #now = 0;
  #work: { at: number; run: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const entry = { at: this.#now + ms, run };
    this.#work.push(entry);
    return () => {
      this.#work = this.#work.filter((other) => other !== entry);
    };
  }

  /** Lets time go by; what becomes due may be asynchronous. */
  async pass(ms: number): Promise<void> {
    this.#now += ms;
    const due = this.#work.filter((entry) => entry.at <= this.#now);
    this.#work = this.#work.filter((entry) => entry.at > this.#now);
    for (const entry of due) entry.run();
    await Promise.resolve();
    await Promise.resolve();
  }
}

/** One connection to the room. */
class Wire implements RoomLink {
  readonly roomId = 'k3f9';
  readonly reconnection = { enabled: true };
  readonly sent: [number, unknown][] = [];
  readonly #listeners = new Map<number, (payload: unknown) => void>();
  #left: ((code: number) => void) | null = null;

  onMessage(type: number | '*', listener: (payload: unknown) => void): void {
    this.#listeners.set(Number(type), listener);
  }

  onLeave(listener: (code: number) => void): void {
    this.#left = listener;
  }

  onError(): void {}

  send(type: number, payload: unknown): void {
    this.sent.push([type, payload]);
  }

  ping(): void {}

  async leave(): Promise<number> {
    return 1000;
  }

  deliver(type: number, payload: unknown): void {
    this.#listeners.get(type)!(payload);
  }

  drop(): void {
    this.#left!(1006);
  }
}

const environment = makeEnvironment('harvest', { players: 2 });
const welcome: Welcome = {
  protocol: PROTOCOL_VERSION,
  roomId: 'k3f9',
  title: 'k3f9',
  environment: 'harvest',
  environmentTitle: 'Harvest',
  summary: '',
  preset: 'default',
  practice: false,
  demo: false,
  players: 2,
  tickRate: 10,
  clock: 'realtime',
  view: 'full',
  spectatorDelay: 0,
  seating: 'anyone',
  record: false,
  episodeLength: 1000,
  episodes: 0,
  width: environment.grid!.width,
  height: environment.grid!.height,
  actions: ['left'],
  beamRadius: 1,
  window: { ahead: 7, behind: 7, left: 7, right: 7 },
  appleSites: [],
  seats: [],
};

let clock: HandClock;
let settings: Settings;
let wires: Wire[];
/** What entering fails with, if it does. */
let refusal: Error | null;
let encoder: TickEncoder;

beforeEach(() => {
  clock = new HandClock();
  const forbidden = () => {
    throw new Error('no storage here');
  };
  settings = new Settings(usableStore(forbidden), usableStore(forbidden));
  wires = [];
  refusal = null;
  environment.reset(1);
  encoder = new TickEncoder(environment);
});

async function enter(): Promise<RoomSession> {
  const session = new RoomSession(
    'k3f9',
    async () => {
      if (refusal !== null) throw refusal;
      const wire = new Wire();
      wires.push(wire);
      return wire;
    },
    settings,
    clock,
  );
  await clock.pass(0);
  return session;
}

function greet(wire: Wire): void {
  wire.deliver(Message.welcome, welcome);
  wire.deliver(Message.seated, { seat: null, token: null, key: null });
  wire.deliver(Message.keyframe, encoder.keyframe(0, new SocialMetrics(2)));
}

test('keeps the mirror as the room has it', async () => {
  const session = await enter();
  greet(wires[0]!);
  environment.step(Uint8Array.of(ActionKind.forward, ActionKind.turnClockwise), new Float32Array(2));
  wires[0]!.deliver(Message.tick, encoder.tick());
  expect(session.status).toBe('live');
  expect(session.time).toBe(1);
  const grid = environment.grid!;
  for (const player of [0, 1]) {
    expect(session.mirror!.column[player]).toBe(grid.column(player));
    expect(session.mirror!.facing[player]).toBe(grid.facing(player));
  }
});

test('a seat asked for before entering is asked of the room once it has welcomed us', async () => {
  const session = await enter();
  session.sit({ seat: 1 });
  expect(wires[0]!.sent).toEqual([]);
  greet(wires[0]!);
  expect(wires[0]!.sent).toEqual([[Message.sit, { seat: 1, name: settings.name }]]);
});

test('switches the SDK’s own reconnection off', async () => {
  await enter();
  expect(wires[0]!.reconnection.enabled).toBe(false);
});

test('acts only while it holds a seat', async () => {
  const session = await enter();
  greet(wires[0]!);
  session.act(2);
  wires[0]!.deliver(Message.seated, { seat: 0, token: 'secret', key: null });
  session.act(3);
  expect(wires[0]!.sent).toEqual([[Message.act, { action: 3 }]]);
});

describe('after a drop', () => {
  test('comes back and takes the seat back with its token', async () => {
    const session = await enter();
    greet(wires[0]!);
    wires[0]!.deliver(Message.seated, { seat: 0, token: 'secret', key: null });
    wires[0]!.drop();
    expect(session.status).toBe('dropped');
    await clock.pass(400);
    expect(wires).toHaveLength(2);
    greet(wires[1]!);
    expect(session.status).toBe('live');
    expect(wires[1]!.sent).toEqual([[Message.sit, { token: 'secret', name: settings.name }]]);
  });

  test('waits longer from one failure to the next, and can be told to try at once', async () => {
    const session = await enter();
    greet(wires[0]!);
    refusal = new Error('no answer');
    wires[0]!.drop();
    await clock.pass(400);
    expect(session.attempt).toBe(2);
    await clock.pass(400);
    expect(session.attempt).toBe(2);
    await clock.pass(400);
    expect(session.attempt).toBe(3);
    refusal = null;
    session.retryNow();
    await clock.pass(0);
    greet(wires.at(-1)!);
    expect(session.status).toBe('live');
    expect(session.attempt).toBe(0);
  });

  test('messages of the lost connection are not heard any more', async () => {
    const session = await enter();
    greet(wires[0]!);
    wires[0]!.drop();
    await clock.pass(400);
    greet(wires[1]!);
    wires[0]!.deliver(Message.seated, { seat: 1, token: 'x', key: null });
    expect(session.seat).toBeNull();
  });

  test('a room that is no more is not asked for again', async () => {
    const session = await enter();
    greet(wires[0]!);
    refusal = Object.assign(new Error('room not found'), { code: 522 });
    wires[0]!.drop();
    await clock.pass(400);
    expect(session.status).toBe('gone');
    await clock.pass(60_000);
    expect(session.status).toBe('gone');
  });
});

test('the end of a match is no drop', async () => {
  const session = await enter();
  greet(wires[0]!);
  wires[0]!.deliver(Message.closing, { reason: 'match-over', message: 'the match is over' });
  wires[0]!.drop();
  expect(session.status).toBe('closed');
  expect(session.reason).toBe('the match is over');
});

test('bytes that cannot be read lead to a new keyframe, not to a wrong picture', async () => {
  const session = await enter();
  greet(wires[0]!);
  wires[0]!.deliver(Message.tick, Uint8Array.of(31, 1));
  expect(session.status).toBe('dropped');
  await clock.pass(400);
  greet(wires[1]!);
  expect(session.status).toBe('live');
});

test('a token that the room does not know any more is forgotten', async () => {
  settings.setSeatToken('k3f9', 'old');
  await enter();
  greet(wires[0]!);
  expect(wires[0]!.sent).toEqual([[Message.sit, { token: 'old', name: settings.name }]]);
  wires[0]!.deliver(Message.refused, { code: 'wrong-token', message: '', about: Message.sit });
  expect(settings.seatToken('k3f9')).toBeNull();
});

describe('minds', () => {
  test('are asked for once for the same seats, and no more when none is open', async () => {
    const session = await enter();
    greet(wires[0]!);
    session.watchMinds([1]);
    session.watchMinds([1]);
    session.watchMinds([]);
    expect(wires[0]!.sent).toEqual([
      [Message.minds, { seats: [1] }],
      [Message.minds, { seats: [] }],
    ]);
  });

  test('are asked for anew after a drop', async () => {
    const session = await enter();
    greet(wires[0]!);
    session.watchMinds([0, 1]);
    wires[0]!.drop();
    await clock.pass(400);
    greet(wires[1]!);
    expect(wires[1]!.sent).toEqual([[Message.minds, { seats: [0, 1] }]]);
  });

  test('are read as the room wrote them, and fit the step that is shown', async () => {
    const session = await enter();
    greet(wires[0]!);
    session.watchMinds([1]);
    environment.step(Uint8Array.of(ActionKind.stay, ActionKind.stay), new Float32Array(2));
    const mind = {
      episode: 0,
      tick: 0,
      seat: 1,
      action: ActionKind.stay,
      symbol: 3,
      value: 1.5,
      probabilities: Float32Array.of(0.25, 0.75),
      predictions: Float32Array.of(0.5, 0.5),
      influence: Float32Array.of(0.125),
      checked: Uint32Array.of(7),
      right: Uint32Array.of(4),
    };
    wires[0]!.deliver(Message.mind, encodeMind(new ByteWriter(), mind));
    expect(session.minds.of(1)).toBeNull();
    wires[0]!.deliver(Message.tick, encoder.tick());
    expect(session.minds.of(1)).toEqual(mind);
  });
});

test('leaving gives the seat up for good', async () => {
  const session = await enter();
  greet(wires[0]!);
  wires[0]!.deliver(Message.seated, { seat: 0, token: 'secret', key: null });
  session.leave();
  wires[0]!.drop();
  await clock.pass(10_000);
  expect(wires).toHaveLength(1);
  expect(settings.seatToken('k3f9')).toBeNull();
});

describe('in a room that records', () => {
  const recording = { ...welcome, record: true };

  test('a seat is asked for only once somebody has said whether to be recorded', async () => {
    const session = await enter();
    session.sit({ seat: 1 });
    wires[0]!.deliver(Message.welcome, recording);
    expect(wires[0]!.sent).toEqual([]);
    expect(session.asking).toMatchObject({ seat: 1 });
    session.answer(true);
    expect(wires[0]!.sent).toEqual([[Message.sit, { seat: 1, name: settings.name, record: true }]]);
    expect(session.asking).toBeNull();
  });

  test('whoever would not answer takes no seat', async () => {
    const session = await enter();
    wires[0]!.deliver(Message.welcome, recording);
    session.sit({ seat: 1 });
    session.answer(null);
    expect(wires[0]!.sent).toEqual([]);
    expect(session.asking).toBeNull();
  });

  test('a seat that was ours is taken back without asking again', async () => {
    settings.setSeatToken('k3f9', 'secret');
    await enter();
    wires[0]!.deliver(Message.welcome, recording);
    expect(wires[0]!.sent).toEqual([[Message.sit, { token: 'secret', name: settings.name }]]);
  });

  test('consent is taken back by a message of its own', async () => {
    const session = await enter();
    wires[0]!.deliver(Message.welcome, recording);
    session.consent(false);
    expect(wires[0]!.sent).toEqual([[Message.consent, { record: false }]]);
  });
});

test('fills a seat by the key of the room, and without it says nothing', async () => {
  const session = await enter();
  greet(wires[0]!);
  session.fill(1, 'zoo/harvest-moa');
  expect(wires[0]!.sent).toEqual([]);
  wires[0]!.deliver(Message.seated, { seat: null, token: null, key: 'key' });
  session.fill(1, 'zoo/harvest-moa');
  expect(wires[0]!.sent).toEqual([[Message.fill, { seat: 1, filling: 'zoo/harvest-moa', key: 'key' }]]);
});
