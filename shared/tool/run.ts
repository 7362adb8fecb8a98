import { type Limits, withLimits } from '../limits.ts';
import { activatedDescriptors } from '../port-sharing/machine/activation.ts';
import { type Log, openLogFile } from '../port-sharing/machine/log.ts';
import { formatEvent, type LogFormat } from '../port-sharing/machine/log-format.ts';
import { runDaemon } from '../port-sharing/daemon/run.ts';
import { limitsFromEnvironment } from '../port-sharing/machine/limits-variable.ts';
import { TRANSFER_VARIABLE } from '../port-sharing/machine/load-native.ts';
import type { Context } from './context.ts';

// In the foreground the daemon stays until it is told to end, unless a limit says otherwise.
const NEVER_MS = 0x7fff_ffff;

/**
 * `net-tcp-port-sharing run`: runs the daemon in this process.
 *
 * @param transfer  `hand-over` or `relay`; undefined: the best that works
 * @param overrides limits, in place of those of the environment
 * @param lines     of the log: `toFile`, whether into the log file, and their format
 * @returns exit status
 */
export async function runHere(
  { paths, terminal, stop }: Context,
  transfer: string | undefined,
  overrides: Partial<Limits>,
  { toFile, format }: { readonly toFile: boolean; readonly format: LogFormat },
): Promise<number> {
  if (transfer !== undefined) process.env[TRANSFER_VARIABLE] = transfer;
  const limits = { ...limitsFromEnvironment(), ...overrides };
  const log: Log = toFile
    ? openLogFile(paths.log, withLimits(limits).maxLogBytes, format)
    : { write: (event, details) => terminal.err(formatEvent(event, details, format)) };
  const sockets = activatedDescriptors(process.env, process.pid);
  await runDaemon({
    paths,
    log,
    logsTo: toFile ? undefined : 'its standard error (under systemd: journalctl)',
    limits: { idleExitMs: NEVER_MS, ...limits },
    signal: stop,
    sockets,
  });
  return 0;
}
