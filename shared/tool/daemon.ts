import type { Received } from '../printable.ts';
import { EXIT_STATUS, NetTcpError } from '../errors.ts';
import { withLimits } from '../limits.ts';
import type { DaemonLink } from '../port-sharing/handshake/link.ts';
import type { DaemonStatus } from '../port-sharing/handshake/status.ts';
import { limitsFromEnvironment } from '../port-sharing/machine/environment/limits-variable.ts';
import type { Paths } from '../port-sharing/machine/paths.ts';
import { type StartType, writeStartType } from '../port-sharing/machine/start-type.ts';
import { spawnDaemon, startDaemon } from '../port-sharing/service/start-daemon.ts';
import { askStatus, connectAsTool, type Context } from './context.ts';
import { sleep } from '../time.ts';
import { jsonLine } from '../printable.ts';
import { toolCommand } from '../own-package.ts';

const POLL_MS = 10;

/** `net-tcp-port-sharing start`. @returns exit status */
export async function start({ paths, terminal, json }: Context): Promise<number> {
  const running = await connectAsTool(paths);
  const link = running ?? (await startedDaemon(paths));
  link.close();
  const { pid } = link.welcome;
  if (json) terminal.out(jsonLine({ event: 'started', pid, already: running !== undefined }));
  else if (running === undefined) terminal.out(`The port-sharing daemon was started (pid ${pid}).`);
  else terminal.out(`The port-sharing daemon is running already (pid ${pid}).`);
  return 0;
}

/** Starts a daemon, if no other is faster. @throws {NetTcpError} `Communication` if none can be reached in time */
export async function startedDaemon(paths: Paths): Promise<DaemonLink> {
  const connect = (): Promise<DaemonLink | undefined> => connectAsTool(paths);
  let link: DaemonLink | undefined;
  for (const deadline = startDeadline(); link === undefined;) {
    link = await startDaemon(paths, connect, deadline);
  }
  return link;
}

/** `net-tcp-port-sharing restart`. @returns exit status */
export async function restart(context: Context): Promise<number> {
  const { paths, terminal, json } = context;
  const running = await askStatus(paths);
  if (running === undefined) return await start(context);
  const old = running.pid;
  if (isSystemds(running)) {
    const text = `The port-sharing daemon (pid ${old}) was started by systemd, which would lose track of another one. To replace it, with nobody refused either: systemctl --user restart net-tcp-port-sharing.service (a system unit: without --user)`;
    throw new NetTcpError('Usage', text);
  }
  const pid = await replaceDaemon(paths, old, () => connectAsTool(paths));
  if (json) terminal.out(jsonLine({ event: 'restarted', pid, inPlaceOf: old }));
  else terminal.out(`A new port-sharing daemon (pid ${pid}) has taken over from pid ${old}.`);
  return 0;
}

/** `net-tcp-port-sharing stop`. @returns exit status */
export async function stopDaemon({ paths, terminal, json }: Context): Promise<number> {
  const status = await askStatus(paths);
  const link = await connectAsTool(paths);
  if (link === undefined || status === undefined) {
    if (json) terminal.out(jsonLine({ event: 'stopped', already: true, running: false }));
    else terminal.out('No port-sharing daemon is running.');
    return 0;
  }
  link.control.send({ type: 'stop' });
  await link.lost;
  const { pid } = status;
  const endpoints = status.registrations.length;
  if (json) {
    const next = await connectAsTool(paths); // systemd may have started another one already
    next?.close();
    const event = { event: 'stopped', already: false, running: next !== undefined, pid, endpoints };
    terminal.out(jsonLine(event));
  } else {
    terminal.out(`The port-sharing daemon (pid ${pid}) has ended.`);
    if (isSystemds(status)) {
      terminal.out(
        'systemd starts another one. To end it for good: systemctl --user stop net-tcp-port-sharing.socket net-tcp-port-sharing.service (a system unit: without --user)',
      );
    } else if (endpoints > 0) {
      terminal.out(
        `${endpoints} ${endpoints === 1 ? 'endpoint is' : 'endpoints are'} out of reach for new clients until: ${toolCommand('start')}`,
      );
    }
  }
  return 0;
}

/** `net-tcp-port-sharing enable` and `disable`. @returns exit status */
export async function setStartType(
  { paths, terminal, json }: Context,
  type: StartType,
): Promise<number> {
  writeStartType(paths, type);
  if (json) terminal.out(jsonLine({ event: 'start-type', startType: type }));
  else {
    terminal.out(
      type === 'demand'
        ? 'Port sharing is enabled: the first service that shares a port starts the daemon.'
        : `Port sharing is disabled: services do not start the daemon. One that is running goes on: ${toolCommand('stop')}`,
    );
  }
  return await Promise.resolve(0);
}

/** Whether systemd keeps its listening sockets, and starts another daemon when it ends. */
function isSystemds({ activated }: Received<DaemonStatus>): boolean {
  return activated.length > 0;
}

/**
 * Starts a new daemon that takes over from the one with process id `old`.
 *
 * @returns the new one's process id
 * @throws {NetTcpError} if the old one goes on: `ServerTooBusy` if another process is already replacing it,
 *   `Timeout` if the new one was not ready in time, `Communication` if it failed
 */
async function replaceDaemon(
  paths: Paths,
  old: number,
  connectNow: () => Promise<DaemonLink | undefined>,
): Promise<number> {
  const deadline = startDeadline();
  const daemon = await spawnDaemon(paths, ['--take-over', String(old)]);
  const goesOn = `The old one (pid ${old}) goes on. See ${paths.log}`;
  for (;;) {
    const link = await connectNow().catch(() => undefined); // one that hangs does not answer
    link?.close();
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

/** The time, as `performance.now()`, by which a daemon that is started now has to answer. */
function startDeadline(): number {
  return performance.now() + withLimits(limitsFromEnvironment()).daemonStartTimeoutMs;
}
