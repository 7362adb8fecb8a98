import type { Server } from 'node:net';
import { NetTcpError } from '../../errors.ts';
import { sleep } from '../../time.ts';

/** For whom, and until when, is tried to listen. */
export interface Attempt {
  /** Process that the sockets count for. */
  readonly pid: number;
  /** On the clock of `performance.now()`: a port that somebody has is tried again until then. */
  readonly deadline: number;
}

const IN_USE_PAUSE_MS = 25;

/**
 * Listens on an address that somebody may still have, and is about to give up.
 *
 * @param deadline on the clock of `performance.now()`: until then it is tried again
 * @param isOver   whether there is no need for it any more
 * @returns undefined when there is no need for it any more
 * @throws {NetTcpError} what stands in the way, at the latest behind the deadline
 */
export async function bindInTime(
  deadline: number,
  isOver: () => boolean,
  bind: () => Promise<Server>,
): Promise<Server | undefined> {
  while (!isOver()) {
    try {
      return await bind();
    } catch (error) {
      const isInUse = error instanceof NetTcpError && error.code === 'AddressAlreadyInUse';
      if (!isInUse || performance.now() > deadline) throw error;
      await sleep(IN_USE_PAUSE_MS);
    }
  }
  return undefined;
}
