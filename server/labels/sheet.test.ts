import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LabelSheet, SKIPPED } from './sheet.ts';

const sheet = (states: number) =>
  new LabelSheet(
    Array.from({ length: states }, () => ({ frames: 1, observations: new Uint8Array(1), probabilities: [] })),
  );

test('people are asked about different states, from the first on', () => {
  const two = sheet(2);
  expect(['ann', 'bob', 'cat'].map((person) => two.askedOf(person))).toEqual([0, 1, null]);
});

test('who answers what another is asked is not heard', () => {
  const two = sheet(2);
  two.askedOf('ann');
  two.askedOf('bob');
  expect(two.answer('bob', 0, 3)).toBe(false);
  expect(two.labels).toEqual([null, null]);
});

test('an answer that is taken back is asked of the same person again, and what it was asked then of others', () => {
  const three = sheet(3);
  three.answer('ann', three.askedOf('ann')!, 5);
  expect(three.askedOf('ann')).toBe(1);
  expect(three.undo('ann')).toBe(true);
  expect([three.askedOf('ann'), three.askedOf('bob')]).toEqual([0, 1]);
  expect(three.undo('ann')).toBe(false);
});

test('once all is answered nothing can be taken back, for the trainer has it', () => {
  const two = sheet(2);
  two.answer('ann', two.askedOf('ann')!, 5);
  expect(two.undoable('ann')).toBe(1);
  two.answer('ann', two.askedOf('ann')!, SKIPPED);
  expect([two.undoable('ann'), two.undo('ann')]).toEqual([0, false]);
  expect(two.labels).toEqual([5, SKIPPED]);
});

test('whatever people do, no two are asked the same, and what is counted is what was said', () => {
  const person = fc.constantFrom('ann', 'bob', 'cat');
  const step = fc.record({
    person,
    act: fc.constantFrom('answer', 'skip', 'undo', 'leave'),
    action: fc.nat(7),
  });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.array(step, { maxLength: 40 }), (states, steps) => {
      const round = sheet(states);
      for (const { person: who, act, action } of steps) {
        const asked = round.askedOf(who);
        if (act === 'undo') round.undo(who);
        else if (act === 'leave') round.leave(who);
        else if (asked !== null)
          expect(round.answer(who, asked, act === 'skip' ? SKIPPED : action)).toBe(true);
        const all = ['ann', 'bob', 'cat'].map((one) => round.askedOf(one)).filter((state) => state !== null);
        expect(new Set(all).size).toBe(all.length);
        for (const state of all) expect(round.labels[state]).toBeNull();
        const open = round.labels.filter((label) => label === null).length;
        expect(round.labelled + round.skipped + open).toBe(states);
        expect(round.done).toBe(open === 0);
      }
    }),
  );
});
