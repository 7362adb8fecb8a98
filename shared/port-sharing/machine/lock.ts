import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  statSync,
  unlinkSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { systemCode } from '../../errors.ts';
import type { Native } from './native.ts';
import { checkOwn, checkOwnFile } from './files/own-file.ts';
import { DIRECTORY_ADVICE } from './files/private-directory.ts';
import { environmentError } from '../../system-error.ts';

/** A lock that this process holds. */
export interface Lock {
  /** Whoever has a copy of it holds the lock, too. Absent without libc. */
  readonly descriptor: number | undefined;
  /** Lets go of it. */
  release(): void;
}

// Without `flock`, a lock file whose owner died is told by its age: it is held for moments only. A time that lies
// as far in the future means that the clock was set back.
const STALE_AFTER_MS = 15_000;

/**
 * Takes a lock that other processes of this user respect, if nobody has it.
 *
 * With libc's `flock` it ends with its process, whatever happens to that. Without, it is a file
 * that exists, and an abandoned one is broken after 15 seconds.
 *
 * @returns `undefined` when somebody else has it
 * @throws {NetTcpError} `Communication` when the file cannot be had, or something else than a file of this user's is in
 *   its place
 */
export function tryLock(path: string, native: Native | undefined): Lock | undefined {
  return native === undefined ? tryCreate(path) : tryFlock(path, native);
}

/** Checks that a lock file can be had, and leaves it to whoever takes it. @throws {NetTcpError} as {@link tryLock} */
export function checkLockFile(path: string): void {
  if (process.platform !== 'win32') closeSync(openLock(path));
}

function tryFlock(path: string, native: Native): Lock | undefined {
  const file = openLock(path);
  // Somebody may have removed the directory between: then it is another file that others lock.
  if (native.tryLock(file) && fstatSync(file).nlink > 0) return lockOf(file);
  closeSync(file);
  return undefined;
}

function openLock(path: string): number {
  // Without O_NONBLOCK a pipe in its place would be waited for.
  const { O_RDWR, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
  let file: number;
  try {
    file = openSync(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
  } catch (cause) {
    throw failed(path, cause);
  }
  try {
    checkOwnFile(path, file);
  } catch (error) {
    closeSync(file);
    throw error;
  }
  return file;
}

/** The lock that a descriptor carries: one of this process's own, or a copy that it was given. */
export function lockOf(descriptor: number): Lock {
  let isHeld = true;
  return {
    descriptor,
    release() {
      if (isHeld) closeSync(descriptor);
      isHeld = false;
    },
  };
}

function tryCreate(path: string): Lock | undefined {
  try {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found !== undefined) {
      checkOwn(path, found);
      if (Math.abs(Date.now() - found.mtimeMs) < STALE_AFTER_MS) return undefined;
      unlinkSync(path);
    }
    closeSync(openSync(path, 'wx', 0o600));
  } catch (cause) {
    // Another process has made it, or found it stale, at the same moment.
    const code = systemCode(cause);
    if (code === 'EEXIST' || (code === 'ENOENT' && isBeside(path))) return undefined;
    throw failed(path, cause);
  }
  return {
    descriptor: undefined,
    release() {
      try {
        unlinkSync(path);
      } catch {
        // Broken as stale, or removed with its directory.
      }
    },
  };
}

/** Whether the directory of a file is there. */
function isBeside(path: string): boolean {
  return statSync(dirname(path), { throwIfNoEntry: false }) !== undefined;
}

function failed(path: string, cause: unknown): Error {
  const code = systemCode(cause) ?? '';
  const isInTheWay = ['ELOOP', 'EISDIR', 'ENXIO'].includes(code);
  const advice = isInTheWay ? 'Remove it.' : DIRECTORY_ADVICE;
  return environmentError(`The lock file ${path} cannot be opened`, cause, advice);
}
