import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  type Stats,
} from 'node:fs';
import { refused, showUser } from './private-directory.ts';

/**
 * Checks a file found under a name of the suite's: its directory may have been open to others once.
 *
 * @throws {NetTcpError} `Communication`, reason `access-denied`: it is another user's, others can write to it, or
 *   it has two names
 */
export function checkOwn(file: string, { uid, mode, nlink }: Stats): void {
  if (process.platform === 'win32') return;
  if (uid !== process.getuid?.()) {
    throw refused(`${file} belongs to user ${uid}, and this is ${showUser()}. Remove it.`);
  }
  if ((mode & 0o022) !== 0) throw refused(`Other users may write to ${file}. Remove it.`);
  if (nlink > 1) throw refused(`${file} is a hard link to a file that is elsewhere. Remove it.`);
}

/** {@link checkOwn} for a file that is open. @throws {NetTcpError} also if it is not a regular file */
export function checkOwnFile(file: string, descriptor: number): void {
  const found = fstatSync(descriptor);
  if (!found.isFile()) throw refused(`${file} is not a regular file. Remove it.`);
  checkOwn(file, found);
}

/** {@link checkOwn} for a file that may not exist. @throws {NetTcpError} also if it is a symbolic link */
export function checkOwnIfThere(file: string): void {
  let found: Stats | undefined;
  try {
    found = lstatSync(file, { throwIfNoEntry: false });
  } catch {
    // The caller that opens it gets the error.
  }
  if (found === undefined) return;
  if (found.isSymbolicLink()) throw refused(`${file} is a symbolic link. Remove it.`);
  checkOwn(file, found);
}

/**
 * Reads a file of this user.
 *
 * @throws {NetTcpError} as {@link checkOwnFile}; other errors are the system's
 */
export function readOwnFile(file: string): string {
  // Without O_NONBLOCK a pipe in its place would be waited for.
  const descriptor = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    checkOwnFile(file, descriptor);
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}
