import type { Server } from 'node:net';
import { NetTcpError } from '../../errors.ts';
import { sleep } from '../../time.ts';

/** For whom the daemon tries to listen, and until when. */
export interface Attempt {
  /** Process that the sockets count for. */
  readonly pid: number;
  /** On the clock of `performance.now()`: a port that is taken is tried again until then. */
  readonly deadline: number;
}

const IN_USE_PAUSE_MS = 25;

/**
 * Listens on an address that somebody may still have, and is about to give up.
 *
 * @param deadline on the clock of `performance.now()`: it is tried again until then
 * @param isOver   whether it is not needed any more
 * @returns undefined when it is not needed any more
 * @throws {NetTcpError} what stands in the way, after the deadline at the latest
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
