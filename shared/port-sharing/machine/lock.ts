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
  /** A process that has a copy of it holds the lock, too. Absent without libc. */
  readonly descriptor: number | undefined;
  /** Gives the lock up. */
  release(): void;
}

// Without `flock`, age shows that a lock file's owner has died: a lock is held for moments only. A time as far in
// the future means that the clock was set back.
const STALE_AFTER_MS = 15_000;

/**
 * Takes a lock that other processes of this user respect, if nobody has it.
 *
 * With libc's `flock` it ends with its process, however that ends. Without it, the lock is a file that exists, and
 * an abandoned one is broken after 15 seconds.
 *
 * @returns `undefined` if another process has it
 * @throws {NetTcpError} `Communication` if the file cannot be opened, or is not a file of this user
 */
export function tryLock(path: string, native: Native | undefined): Lock | undefined {
  return native === undefined ? tryCreate(path) : tryFlock(path, native);
}

/** Checks that a lock file can be opened, without taking the lock. @throws {NetTcpError} as {@link tryLock} */
export function checkLockFile(path: string): void {
  if (process.platform !== 'win32') closeSync(openLock(path));
}

function tryFlock(path: string, native: Native): Lock | undefined {
  const file = openLock(path);
  // The directory may have been removed in between: then others lock another file.
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

/** The lock that a descriptor carries: this process's own, or a copy that it was given. */
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

/** Whether the directory of a file exists. */
function isBeside(path: string): boolean {
  return statSync(dirname(path), { throwIfNoEntry: false }) !== undefined;
}

function failed(path: string, cause: unknown): Error {
  const code = systemCode(cause) ?? '';
  const isInTheWay = ['ELOOP', 'EISDIR', 'ENXIO'].includes(code);
  const advice = isInTheWay ? 'Remove it.' : DIRECTORY_ADVICE;
  return environmentError(`The lock file ${path} cannot be opened`, cause, advice);
}
