import { withLimits } from '../../shared/limits.ts';
import { connectToDaemon } from '../../shared/port-sharing/handshake/connect.ts';
import { resolvePaths } from '../../shared/port-sharing/machine/paths.ts';

/** Process id of the port-sharing daemon in this process's directory, if one runs. */
export async function daemonPid(): Promise<number | undefined> {
  const link = await connectToDaemon(resolvePaths(), undefined, withLimits(), 'tool');
  link?.control.close();
  return link?.welcome.pid;
}

/** Ends the daemon of a directory, if one runs. */
export async function stopDaemon(directory: string): Promise<void> {
  const paths = resolvePaths({ NET_TCP_PORT_SHARING_DIR: directory });
  const link = await connectToDaemon(paths, undefined, withLimits(), 'tool');
  if (link === undefined) return;
  await new Promise<void>((resolve) => {
    link.control.onClose = () => resolve();
    link.control.send({ type: 'stop' });
  });
}
