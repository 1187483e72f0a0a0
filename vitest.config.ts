/**
 * Three projects, by what a test needs: `unit` nothing, `integration` servers on 127.0.0.1, `e2e` a browser.
 * `vitest run --project unit` runs one of them.
 */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // All cores: the default leaves one to others, and where there are two, as in continuous integration, that is half.
    maxWorkers: '100%',
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{shared,agents,client,server}/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: ['**/node_modules/**', 'test/integration/**', 'test/e2e/**'],
          // Properties and statistics run to completion however slow the machine is; this only ends what hangs.
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          env: { ARENA_LOG: 'silent' },
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          // One browser at a time: two would share the cores and neither would draw in time.
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
