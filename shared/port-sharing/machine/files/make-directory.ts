import { mkdirSync, statSync } from 'node:fs';
import path from 'node:path';

/**
 * Makes a directory, and those above it that are missing. Node's own `recursive` never returns where a file system
 * says that there is no such directory although the one above is there: /proc does, and what mounts on demand.
 *
 * @throws what the system says
 */
export function makeDirectory(directory: string): void {
  if (isDirectory(directory)) return;
  const above = path.dirname(directory);
  if (above !== directory) makeDirectory(above);
  try {
    mkdirSync(directory);
  } catch (error) {
    // Somebody else may have been quicker.
    if (!isDirectory(directory)) throw error;
  }
}

function isDirectory(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isDirectory() === true;
}
