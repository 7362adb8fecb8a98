import { withLimits } from '../limits.ts';
import type { DaemonStatus } from '../port-sharing/handshake/messages.ts';
import { connectToDaemon, type DaemonLink } from '../port-sharing/handshake/connect.ts';
import type { Paths } from '../port-sharing/machine/paths.ts';
import { nativeFor } from '../port-sharing/machine/load-native.ts';
import type { Terminal } from '../command-line/terminal.ts';

/** What every action of the command works with. */
export interface Context {
  readonly paths: Paths;
  readonly terminal: Terminal;
  readonly stop: AbortSignal;
  readonly json: boolean;
}

/** Connects to the daemon of this user. @returns undefined when none is running */
export async function connectAsTool(paths: Paths): Promise<DaemonLink | undefined> {
  const native = await nativeFor();
  return await connectToDaemon(paths, native, withLimits(), 'tool');
}

/** What the daemon of this user says of itself. @returns undefined when none is running */
export async function askStatus(paths: Paths): Promise<DaemonStatus | undefined> {
  const link = await connectAsTool(paths);
  if (link === undefined) return undefined;
  return await new Promise((resolve) => {
    link.control.onMessage = (message) => {
      if (message.type !== 'status') return;
      link.control.close();
      resolve(message.status);
    };
    link.control.onClose = () => resolve(undefined);
    link.control.send({ type: 'status' });
  });
}
