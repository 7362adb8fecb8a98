import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Real processes start in many of them, on machines with few cores.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    // In CI a test that starts processes may meet a machine that is busy with something else for a
    // moment; what is really broken fails again. The report names every test that needed it.
    retry: process.env['CI'] === 'true' ? 2 : 0,
  },
});
