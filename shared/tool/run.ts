import { type Limits, withLimits } from '../limits.ts';
import { activatedDescriptors } from '../port-sharing/machine/activation.ts';
import { type Log, openLogFile } from '../port-sharing/machine/log.ts';
import { formatEvent, type LogFormat } from '../port-sharing/machine/log-format.ts';
import { runDaemon } from '../port-sharing/daemon/run.ts';
import { frontsFromEnvironment } from '../port-sharing/machine/environment/fronts-variable.ts';
import { limitsFromEnvironment } from '../port-sharing/machine/environment/limits-variable.ts';
import { TRANSFER_VARIABLE } from '../port-sharing/machine/load-native.ts';
import type { Fronts } from '../transport/fronts/fronts.ts';
import type { Context } from './context.ts';

// In the foreground the daemon stays until it is told to end, unless a limit says otherwise.
const NEVER_MS = 0x7fff_ffff;

/** What the command line says of the daemon. */
interface RunHereOptions {
  /** `hand-over` or `relay`; undefined: the best that works. */
  readonly transfer: string | undefined;
  /** Limits, in place of those of the environment. */
  readonly overrides: Partial<Limits>;
  /** Fronts that are trusted; undefined: those of the environment. */
  readonly fronts: Fronts | undefined;
  /** Whether the log goes into the log file. */
  readonly toFile: boolean;
  /** Of the log's lines. */
  readonly format: LogFormat;
}

/** `net-tcp-port-sharing run`: runs the daemon in this process. @returns exit status */
export async function runHere(
  { paths, terminal, stop }: Context,
  { transfer, overrides, fronts, toFile, format }: RunHereOptions,
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
    fronts: fronts ?? frontsFromEnvironment(),
    signal: stop,
    sockets,
  });
  return 0;
}
