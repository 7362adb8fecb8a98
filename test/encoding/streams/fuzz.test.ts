import { expect, test } from 'vitest';
import { mutations } from '../binary-xml/mutations.ts';
import { readInPieces, STREAMED } from './fuzz-target.ts';

test('nearly right streams are read, or refused', () => {
  let cases = 0;
  for (const message of STREAMED) {
    for (const mutated of mutations(message, 1_500, 1)) {
      readInPieces(mutated);
      cases++;
    }
  }
  expect(cases).toBeGreaterThan(1_000);
});
