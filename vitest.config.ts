import { configDefaults, defineConfig } from 'vitest/config';

/** What measures a rate in real time: it runs first and alone, because a busy machine is a slow line. */
const MEASURING = ['test/agent/internet-speed/**/*.test.ts', 'test/collector/speed/pacing.test.ts'];
/** A hundred schools and six people at once fill the machine: it runs last and alone, so that no other page is kept waiting. */
const PLAYED = 'test/browser/period.test.ts';

export default defineConfig({
  test: {
    reporters: ['default', './test/reporter.ts'],
    // Against hanging, not against slowness: a shared machine may take ten times as long.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    setupFiles: ['./test/setup.ts'],
    projects: [
      {
        extends: true,
        test: { name: 'measuring', include: MEASURING, retry: 2, maxWorkers: 1, sequence: { groupOrder: 0 } },
      },
      {
        extends: true,
        test: {
          name: 'rest',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...MEASURING, PLAYED],
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: { name: 'played', include: [PLAYED], maxWorkers: 1, sequence: { groupOrder: 2 } },
      },
    ],
  },
});
