import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longestFirst.js';

/** These find what hangs. A crowded machine makes a test slow, never wrong. */
const patience = { testTimeout: 180_000, hookTimeout: 180_000 };
const sharedSandbox = { pool: 'forks' as const, ...patience };

export default defineConfig({
  test: {
    // Much of a test's time is waiting for servers: twice the two cores that the checks are given.
    poolOptions: { forks: { minForks: 1, maxForks: 4 } },
    sequence: { sequencer: LongestFirst },
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], ...patience } },
      {
        test: {
          name: 'sql',
          include: ['test/sql/**/*.test.ts'],
          globalSetup: ['test/support/sqlServerSetup.ts'],
          ...sharedSandbox,
        },
      },
      {
        test: {
          name: 'workflow',
          include: ['test/workflow/**/*.test.ts'],
          globalSetup: ['test/support/temporalSetup.ts'],
          ...sharedSandbox,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/support/sqlServerSetup.ts', 'test/support/temporalSetup.ts'],
          ...sharedSandbox,
        },
      },
      {
        test: {
          name: 'property',
          include: ['test/property/**/*.test.ts'],
          globalSetup: ['test/support/sqlServerSetup.ts'],
          ...sharedSandbox,
        },
      },
      {
        test: {
          name: 'scale',
          include: ['test/scale/**/*.test.ts'],
          globalSetup: ['test/support/sqlServerSetup.ts', 'test/support/temporalSetup.ts'],
          ...sharedSandbox,
        },
      },
      { test: { name: 'browser', include: ['test/browser/**/*.test.ts'], ...patience } },
      {
        // Servers of their own, which are killed: nothing is shared.
        test: {
          name: 'chaos',
          include: ['test/chaos/**/*.test.ts'],
          pool: 'forks',
          testTimeout: 600_000,
          hookTimeout: 300_000,
        },
      },
      { test: { name: 'replay', include: ['test/replay/**/*.test.ts'], pool: 'forks', ...patience } },
    ],
  },
});
