/** What an arena with trained policies answers at `/api/policies`, and how to have a page told something else. */
import type { Page } from 'playwright-core';
import type { PolicyList } from '../../shared/protocol/policies.ts';

/** Every later question of this page for the policies is answered so; null: the arena fails. */
export async function answerPolicies(page: Page, list: PolicyList | null): Promise<void> {
  await page.route('**/api/policies', (route) =>
    list === null ? route.fulfill({ status: 500, body: '' }) : route.fulfill({ json: list }),
  );
}

/** Chooses a filling in the dialog that is open; what follows from it shows a moment later. */
export async function choose(page: Page, filling: string): Promise<void> {
  await page.locator(`[data-filling="${filling}"] input`).check();
  await page.getByTestId('seat-it').click();
}
