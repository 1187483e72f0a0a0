/** Trainers that ask, and people who answer, over real sockets. */
import { Client, type Room } from '@colyseus/sdk';
import { afterEach, describe, expect, test } from 'vitest';
import { PersonExpert } from '../../agents/imitation/person.ts';
import type { Visited } from '../../agents/imitation/visited.ts';
import { taskOf } from '../../agents/training/config.ts';
import { PROTOCOL_VERSION } from '../../shared/protocol/index.ts';
import { type Asked, LabelMessage, type LabelRefused, type Sheet } from '../../shared/protocol/labels.ts';
import { definitionOf } from '../../shared/registry.ts';
import { startAgentArena, wireTo } from './agent-arena.ts';

const arena = await startAgentArena();
const CELLS = 15 * 15;
const task = taskOf(definitionOf('harvest'), { players: 2 }, 1, false);

/** States whose windows are full of their own number. */
const states = (count: number): Visited[] =>
  Array.from({ length: count }, (_, k) => ({
    steps: 2,
    observations: new Uint8Array(2 * CELLS).fill(k),
    lastActions: new Uint8Array(0),
    probabilities: Float32Array.of(0.5, 0.5, 0, 0, 0, 0, 0, 0),
    step: 0,
    column: 0,
  }));

/** Somebody who labels. */
class Labeller {
  readonly room: Room;
  sheet: Sheet | null = null;
  asked: Asked | null = null;
  readonly refused: string[] = [];
  #wake = () => {};

  constructor(room: Room) {
    this.room = room;
    room.reconnection.enabled = false;
    const hear = <T>(type: number, take: (message: T) => void) =>
      room.onMessage(type as never, (message: T) => {
        take(message);
        this.#wake();
      });
    hear<Sheet>(LabelMessage.sheet, (sheet) => (this.sheet = sheet));
    hear<Asked>(LabelMessage.state, (asked) => (this.asked = asked));
    hear<LabelRefused>(LabelMessage.refused, ({ message }) => this.refused.push(message));
    room.onError(() => {});
  }

  static async enter(link: string): Promise<Labeller> {
    const session = link.split('#/label/')[1];
    const room = await new Client(arena.url).joinOrCreate('label', { protocol: PROTOCOL_VERSION, session });
    const labeller = new Labeller(room);
    await labeller.until(() => labeller.asked !== null);
    return labeller;
  }

  say(action: number | null, state = this.asked!.asked!.state): void {
    this.room.send(LabelMessage.label, { state, action });
  }

