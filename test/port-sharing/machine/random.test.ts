// The token by which a process's further connections belong to it.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { randomHex } from '../../../shared/port-sharing/machine/random.ts';
import { scratchDirectory } from '../../helpers/directory.ts';

test.for<[what: string, source: () => string | undefined]>([
  ['the system', () => undefined],
  ['node:crypto, where there is no device', () => path.join(scratchDirectory(), 'urandom')],
  ['node:crypto, where a file is in its place', fileOfZeros],
  ['node:crypto, where the device has nothing', () => '/dev/null'],
])('random bytes come from %s', ([, source]) => {
  const from = source();
  const all = Array.from({ length: 100 }, () => randomHex(16, from));
  expect(all.filter((each) => /^[\da-f]{32}$/.test(each)).length).toBe(100);
  expect(new Set(all).size).toBe(100);
});

function fileOfZeros(): string {
  const file = path.join(scratchDirectory(), 'urandom');
  writeFileSync(file, Buffer.alloc(64));
  return file;
}
