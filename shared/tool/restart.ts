import { EXIT_STATUS, NetTcpError } from '../errors.ts';
import { withLimits } from '../limits.ts';
import type { DaemonLink } from '../port-sharing/handshake/connect.ts';
import type { Paths } from '../port-sharing/machine/paths.ts';
import { limitsFromEnvironment } from '../port-sharing/machine/limits-variable.ts';
import { spawnDaemon } from '../port-sharing/service/start-daemon.ts';
import { sleep } from '../time.ts';

const POLL_MS = 10;

/**
 * Has a new daemon take over from the one with process id `old`.
 *
 * @returns the new one's process id
 * @throws {NetTcpError} when the old one goes on: `ServerTooBusy` when somebody else is replacing it already,
 *   `Timeout` when the new one was not ready in time, `Communication` when it failed
 */
export async function replaceDaemon(
  paths: Paths,
  old: number,
  connectNow: () => Promise<DaemonLink | undefined>,
): Promise<number> {
  const deadline = startDeadline();
  const daemon = spawnDaemon(paths, ['--take-over', String(old)]);
  const goesOn = `The old one (pid ${old}) goes on. See ${paths.log}`;
  for (;;) {
    const link = await connectNow().catch(() => undefined); // one that hangs does not answer
    link?.control.close();
    if (link !== undefined && link.welcome.pid === daemon.pid) return daemon.pid;
    const end = daemon.end();
    if (end?.status === EXIT_STATUS.ServerTooBusy) {
      const text = `The port-sharing daemon (pid ${old}) is being replaced already, by somebody else.`;
      throw new NetTcpError('ServerTooBusy', text);
    }
    if (end !== undefined) {
      const text = `The new port-sharing daemon could not take over: ${end.why}. ${goesOn}`;
      throw new NetTcpError('Communication', text);
    }
    if (performance.now() > deadline) {
      daemon.kill();
      const text = `The new port-sharing daemon was not ready in time, and was ended. ${goesOn}`;
      throw new NetTcpError('Timeout', text);
    }
    await sleep(POLL_MS);
  }
}

/** Until when a daemon that is started now has to answer, on the clock of `performance.now()`. */
export function startDeadline(): number {
  return performance.now() + withLimits(limitsFromEnvironment()).daemonStartTimeoutMs;
}
