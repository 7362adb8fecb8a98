import { renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DIRECTORY_ADVICE, secureDirectory } from './private-directory.ts';
import { environmentError } from '../../../system-error.ts';

/**
 * Writes a file of this user, whole or not at all: a reader finds the old text or the new one at any moment. Its
 * directory is made if it is missing.
 *
 * @throws {NetTcpError} `Communication`; the file is as it was, and nothing is left beside it
 */
export function writeWhole(file: string, text: string): void {
  secureDirectory(path.dirname(file));
  replaceWhole(file, text, DIRECTORY_ADVICE);
}

/**
 * {@link writeWhole} in a directory that is not the suite's to make or check. Only this user can read the file.
 *
 * @param advice what to do if it fails, for the error
 */
export function replaceWhole(file: string, text: string, advice: string): void {
  const temporary = `${file}.${process.pid}`;
  try {
    // A file of that name was left by a process that is gone, or was planted.
    rmSync(temporary, { force: true });
    writeFileSync(temporary, text, { mode: 0o600, flag: 'wx' });
    renameSync(temporary, file);
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw environmentError(`The file ${file} cannot be written`, cause, advice);
  }
}
