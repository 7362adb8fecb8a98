import { closeSync, constants, fstatSync, openSync, statSync, unlinkSync } from 'node:fs';
import type { Native } from './native.ts';

/** Ends the lock. */
export type Release = () => void;

// Without `flock`, a lock file whose owner died is told by its age: it is held for moments only.
const STALE_AFTER_MS = 15_000;

/**
 * Takes a lock that other processes of this user respect, if nobody has it.
 *
 * With libc's `flock` it ends with its process, whatever happens to that. Without, it is a file
 * that exists, and an abandoned one is broken after 15 seconds.
 *
 * @returns `undefined` when somebody else has it
 */
export function tryLock(path: string, native: Native | undefined): Release | undefined {
  return native === undefined ? tryCreate(path) : tryFlock(path, native);
}

function tryFlock(path: string, native: Native): Release | undefined {
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;
  const file = openSync(path, flags, 0o600);
  // Somebody may have removed the directory between: then it is another file that others lock.
  if (native.tryLock(file) && fstatSync(file).nlink > 0) return () => closeSync(file);
  closeSync(file);
  return undefined;
}

function tryCreate(path: string): Release | undefined {
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
  return () => {
    try {
      unlinkSync(path);
    } catch {
      // Broken as stale, or removed with its directory.
    }
  };
}
