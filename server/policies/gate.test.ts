import { expect, it } from 'vitest';
import { Gate } from './gate.ts';

it('lets nothing in once it is closed', async () => {
  const gate = new Gate();
  gate.close();
  let done = false;
  const passed = await new Gate(gate.buffer).pass(async () => {
    done = true;
  });
  expect([passed, done]).toEqual([false, false]);
});

it('lets work in while it is open, one after the other', async () => {
  const gate = new Gate();
  expect(await gate.pass(async () => {})).toBe(true);
  expect(await gate.pass(async () => {})).toBe(true);
});

it('is left by work that fails', async () => {
  const gate = new Gate();
  await expect(gate.pass(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  // It would wait for two seconds otherwise.
  gate.close();
  expect(new Int32Array(gate.buffer)[0]).toBe(0);
});
