import { chmodSync, lstatSync, mkdirSync, readdirSync, type Stats } from 'node:fs';
import { userInfo } from 'node:os';
import path from 'node:path';
import { NetTcpError, systemCode } from '../../../errors.ts';
import { printable } from '../../../printable.ts';
import { attempt, environmentError } from '../../../system-error.ts';

/** Environment variable with one directory for everything, instead of the standard ones. */
export const DIRECTORY_VARIABLE = 'NET_TCP_PORT_SHARING_DIR';

/** Advice for errors where this user's own directories cannot be used. */
export const DIRECTORY_ADVICE = `Set ${DIRECTORY_VARIABLE} to a directory that this user can write to, the same for every process.`;

/**
 * Makes a directory if it is missing, and checks that it belongs to this user and that nobody else can enter it. A
 * directory of this user that others may enter is closed to them, unless it holds files that are not the suite's.
 *
 * @throws {NetTcpError} `Communication`, saying what is wrong and what to do; with reason `access-denied` where it
 *   is not a directory, or not this user's alone
 */
export function secureDirectory(directory: string): void {
  let found: Stats | undefined;
  try {
    makeDirectory(directory);
    found = lstatSync(directory);
  } catch (cause) {
    // A dangling link, or a file, in the directory's place.
    found = statOf(directory);
    if (found === undefined || found.isDirectory()) {
      throw environmentError(`The directory ${directory} cannot be made`, cause, DIRECTORY_ADVICE);
    }
  }
  if (process.platform === 'win32') return;
  if (found.isSymbolicLink() || !found.isDirectory()) {
    const what = found.isSymbolicLink() ? 'a symbolic link' : 'not a directory';
    throw refused(`${directory} is ${what}. Remove it, or set ${DIRECTORY_VARIABLE} to another.`);
  }
  if (found.uid !== process.getuid?.()) {
    throw refused(
      `The directory ${directory} belongs to user ${found.uid}, and this is ${showUser()}. Run this as that user, or set ${DIRECTORY_VARIABLE} to another directory.`,
    );
  }
  if ((found.mode & 0o077) === 0) return;
  attempt(`The directory ${directory} cannot be made private`, DIRECTORY_ADVICE, () => {
    const stranger = readdirSync(directory).find((name) => !OWN_NAMES.test(name));
    if (stranger !== undefined) {
      throw refused(
        `Other users can enter ${directory}, and it has files that do not belong here, such as ${JSON.stringify(printable(stranger, 64))}. Set ${DIRECTORY_VARIABLE} to a directory of its own.`,
      );
    }
    chmodSync(directory, 0o700);
  });
}

/** Makes a directory and its missing parents. Node's own `recursive` never ends where none can be, as in /proc. */
function makeDirectory(directory: string): void {
  const missing: string[] = [];
  for (let at = path.resolve(directory); !exists(at); at = path.dirname(at)) missing.unshift(at);
  for (const each of missing) {
    try {
      mkdirSync(each, { mode: 0o700 });
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw error; // somebody else has made it meanwhile
    }
  }
}

function exists(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
}

/**
 * What `lstat` says of a path; links are not followed.
 *
 * @returns `undefined` if nothing is there
 * @throws {NetTcpError} `Communication` if this user may not even look
 */
export function statOf(file: string): Stats | undefined {
  return attempt(`${file} cannot be examined`, DIRECTORY_ADVICE, () => {
    try {
      return lstatSync(file, { throwIfNoEntry: false });
    } catch (error) {
      if (systemCode(error) === 'ENOTDIR') return undefined;
      throw error;
    }
  });
}

/** Whether it is a directory of this user that nobody else can enter. */
export function isPrivateDirectory(directory: string): boolean {
  try {
    const found = lstatSync(directory, { throwIfNoEntry: false });
    return (
      found !== undefined &&
      found.isDirectory() &&
      found.uid === process.getuid?.() &&
      (found.mode & 0o077) === 0
    );
  } catch {
    return false;
  }
}

// Every name that the suite makes there, subdirectories included.
const OWN_NAMES =
  /^(?:control\.sock(?:\.\d+)?|daemon\.lock|start\.lock|start-type(?:\.\d+)?|routes\.json(?:\.\d+)?|daemon\.log(?:\.1)?|run|log)$/;

/** @returns `Communication` with reason `access-denied` */
export function refused(message: string): NetTcpError {
  return new NetTcpError('Communication', message, { reason: 'access-denied' });
}

/** The user that this process runs as, for a sentence: `user 1000 (ada)`. */
export function showUser(uid = process.getuid?.()): string {
  if (uid === undefined) return 'this user';
  try {
    const { username, uid: own } = userInfo();
    return own === uid ? `user ${uid} (${printable(username)})` : `user ${uid}`;
  } catch {
    return `user ${uid}`; // not in the list of users
  }
}
