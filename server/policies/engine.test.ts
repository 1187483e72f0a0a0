import { beforeAll, describe, expect, it } from 'vitest';
import { openPolicy } from '../../agents/policies/load.ts';
import { advance } from '../../agents/policies/policy.ts';
import { BLOCK, PolicyEngine } from './engine.ts';
import { dqn, moa, RandomRoom, speakers } from './fixture.ts';
import type { Answer } from './messages.ts';

const MOA = 1;
const SPEAKERS = 2;
const DQN = 3;
const TICKS = 6;

async function engineOfAll(): Promise<PolicyEngine> {
  const engine = new PolicyEngine();
  await engine.load(MOA, moa, 'moa');
  await engine.load(SPEAKERS, speakers, 'speakers');
  await engine.load(DQN, dqn, 'dqn');
  return engine;
}

/** What a room is answered over some ticks while `company` other rooms ask at the same time. */
async function played(policy: number, company: number): Promise<Answer[]> {
  const files = policy === MOA ? moa : policy === SPEAKERS ? speakers : dqn;
  const engine = await engineOfAll();
  const room = new RandomRoom(0, policy, files, 77);
  room.minds = [0, 1, 2, 3, 4];
  const others = Array.from({ length: company }, (_, k) => {
    const other = [MOA, SPEAKERS, DQN][k % 3]!;
    return new RandomRoom(k + 1, other, other === MOA ? moa : other === SPEAKERS ? speakers : dqn, k);
  });
  const answers: Answer[] = [];
  for (let tick = 0; tick < TICKS; tick++) {
    // In a place of its own among the others in each tick.
    const asks = others.map((other) => other.ask());
    const at = (5 * tick) % (asks.length + 1);
    asks.splice(at, 0, room.ask());
    answers.push((await engine.answer(asks))[at]!);
  }
  return answers;
}

describe('rows come out the same to the last bit in any company', () => {
  it.each([
    ['policies with a network a player and models of others', MOA],
    ['those who speak and hear', SPEAKERS],
    ['one network for all', DQN],
  ])('%s', async (_, policy) => {
    const alone = await played(policy, 0);
    for (const company of [1, 2, 7, 20]) expect(await played(policy, company)).toEqual(alone);
  });
});

