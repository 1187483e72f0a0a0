/** Who plays: chosen for a new room, changed while it runs, found on the page of agents, met in a quick match. */
import { expect, test } from 'vitest';
import type { PolicyList } from '../../shared/protocol/policies.ts';
import { roomPath, seated, shownStep, tabTo, useArena } from './arena-page.ts';
import { answerPolicies, choose } from './policies.ts';

const arena = useArena('--no-demo');
const NONE: PolicyList = { policies: [], broken: [] };

test('a quick match is one click: seated first among four trained agents of which two model others', async () => {
  const page = await arena.open();
  await page.getByTestId('quick').click();
  expect(await seated(page)).toBe(0);
  await shownStep(page, 3);
  const kinds = page.getByRole('region', { name: 'Players' }).locator('.kind');
  expect(await kinds.allTextContents()).toEqual(['you', 'trained', 'trained', 'trained', 'trained']);
  const names = await page.getByRole('region', { name: 'Players' }).locator('.who').allTextContents();
  // The room has the name of the game, so the names of its players do without it.
  expect(names.filter((name) => name === 'moa')).toHaveLength(2);
});

test('without trained agents a quick match has bots, and says so', async () => {
  const page = await arena.open();
  await answerPolicies(page, NONE);
  await page.getByTestId('quick').click();
  expect(await page.getByTestId('quick-note').textContent()).toContain('four scripted bots play');
  expect(await seated(page)).toBe(0);
});

test('each seat of a new room is filled by itself, and all at once', async () => {
  const page = await arena.open();
  await page.getByTestId('new-room').click();
  await page.getByTestId('every-seat').click();
  await choose(page, 'zoo/harvest-team');
  await page.getByTestId('seat-0').click();
  await choose(page, 'open');
  await page.getByTestId('seat-2').click();
  await choose(page, 'adversary');
  await page.getByTestId('create').click();
  await shownStep(page, 1);
  const kinds = page.getByRole('region', { name: 'Players' }).locator('.kind');
  await expect.poll(() => kinds.allTextContents()).toEqual(['open', 'trained', 'bot', 'trained', 'trained']);
});

test('the card of a trained agent lies beside the list', async () => {
  const page = await arena.open();
  await page.getByTestId('new-room').click();
  await page.getByTestId('seat-1').click();
  await page.locator('[data-filling="zoo/harvest-moa"] input').check();
  const card = page.getByTestId('filling-dialog').getByTestId('model-card');
  const text = await card.textContent();
  for (const fact of [
    'PPO',
    'influence-moa',
    'models others',
    '5 M player steps',
    'collective return',
    '95%',
  ])
    expect(text).toContain(fact);
});

test('a seat is filled with the keyboard alone', async () => {
  const page = await arena.open();
  await page.getByTestId('new-room').click();
  await tabTo(page, page.getByTestId('seat-1'));
  await page.keyboard.press('Enter');
  await page.locator('[data-filling="greedy"] input:focus').waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.locator('[data-testid=seat-1][data-filling=sustainable]').waitFor();
  expect(await page.getByTestId('filling-dialog').isVisible()).toBe(false);
});

test('those who do not fit cannot be chosen, and say why', async () => {
  const page = await arena.open();
  await page.getByTestId('new-room').click();
  await page.getByLabel('Players', { exact: true }).fill('7');
  await page.getByTestId('seat-6').click();
  const row = (filling: string) => page.locator(`[data-filling="${filling}"]`);
  await row('zoo/harvest-team').waitFor();
  expect(await row('zoo/harvest-moa').isVisible()).toBe(false);
  const sections = page.getByTestId('filling-dialog').getByRole('radiogroup').locator('> *');
  expect(await sections.last().getAttribute('data-testid')).toBe('unfit');
  await page.getByTestId('unfit').getByText('3 that do not fit here').click();
  expect(await row('zoo/harvest-moa').textContent()).toContain('It knows 5 players, here are 7.');
  expect(await row('zoo/harvest-moa').locator('input').isDisabled()).toBe(true);
  expect(await row('zoo/cleanup-team').textContent()).toContain('It plays cleanup.');
  expect(await row('zoo/harvest-team').locator('input').isEnabled()).toBe(true);
});

test('another number of players refuses who was seated for it, and says what to do', async () => {
  const page = await arena.open();
  await page.getByTestId('new-room').click();
  await page.getByTestId('seat-1').click();
  await choose(page, 'zoo/harvest-moa');
  await page.getByLabel('Players', { exact: true }).fill('4');
  expect(await page.locator('.problem:not(:empty)').textContent()).toContain(
    'Seat 2, harvest-moa: It knows 5 players, here are 4.',
  );
  expect(await page.getByTestId('create').isDisabled()).toBe(true);
});

