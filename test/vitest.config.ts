import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { defineConfig } from 'vitest/config';

// The files that take longest begin first: otherwise one of them would run alone at the end.
const LONGEST = [
  'scripts/faults/quick',
  'port-sharing/daemon/daemon',
  'port-sharing/daemon/activation',
  'docs/commands',
  'client/',
  'sample',
];

class LongestFirst extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const found = LONGEST.findIndex((part) => moduleId.includes(`/test/${part}`));
      return found < 0 ? LONGEST.length : found;
    };
    return Promise.resolve(files.toSorted((a, b) => rank(a) - rank(b)));
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Real processes start in many of them, on machines with few cores.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // One more than the processors of a small machine: many of them mostly wait.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    // In CI a test that starts processes may meet a machine that is busy with something else for a
    // moment; what is really broken fails again. The report names every test that needed it.
    retry: process.env['CI'] === 'true' ? 2 : 0,
  },
});