describe('what a player is', () => {
  let engine: PolicyEngine;
  beforeAll(async () => {
    engine = await engineOfAll();
  });

  it('is the network of its seat, with the memory of the steps before', async () => {
    const room = new RandomRoom(100, MOA, moa, 5);
    const policy = await openPolicy(moa, 'moa');
    const seat = 3;
    const call = policy.call(BLOCK, seat);
    room.minds = [seat];
    for (let tick = 0; tick < TICKS; tick++) {
      const ask = room.ask();
      const size = ask.groups[0]!.observation.length / 5;
      call.observation.set(ask.groups[0]!.observation.subarray(seat * size, (seat + 1) * size));
      const heard = ask.joint === null ? null : Array.from(ask.joint);
      call.signals.lastActions!.set(
        heard === null ? [8, 8, 8, 8, 8] : [0, 1, 2, 3, 4].map((slot) => heard[(seat + slot) % 5]!),
      );
      await call.run();
      const [answer] = await engine.answer([ask]);
      expect(answer!.thoughts[0]!.probabilities).toEqual(call.probabilities.slice(0, 8));
      expect(answer!.thoughts[0]!.value).toBe(call.value[0]);
      advance(call);
    }
  });

  it('remembers nothing of the episode before', async () => {
    const room = new RandomRoom(101, MOA, moa, 6);
    const fresh = new RandomRoom(102, MOA, moa, 6);
    for (let tick = 0; tick < 3; tick++) await engine.answer([room.ask()]);
    const again = new RandomRoom(101, MOA, moa, 6);
    again.episode = 1;
    const [answer] = await engine.answer([again.ask()]);
    const [first] = await engine.answer([fresh.ask()]);
    expect(answer!.actions).toEqual(first!.actions);
  });

  it('remembers nothing once it has stood up', async () => {
    const room = new RandomRoom(103, MOA, moa, 8);
    room.minds = [4];
    for (let tick = 0; tick < 3; tick++) await engine.answer([room.ask()]);
    await engine.answer([room.ask([0, 1, 2, 3])]);
    const back = room.ask();
    const [answer] = await engine.answer([back]);
    const [stranger] = await engine.answer([{ ...back, room: 104 }]);
    expect(answer!.thoughts[0]!.probabilities).toEqual(stranger!.thoughts[0]!.probabilities);
  });

  it('draws by tick: a tick that was missed changes nothing of what is drawn later', async () => {
    const whole = new RandomRoom(105, DQN, dqn, 9);
    const [, , third] = [whole.ask(), whole.ask(), whole.ask()];
    const gaps = await engine.answer([third!]);
    const other = new RandomRoom(106, DQN, dqn, 9);
    const asks = [other.ask(), other.ask(), other.ask()];
    let last: Answer[] = [];
    for (const ask of asks) last = await engine.answer([ask]);
    expect(last[0]!.actions).toEqual(gaps[0]!.actions);
  });

  it('hears in a step what was said in the one before, by those of its own room', async () => {
    const ask = (room: number, seed: number) => new RandomRoom(room, SPEAKERS, speakers, seed);
    const [one, two] = [ask(107, 10), ask(108, 10)];
    for (const room of [one, two]) room.minds = [0, 1, 2, 3, 4];
    await engine.answer([one.ask(), two.ask()]);
    // Players of the second room who did not speak in the last step, but for the first of them.
    await engine.answer([one.ask(), two.ask([0])]);
    const [heard, silent] = await engine.answer([one.ask(), two.ask()]);
    const values = (answer: Answer) => answer.thoughts.map(({ value }) => value);
    expect(values(heard!)).not.toEqual(values(silent!));
  });
});

describe('several policies of a room', () => {
  /** The first two seats speak, the others are of another policy. */
  const mixed = (seed: number) => {
    const ask = new RandomRoom(0, SPEAKERS, speakers, seed).ask();
    const size = ask.groups[0]!.observation.length / 5;
    const group = (policy: number, seats: number[]) => ({
      policy,
      seats: Uint8Array.from(seats),
      observation: ask.groups[0]!.observation.slice(0, seats.length * size),
    });
    return { ...ask, minds: [0, 1], groups: [group(SPEAKERS, [0, 1]), group(DQN, [2, 3, 4])] };
  };

  it('are each answered apart, as soon as they are through', async () => {
    const engine = await engineOfAll();
    const done: number[] = [];
    const answers = await engine.answer([mixed(1)], (policy, [answer]) => {
      done.push(policy);
      expect(answer).toMatchObject({ room: 0, policy, tick: 0 });
    });
    expect(done.toSorted()).toEqual([SPEAKERS, DQN]);
    expect(answers.map(({ seats }) => Array.from(seats))).toEqual([
      [0, 1],
      [2, 3, 4],
    ]);
  });

  it('hear the same whether they are asked together or one after the other', async () => {
    const steps = [0, 1, 2].map((tick) => ({
      ...mixed(tick),
      tick,
      joint: tick === 0 ? null : Uint8Array.of(0, 1, 2, 3, 4),
    }));
    const together = await engineOfAll();
    const apart = await engineOfAll();
    for (const ask of steps) {
      const [expected] = await together.answer([ask]);
      const [speaking, other] = ask.groups;
      const [answer] = await apart.answer([{ ...ask, groups: [speaking!] }]);
      await apart.answer([{ ...ask, groups: [other!] }]);
      expect(answer).toEqual(expected);
    }
  });
});

