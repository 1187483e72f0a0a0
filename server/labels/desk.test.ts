import { expect, test } from 'vitest';
import { LabelDesk, type Subject } from './desk.ts';

const SUBJECT: Subject = {
  title: 'what?',
  environmentTitle: 'Harvest',
  actions: ['left', 'right'],
  window: { ahead: 0, behind: 0, left: 0, right: 0 },
};
const STATES = [{ frames: 1, observations: new Uint8Array(1), probabilities: [0.5, 0.5] }];

const ask = (desk: LabelDesk, connection: string) => {
  const session = desk.ask('s', { token: 't', connection }, SUBJECT, 0, STATES);
  if (typeof session === 'string') throw new Error(session);
  return session;
};

test('a trainer that is back is attended to, also when the loss of its last connection is noticed later', () => {
  const desk = new LabelDesk();
  const session = ask(desk, 'first');
  ask(desk, 'second');
  desk.leave(session, 'first');
  expect(session.describe(0).status).toBe('asking');
  desk.leave(session, 'second');
  expect(session.describe(0).status).toBe('away');
  ask(desk, 'third');
  expect(session.describe(0).status).toBe('asking');
});

test('a session is its token’s', () => {
  const desk = new LabelDesk();
  ask(desk, 'first');
  expect(desk.ask('s', { token: 'other', connection: 'x' }, SUBJECT, 0, STATES)).toBe('of another token');
});
