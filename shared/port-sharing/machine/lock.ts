import { closeSync, constants, fstatSync, openSync, statSync, unlinkSync } from 'node:fs';
import { messageOf, NetTcpError, systemCode } from '../../errors.ts';
import type { Native } from './native.ts';

/** A lock that this process holds. */
export interface Lock {
  /** Whoever has a copy of it holds the lock, too. Absent without libc. */
  readonly descriptor: number | undefined;
  /** Lets go of it. */
  release(): void;
}

// Without `flock`, a lock file whose owner died is told by its age: it is held for moments only.
const STALE_AFTER_MS = 15_000;

/**
 * Takes a lock that other processes of this user respect, if nobody has it.
 *
 * With libc's `flock` it ends with its process, whatever happens to that. Without, it is a file
 * that exists, and an abandoned one is broken after 15 seconds.
 *
 * @returns `undefined` when somebody else has it
 * @throws {NetTcpError} `Communication` when something else than a file of this user's is in its place
 */
export function tryLock(path: string, native: Native | undefined): Lock | undefined {
  return native === undefined ? tryCreate(path) : tryFlock(path, native);
}

function tryFlock(path: string, native: Native): Lock | undefined {
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;
  let file: number;
  try {
    file = openSync(path, flags, 0o600);
  } catch (cause) {
    const text = `The lock file ${path} cannot be opened: ${systemCode(cause) ?? messageOf(cause)}. Remove it.`;
    throw new NetTcpError('Communication', text, { cause, reason: 'access-denied' });
  }
  // Somebody may have removed the directory between: then it is another file that others lock.
  if (native.tryLock(file) && fstatSync(file).nlink > 0) return lockOf(file);
  closeSync(file);
  return undefined;
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
  const found = statSync(path, { throwIfNoEntry: false });
  if (found !== undefined) {
    if (Date.now() - found.mtimeMs < STALE_AFTER_MS) return undefined;
    unlinkSync(path);
  }
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch {
    return undefined;
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