  /** Says it, and waits until something else is asked. */
  async answer(action: number | null): Promise<void> {
    const before = this.asked;
    this.say(action);
    await this.until(() => this.asked !== before);
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => (this.#wake = resolve));
  }
}

const experts: PersonExpert[] = [];
afterEach(() => {
  for (const expert of experts.splice(0)) expert.close();
});

/** An expert that people are to be, and the link once it has asked. */
async function asking(
  count: number,
  round = 0,
  url = arena.url,
  hear: (lost: string | null) => void = () => {},
) {
  let announced = (_link: string) => {};
  const link = new Promise<string>((resolve) => (announced = resolve));
  const expert = new PersonExpert(
    task,
    { url, token: arena.tokenFor('train'), patience: 30, hear, announce: announced },
    'a test',
  );
  experts.push(expert);
  const labels = expert.label(states(count), null, null, round);
  // Of those that a test leaves open.
  labels.catch(() => {});
  return { expert, labels, link: await link };
}

test('what somebody says reaches the trainer, and what is passed over does not', async () => {
  const { labels, link } = await asking(3);
  const ann = await Labeller.enter(link);
  expect(ann.asked!.asked).toMatchObject({ state: 0, frames: 2 });
  await ann.answer(5);
  expect(ann.asked!.asked!.observations[0]).toBe(1);
  await ann.answer(null);
  await ann.answer(2);
  expect(await labels).toEqual([5, null, 2]);
});

test('an answer that is taken back is asked again', async () => {
  const { labels, link } = await asking(2);
  const ann = await Labeller.enter(link);
  await ann.answer(5);
  ann.room.send(LabelMessage.undo, {});
  await ann.until(() => ann.asked!.asked?.state === 0 && ann.asked!.undoable === 0);
  await ann.answer(6);
  await ann.answer(1);
  expect(await labels).toEqual([6, 1]);
});

test('several people are asked about different states, and what one leaves another gets', async () => {
  const { labels, link } = await asking(2);
  const ann = await Labeller.enter(link);
  const bob = await Labeller.enter(link);
  expect([ann.asked!.asked!.state, bob.asked!.asked!.state]).toEqual([0, 1]);
  await ann.answer(3);
  expect(ann.asked!.asked).toBeNull();
  await bob.room.leave();
  await ann.until(() => ann.asked!.asked?.state === 1);
  await ann.answer(4);
  expect(await labels).toEqual([3, 4]);
});

test('the next round comes to who is still there', async () => {
  const { expert, labels, link } = await asking(1);
  const ann = await Labeller.enter(link);
  await ann.answer(3);
  await labels;
  expect(ann.sheet!.status).toBe('learning');
  const next = expert.label(states(1), null, null, 7);
  await ann.until(() => ann.sheet!.round === 7 && ann.asked!.asked !== null);
  await ann.answer(1);
  expect(await next).toEqual([1]);
});

test('a trainer that is stopped has what was said until then', async () => {
  const { expert, labels, link } = await asking(3);
  const ann = await Labeller.enter(link);
  await ann.answer(5);
  // The trainer has heard it once it waits for more.
  await ann.until(() => ann.sheet!.labelled === 1);
  await new Promise((resolve) => setImmediate(resolve));
  expert.interrupt();
  expect([
    [5, null, null],
    [null, null, null],
  ]).toContainEqual(await labels);
});

test('a connection that is lost and comes back loses nothing of what was said', async () => {
  const wire = await wireTo(arena.url);
  const heard: (string | null)[] = [];
  const { labels, link } = await asking(2, 0, wire.url, (lost) => heard.push(lost));
  const ann = await Labeller.enter(link);
  await ann.answer(5);
  wire.cut();
  await ann.until(() => ann.sheet!.status === 'away');
  await ann.until(() => ann.sheet!.status === 'asking' && ann.asked!.asked !== null);
  await ann.answer(1);
  expect(await labels).toEqual([5, 1]);
  // Of the loss and of the return, and not of the first connection.
  expect(heard).toEqual([expect.stringContaining('is lost'), null]);
});

test('where the trainer is gone, people are told', async () => {
  const { expert, link } = await asking(2);
  const ann = await Labeller.enter(link);
  expert.close();
  await ann.until(() => ann.sheet!.status === 'away' && ann.asked!.asked === null);
});

describe('what is refused', () => {
  test('an answer that is taken back when the round is over', async () => {
    const { labels, link } = await asking(1);
    const ann = await Labeller.enter(link);
    await ann.answer(5);
    expect(ann.asked!.undoable).toBe(0);
    ann.room.send(LabelMessage.undo, {});
    await ann.until(() => ann.refused.length === 1);
    expect(ann.refused).toEqual([
      'this round is over: the trainer has its answers, and none can be taken back',
    ]);
    expect(await labels).toEqual([5]);
    expect(ann.sheet).toMatchObject({ labelled: 1, status: 'learning' });
  });

  test('an action that there is not, and a state of somebody else', async () => {
    const { link } = await asking(2);
    const ann = await Labeller.enter(link);
    ann.say(8);
    ann.say(1, 1);
    await ann.until(() => ann.refused.length === 2);
    expect(ann.refused).toEqual([
      'action 8 is unknown, there are 0 to 7',
      'state 1 is not the one that you are asked about',
    ]);
  });

  test('a session that nobody asks in', async () => {
    const entering = new Client(arena.url).joinOrCreate('label', {
      protocol: PROTOCOL_VERSION,
      session: 'no-such-session',
    });
    await expect(entering).rejects.toMatchObject({ code: 404 });
  });

  test('a token that may not train', async () => {
    const expert = new PersonExpert(
      task,
      { url: arena.url, token: arena.tokenFor('watch'), patience: 5, announce: () => {} },
      'a test',
    );
    experts.push(expert);
    await expect(expert.label(states(1), null, null, 0)).rejects.toMatchObject({ code: 'missing-scope' });
  });
});
