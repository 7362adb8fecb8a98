// The port-sharing daemon as services start it: detached, without a terminal. It imports little, so
// that the first service does not wait for it.
import { stopSignals } from '../../command-line/signals.ts';
import { messageOf, NetTcpError } from '../../errors.ts';
import { DEFAULT_LIMITS } from '../../limits.ts';
import { closeInherited, inherited, takePriorityBack } from '../machine/inheritance.ts';
import { openLogFile } from '../machine/log.ts';
import { type LogFormat, logFormatFromEnvironment } from '../machine/log-format.ts';
import { resolvePaths } from '../machine/paths.ts';
import { runDaemon } from './run.ts';
import { frontsFromEnvironment } from '../machine/environment/fronts-variable.ts';
import { limitsFromEnvironment } from '../machine/environment/limits-variable.ts';

void serve();

async function serve(): Promise<never> {
  // Before anything else is opened.
  const closedDescriptors = (await closeInherited()) ?? 'unknown';
  const paths = resolvePaths();
  const log = openLogFile(paths.log, logBytes(), logFormat());
  const stop = stopSignals('ignore'); // the terminal that a service was started from may be gone
  try {
    logFormatFromEnvironment(); // its error goes into the log
    takePriorityBack();
    const unknown = closedDescriptors === 'unknown' ? { descriptors: 'unknown' } : {};
    const details = { ...unknown, ...inherited(undefined) };
    if (closedDescriptors !== 0 || Object.keys(details).length > 0) {
      log.write('inherited', { ...details, closedDescriptors });
    }
    const [option, pid] = process.argv.slice(2);
    const takeOver = option === '--take-over' ? Number(pid) : undefined;
    const limits = limitsFromEnvironment();
    const fronts = frontsFromEnvironment();
    await runDaemon({ paths, log, limits, fronts, signal: stop.signal, takeOver });
    process.exit(0);
  } catch (error) {
    log.write('not started', { error: messageOf(error) });
    process.exit(NetTcpError.from(error).exitStatus);
  }
}

/** A wrong format is reported in the log, which needs one before that. */
function logFormat(): LogFormat {
  try {
    return logFormatFromEnvironment();
  } catch {
    return 'text';
  }
}

/** A wrong limit is reported in the log, which needs its own limit before that. */
function logBytes(): number {
  try {
    return limitsFromEnvironment().maxLogBytes ?? DEFAULT_LIMITS.maxLogBytes;
  } catch {
    return DEFAULT_LIMITS.maxLogBytes;
  }
}
