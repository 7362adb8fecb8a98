import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const made = new Set<string>();
process.once('exit', () => made.forEach(removeDirectory));

/** Makes a new directory with a short path. It is removed when this process ends, if not before. */
export function temporaryDirectory(parent = tmpdir()): string {
  const directory = mkdtempSync(path.join(parent, 'ntps-'));
  made.add(directory);
  return directory;
}

export function removeDirectory(directory: string): void {
  rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  made.delete(directory);
}