test('in partial view those who hear of others are told, as soon as the view is chosen', async () => {
  const page = await arena.open();
  await page.getByTestId('new-room').click();
  await page.getByTestId('seat-1').click();
  await choose(page, 'zoo/harvest-communication');
  await page.locator('[data-testid=seat-1][data-filling="zoo/harvest-communication"]').waitFor();
  expect(await page.getByTestId('reveal-note').textContent()).toBe('');
  await page.getByLabel('View', { exact: true }).selectOption('partial');
  expect(await page.getByTestId('reveal-note').textContent()).toContain('harvest-communication learned by');
});

test('another environment lets those go who do not play it', async () => {
  const page = await arena.open();
  await page.getByTestId('new-room').click();
  await page.getByTestId('every-seat').click();
  await choose(page, 'zoo/harvest-team');
  await page.getByTestId('seat-4').click();
  await choose(page, 'open');
  await page.getByLabel('Environment', { exact: true }).selectOption('cleanup');
  const fillings = await page
    .locator('[data-testid^="seat-"][data-filling]')
    .evaluateAll((tiles) => tiles.map((tile) => (tile as HTMLElement).dataset.filling));
  expect(fillings).toEqual(['greedy', 'greedy', 'greedy', 'greedy', 'open']);
  expect(await page.getByTestId('create').isEnabled()).toBe(true);
});

test('a room with those who learned by last actions tells these, and the form says so', async () => {
  const page = await arena.open();
  await page.getByTestId('new-room').click();
  await page.getByTestId('seat-1').click();
  await choose(page, 'zoo/harvest-moa');
  await page.getByTestId('reveal-note').getByText('harvest-moa learned by hearing of the others').waitFor();
  await page.getByLabel('View', { exact: true }).selectOption('partial');
  await page.getByTestId('create').click();
  await expect
    .poll(() => page.getByRole('region', { name: 'Players' }).locator('.kind').nth(1).textContent(), {
      timeout: 60_000,
    })
    .toBe('trained');
});

test('broken agents are listed with what is wrong with them', async () => {
  const page = await arena.open();
  await answerPolicies(page, {
    policies: [],
    broken: [{ name: 'own/bad', problem: 'policy.onnx is cut off', failed: false }],
  });
  await page.getByRole('link', { name: 'Agents' }).click();
  const section = page.getByRole('region', { name: 'Agents that cannot be seated' });
  expect(await section.textContent()).toContain('policy.onnx is cut off');
  await page.getByText('This arena has no trained agents yet.').waitFor();
  await page.getByTestId('new-room').click();
  await page.getByTestId('seat-1').click();
  await page.getByTestId('unfit').getByText('1 that does not fit here').click();
  const row = page.locator('[data-filling="own/bad"]');
  expect(await row.textContent()).toContain('policy.onnx is cut off');
  expect(await row.locator('input').isDisabled()).toBe(true);
});

test('one of the arena’s own is told from the zoo’s of the same name', async () => {
  const page = await arena.open();
  const { policies } = (await (await page.request.get(`${arena.url}/api/policies`)).json()) as PolicyList;
  const moa = policies.find(({ name }) => name === 'zoo/harvest-moa')!;
  await answerPolicies(page, { policies: [moa, { ...moa, name: 'own/harvest-moa' }], broken: [] });
  await page.getByTestId('new-room').click();
  await page.getByTestId('seat-1').click();
  const origin = (filling: string) => page.locator(`[data-filling="${filling}"] .origin`).textContent();
  expect([await origin('zoo/harvest-moa'), await origin('own/harvest-moa')]).toEqual(['zoo', 'own']);
  await choose(page, 'own/harvest-moa');
  await page.locator('[data-testid=seat-1]').getByText('trained, own').waitFor();
});

