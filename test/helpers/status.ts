import type { DaemonStatus } from '../../shared/port-sharing/handshake/status.ts';
import { PORT_SHARING, runCommand } from './command.ts';

/** What `status --json` prints; while no daemon runs, no more than `running` is there. */
export type ShownStatus = DaemonStatus & { readonly running: boolean };

export async function statusOf(directory: string): Promise<ShownStatus> {
  const { stdout } = await runCommand(PORT_SHARING, ['status', '--json'], { directory });
  return JSON.parse(stdout) as ShownStatus;
}
