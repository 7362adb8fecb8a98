import { NetTcpError } from '../errors.ts';
import { withLimits } from '../limits.ts';
import { type Received, received } from '../printable.ts';
import type { Terminal } from '../command-line/terminal.ts';
import { readStatus, reloadRoutes } from '../port-sharing/handshake/ask.ts';
import { connectToDaemon } from '../port-sharing/handshake/connect.ts';
import type { DaemonLink } from '../port-sharing/handshake/link.ts';
import { problemOf, type RouteProblem } from '../port-sharing/handshake/route-problem.ts';
import type { DaemonStatus } from '../port-sharing/handshake/status.ts';
import { nativeFor } from '../port-sharing/machine/load-native.ts';
import type { Paths } from '../port-sharing/machine/paths.ts';

/** What every action of the command works with. */
export interface Context {
  readonly paths: Paths;
  readonly terminal: Terminal;
  readonly stop: AbortSignal;
  readonly json: boolean;
}

const LIMITS = withLimits();

/** Connects to the daemon of this user. @returns `undefined` if none is running */
export async function connectAsTool(paths: Paths): Promise<DaemonLink | undefined> {
  return await connectToDaemon(paths, await nativeFor(), LIMITS, 'tool');
}

/**
 * What the daemon of this user says about itself.
 *
 * @returns `undefined` if none is running
 * @throws {NetTcpError} `Communication` if it ends again and again while it is asked
 */
export async function askStatus(paths: Paths): Promise<Received<DaemonStatus> | undefined> {
  for (let attempt = 1; ; attempt++) {
    const link = await connectAsTool(paths);
    if (link === undefined) return undefined;
    try {
      return await readStatus(link, LIMITS.helloTimeoutMs);
    } catch (error) {
      // It has just ended: the next attempt finds none, or another.
      if (!link.isLost || attempt === ATTEMPTS) throw error;
    }
  }
}

const ATTEMPTS = 5;

/** Makes the daemon read the file of static routes again. @returns the routes that it could not set up, and why */
export async function applyRoutes(link: DaemonLink): Promise<readonly Received<RouteProblem>[]> {
  try {
    // The daemon may wait for many ports.
    return await reloadRoutes(link, LIMITS.openTimeoutMs);
  } catch (error) {
    return [received(problemOf(NetTcpError.from(error)))];
  }
}
