import { onTestFinished } from 'vitest';
import { removeDirectory, temporaryDirectory } from '../../scripts/temporary.ts';

/** A new directory for files of this test. It is removed when the test ends. */
export function scratchDirectory(parent?: string): string {
  const directory = temporaryDirectory(parent);
  onTestFinished(() => removeDirectory(directory));
  return directory;
}