describe('a mind', () => {
  it('foresees at a tick what its model makes of the one before', async () => {
    const engine = await engineOfAll();
    const policy = await openPolicy(moa, 'moa');
    const seat = 2;
    const model = policy.model(BLOCK, seat);
    const room = new RandomRoom(0, MOA, moa, 11);
    room.minds = [seat];
    let before: { observation: Uint8Array; pi: Float32Array } | null = null;
    for (let tick = 0; tick < TICKS; tick++) {
      const ask = room.ask();
      const observation = ask.groups[0]!.observation as Uint8Array;
      const size = observation.length / 5;
      const { thoughts } = (await engine.answer([ask]))[0]!;
      if (before === null) {
        expect(thoughts[0]!.predictions).toHaveLength(0);
      } else {
        model.observation.set(before.observation);
        model.pi.set(before.pi);
        model.joint.set([0, 1, 2, 3, 4].map((slot) => ask.joint![(seat + slot) % 5]!));
        await model.run();
        advance(model);
        expect(thoughts[0]!.predictions).toEqual(model.predictions.slice(0, 4 * 8));
        // Whom the player did not see counts for nothing; in these rooms it sees all.
        expect(thoughts[0]!.influence).toEqual(model.influence.slice(0, 4));
      }
      before = {
        observation: observation.slice(seat * size, (seat + 1) * size),
        pi: thoughts[0]!.probabilities,
      };
    }
  });

  it('counts how often it was right since it is looked at', async () => {
    const engine = await engineOfAll();
    const room = new RandomRoom(0, MOA, moa, 12);
    room.minds = [0];
    await engine.answer([room.ask()]);
    let foreseen: readonly number[] = [];
    const right = [0, 0, 0, 0];
    for (let tick = 1; tick < TICKS; tick++) {
      const ask = room.ask();
      foreseen.forEach((action, j) => {
        if (ask.joint![1 + j] === action) right[j]!++;
      });
      const [thought] = (await engine.answer([ask]))[0]!.thoughts;
      expect(Array.from(thought!.checked)).toEqual(new Array(4).fill(tick - 1));
      expect(Array.from(thought!.right)).toEqual(right);
      foreseen = [0, 1, 2, 3].map((j) => {
        const p = thought!.predictions.subarray(8 * j, 8 * (j + 1));
        return p.indexOf(Math.max(...p));
      });
    }
  });

  it('is nothing of those that nobody asks for', async () => {
    const engine = await engineOfAll();
    const room = new RandomRoom(0, MOA, moa, 13);
    expect((await engine.answer([room.ask()]))[0]!.thoughts).toEqual([]);
    const { calls } = engine.effort;
    await engine.answer([room.ask()]);
    expect(engine.effort.calls - calls).toBe(5);
  });

  it('leaves out whom it does not see, where its model learned so', async () => {
    const limited = { ...moa, card: { ...moa.card, moa: { ...moa.card.moa!, visibleOnly: true } } };
    const engine = new PolicyEngine();
    await engine.load(MOA, limited, 'moa');
    const room = new RandomRoom(0, MOA, limited, 14);
    room.minds = [0];
    // Player 0 sees itself and player 2.
    const visible = new Uint8Array(25);
    visible.set([1, 0, 1, 0, 0]);
    await engine.answer([{ ...room.ask(), visible }]);
    await engine.answer([{ ...room.ask(), visible }]);
    const [thought] = (await engine.answer([{ ...room.ask(), visible }]))[0]!.thoughts;
    expect(Array.from(thought!.checked)).toEqual([0, 1, 0, 0]);
    expect(Array.from(thought!.influence, (nats) => nats > 0)).toEqual([false, true, false, false]);
  });
});

describe('what cannot run', () => {
  it('is refused as it is opened', async () => {
    const engine = new PolicyEngine();
    const networks = [moa.networks[0]!.slice(0, 1000)];
    await expect(engine.load(1, { ...dqn, networks }, 'cut')).rejects.toThrow(/ONNX Runtime cannot open it/);
  });

  it('leaves its players without an action, and others with theirs', async () => {
    const engine = await engineOfAll();
    const [none, some] = await engine.answer([
      new RandomRoom(0, 99, dqn, 1).ask(),
      new RandomRoom(1, DQN, dqn, 1).ask(),
    ]);
    expect(none!.seats).toHaveLength(0);
    expect(some!.seats).toHaveLength(5);
  });
});