test('one that fails while it plays is marked with the reason, and changed there by whoever has the key', async () => {
  const maker = await arena.open('/#/agents');
  await maker.locator('[data-policy="zoo/harvest-team"]').getByTestId('watch-agent').click();
  await shownStep(maker, 1);
  const kinds = maker.getByRole('region', { name: 'Players' }).locator('.kind');
  await expect.poll(() => kinds.allTextContents()).toEqual(Array(5).fill('trained'));
  // From now on the arena says that it fails; the page asks by itself.
  const problem = 'it took longer than 5 s';
  await answerPolicies(maker, {
    policies: [],
    broken: [{ name: 'zoo/harvest-team', problem, failed: true }],
  });
  await maker.getByTestId('broken-2').getByText(problem).waitFor();
  expect(await kinds.allTextContents()).toEqual(Array(5).fill('broken'));
  await maker.getByTestId('change-2').click();
  expect(await maker.getByTestId('seat-it').isDisabled()).toBe(true);
  await choose(maker, 'greedy');
  await expect.poll(() => kinds.nth(2).textContent()).toBe('bot');
  expect(await maker.getByTestId('broken-2').isVisible()).toBe(false);
});

test('an arena that does not say its agents is asked again', async () => {
  arena.foresee(/status of 500|answered 500/);
  const page = await arena.open();
  await answerPolicies(page, null);
  await page.getByRole('link', { name: 'Agents' }).click();
  await page.getByText('does not say which agents it has').waitFor();
  await page.unroute('**/api/policies');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByTestId('model-card').first().waitFor();
});

test('an agent is played against from its card', async () => {
  const page = await arena.open('/#/agents');
  await page.locator('[data-policy="zoo/cleanup-team"]').getByTestId('play-against').click();
  expect(await seated(page)).toBe(0);
  await shownStep(page, 1);
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Against cleanup-team');
});

test('an agent is watched among its own from its card', async () => {
  const page = await arena.open('/#/agents');
  await page.locator('[data-policy="zoo/harvest-moa"]').getByTestId('watch-agent').click();
  await shownStep(page, 3);
  expect(await page.evaluate(() => window.arena!.seat)).toBeNull();
  const kinds = await page.getByRole('region', { name: 'Players' }).locator('.kind').allTextContents();
  expect(kinds).toEqual(Array(5).fill('trained'));
});

test('what connects one’s own is copied with this arena’s address', async () => {
  const page = await arena.open('/#/agents', { permissions: ['clipboard-read', 'clipboard-write'] });
  await page.getByRole('button', { name: 'Copy: Python' }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain(`url = "${arena.url}"\n`);
});

test('whoever made a room changes what plays a seat while it runs, and it plays on', async () => {
  const maker = await arena.open();
  await maker.getByTestId('new-room').click();
  await maker.getByTestId('create').click();
  await shownStep(maker, 1);
  const guest = await arena.open(roomPath(await maker.evaluate(() => window.arena!.roomId)));
  await shownStep(guest, 1);
  const rows = maker.getByRole('region', { name: 'Players' }).getByRole('listitem');
  await rows.nth(3).hover();
  await maker.getByTestId('fill-3').click();
  await choose(maker, 'zoo/harvest-selfish');
  const kind = guest.getByRole('region', { name: 'Players' }).locator('.kind').nth(3);
  await expect.poll(() => kind.textContent(), { timeout: 60_000 }).toBe('trained');
  await shownStep(guest, (await shownStep(guest)) + 5);
  // Nobody else is offered it.
  await guest.getByRole('region', { name: 'Players' }).getByRole('listitem').nth(3).hover();
  expect(await guest.getByTestId('fill-3').isVisible()).toBe(false);
});

test('a filling that the room does not take is explained', async () => {
  const page = await arena.open();
  await page.getByTestId('new-room').click();
  await page.getByTestId('create').click();
  await shownStep(page, 1);
  // The page is told of an agent that the arena does not have.
  const answer = await page.request.get(`${arena.url}/api/policies`);
  const { policies } = (await answer.json()) as PolicyList;
  const team = policies.find(({ name }) => name === 'zoo/harvest-team')!;
  await answerPolicies(page, { policies: [{ ...team, name: 'own/gone' }], broken: [] });
  const rows = page.getByRole('region', { name: 'Players' }).getByRole('listitem');
  await rows.nth(1).hover();
  await page.getByTestId('fill-1').click();
  await choose(page, 'own/gone');
  await page.getByTestId('refusal').getByText('own/gone').waitFor();
  await shownStep(page, (await shownStep(page)) + 3);
});

test('the lobby counts people and trained agents apart', async () => {
  const host = await arena.room({
    title: 'Counted',
    bots: ['open', 'zoo/harvest-team', 'zoo/harvest-team', 'greedy', 'greedy'],
  });
  await host.sit();
  const page = await arena.open();
  const card = page.getByTestId('room-card').filter({ hasText: 'Counted' });
  await expect
    .poll(() => card.getByTestId('who-plays').textContent(), { timeout: 60_000 })
    .toBe('1 person, 2 trained, 2 more');
});
