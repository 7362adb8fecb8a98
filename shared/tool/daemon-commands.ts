import { NetTcpError } from '../errors.ts';
import type { DaemonStatus } from '../port-sharing/handshake/messages.ts';
import type { DaemonLink } from '../port-sharing/handshake/connect.ts';
import { startDaemon } from '../port-sharing/service/start-daemon.ts';
import { type StartType, writeStartType } from '../port-sharing/machine/start-type.ts';
import { askStatus, connectAsTool, type Context } from './context.ts';
import { replaceDaemon, startDeadline } from './restart.ts';

/** `net-tcp-port-sharing start`. @returns exit status */
export async function start({ paths, terminal, json }: Context): Promise<number> {
  const connect = (): Promise<DaemonLink | undefined> => connectAsTool(paths);
  const running = await connect();
  let link = running;
  for (const deadline = startDeadline(); link === undefined;) {
    link = await startDaemon(paths, connect, deadline);
  }
  link.control.close();
  const { pid } = link.welcome;
  if (json) terminal.out(JSON.stringify({ event: 'started', pid, already: running !== undefined }));
  else if (running === undefined) terminal.out(`The port-sharing daemon was started (pid ${pid}).`);
  else terminal.out(`The port-sharing daemon is running already (pid ${pid}).`);
  return 0;
}

/** `net-tcp-port-sharing restart`. @returns exit status */
export async function restart(context: Context): Promise<number> {
  const { paths, terminal, json } = context;
  const running = await askStatus(paths);
  if (running === undefined) return await start(context);
  const old = running.pid;
  if (isSystemds(running)) {
    const text = `The port-sharing daemon (pid ${old}) is systemd's, which would not know of another one. Nobody is refused either with: systemctl --user restart net-tcp-port-sharing.service`;
    throw new NetTcpError('Usage', text);
  }
  const pid = await replaceDaemon(paths, old, () => connectAsTool(paths));
  if (json) terminal.out(JSON.stringify({ event: 'restarted', pid, inPlaceOf: old }));
  else terminal.out(`A new port-sharing daemon (pid ${pid}) has taken over from pid ${old}.`);
  return 0;
}

/** `net-tcp-port-sharing stop`. @returns exit status */
export async function stopDaemon({ paths, terminal, json }: Context): Promise<number> {
  const status = await askStatus(paths);
  const link = await connectAsTool(paths);
  if (link === undefined || status === undefined) {
    if (json) terminal.out(JSON.stringify({ event: 'stopped', already: true, running: false }));
    else terminal.out('No port-sharing daemon is running.');
    return 0;
  }
  const ended = new Promise<void>((resolve) => (link.control.onClose = () => resolve()));
  link.control.send({ type: 'stop' });
  await ended;
  const { pid } = status;
  const endpoints = status.registrations.length;
  if (json) {
    const next = await connectAsTool(paths); // systemd may have started another one already
    next?.control.close();
    const event = { event: 'stopped', already: false, running: next !== undefined, pid, endpoints };
    terminal.out(JSON.stringify(event));
  } else {
    terminal.out(`The port-sharing daemon (pid ${pid}) has ended.`);
    if (isSystemds(status)) {
      terminal.out(
        'systemd starts another one. To end it for good: systemctl --user stop net-tcp-port-sharing.socket net-tcp-port-sharing.service',
      );
    } else if (endpoints > 0) {
      terminal.out(
        `${endpoints} ${endpoints === 1 ? 'endpoint is' : 'endpoints are'} out of reach for new clients until: net-tcp-port-sharing start`,
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
  if (json) terminal.out(JSON.stringify({ event: 'start-type', startType: type }));
  else {
    terminal.out(
      type === 'demand'
        ? 'Port sharing is enabled: the first service that shares a port starts the daemon.'
        : 'Port sharing is disabled: services do not start the daemon. One that is running goes on: net-tcp-port-sharing stop',
    );
  }
  return await Promise.resolve(0);
}

/** Whether systemd keeps its listening sockets, and starts another when it ends. */
function isSystemds({ activated = [] }: DaemonStatus): boolean {
  return activated.length > 0;
}
