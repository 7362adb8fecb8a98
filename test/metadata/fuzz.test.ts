import { expect, test } from 'vitest';
import { mutations } from '../encoding/binary-xml/mutations.ts';
import { CHANGES, importChanged, importText, METADATA } from './fuzz-target.ts';

test.for<[what: string, originals: readonly Uint8Array[], read: (bytes: Uint8Array) => void]>([
  ['texts', METADATA, importText],
  ['documents', CHANGES, importChanged],
])('nearly right %s are read, or refused', ([, originals, read]) => {
  let cases = 0;
  for (const original of originals) {
    // What is right, first: a target that refuses everything would prove nothing.
    read(original);
    for (const mutated of mutations(original, 80, 1)) {
      read(mutated);
      cases++;
    }
  }
  expect(cases).toBeGreaterThan(75);
});
