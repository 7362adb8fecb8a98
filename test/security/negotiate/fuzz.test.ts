import { expect, test, vi } from 'vitest';
import { mutations } from '../../encoding/binary-xml/mutations.ts';
import { NOW } from './kerberos/tickets.ts';
import { acceptor, TOKEN_TARGETS } from './fuzz-target.ts';

// A busy machine may take long; a reader that hangs takes longer.
vi.setConfig({ testTimeout: 300_000 });
// Most cases end in an error; without their stacks it takes a third of the time.
Error.stackTraceLimit = 0;
const CASES = 100_000;

test('what is to be mutated is right', () => {
  const first = TOKEN_TARGETS.find(({ name }) => name === 'first tokens');
  expect(first?.originals).toHaveLength(3);
  for (const token of first?.originals ?? []) {
    expect(['complete', 'in-progress']).toContain(acceptor().step(token, NOW).is);
  }
});

test.for(TOKEN_TARGETS)(
  '$name: any mutation is read or a NetTcpError',
  ({ originals, read, cases = CASES }) => {
    for (const original of originals) {
      for (const bytes of mutations(original, Math.ceil(cases / originals.length), 1)) read(bytes);
    }
  },
);

test.for(TOKEN_TARGETS)('$name: so is any beginning of it', ({ originals, read }) => {
  for (const original of originals) {
    for (let end = 0; end < original.length; end++) read(original.subarray(0, end));
  }
});
