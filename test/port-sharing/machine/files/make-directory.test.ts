import { existsSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { makeDirectory } from '../../../../shared/port-sharing/machine/files/make-directory.ts';
import { scratchDirectory } from '../../../helpers/directory.ts';

test('a directory is made, with those above it, and may be there', () => {
  const directory = path.join(scratchDirectory(), 'a/b/c');
  for (let time = 0; time < 2; time++) {
    makeDirectory(directory);
    expect(statSync(directory).isDirectory()).toBe(true);
  }
});

test('what cannot be made fails with what the system says', () => {
  const scratch = scratchDirectory();
  writeFileSync(path.join(scratch, 'file'), '');
  symlinkSync(path.join(scratch, 'nowhere/deeper'), path.join(scratch, 'dangling'));
  for (const [name, code] of [
    ['file', 'EEXIST'],
    ['file/below', 'ENOTDIR'],
    ['dangling', 'EEXIST'],
    ['dangling/below', 'EEXIST'],
  ] as const) {
    const make = (): void => makeDirectory(path.join(scratch, name));
    expect(make, name).toThrow(expect.objectContaining({ code }));
  }
  makeDirectory(path.join(scratch, 'nowhere/deeper'));
  makeDirectory(path.join(scratch, 'dangling/below'));
});

test.skipIf(!existsSync('/proc/self'))(
  'where a file system has no such directory it fails, and ends (skipped without /proc)',
  () => {
    const make = (): void => makeDirectory('/proc/nobody/has/this');
    expect(make).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  },
);
