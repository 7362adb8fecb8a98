import { expect, test, vi } from 'vitest';
import { mutations } from '../../binary-xml/mutations.ts';
import { SECURITY_TARGETS } from './fuzz-target.ts';

// A busy machine may take long; a reader that hangs takes longer.
vi.setConfig({ testTimeout: 300_000 });
// Most cases end in an error; without their stacks it takes a third of the time.
Error.stackTraceLimit = 0;
const CASES = 100_000;

test.for(SECURITY_TARGETS)(
  '$name: any mutation is read, refused or a NetTcpError',
  ({ originals, read }) => {
    for (const original of originals) {
      for (const bytes of mutations(original, Math.ceil(CASES / originals.length), 1)) read(bytes);
    }
  },
);

test.for(SECURITY_TARGETS)('$name: so is any beginning of it', ({ originals, read }) => {
  expect(originals.length).toBeGreaterThan(1);
  for (const original of originals) {
    for (let end = 0; end < original.length; end++) read(original.subarray(0, end));
  }
});
