// The port-sharing daemon as services start it: detached, without a terminal. It imports little, so
// that the first service does not wait for it.
import { stopSignals } from '../../command-line/signals.ts';
import { messageOf, NetTcpError } from '../../errors.ts';
import { DEFAULT_LIMITS } from '../../limits.ts';
import { descriptorLimit } from '../machine/descriptor-limit.ts';
import { closeInherited, ownNiceness } from '../machine/inheritance.ts';
import { type Log, openLogFile } from '../machine/log.ts';
import { resolvePaths } from '../machine/paths.ts';
import { runDaemon } from './run.ts';
import { limitsFromEnvironment } from '../machine/limits-variable.ts';

// Below it, a flood of connections meets this limit before those of the suite.
const FEW_DESCRIPTORS = 4_096;

// Before anything else is opened.
const inherited = closeInherited();
const paths = resolvePaths();
const log = openLogFile(paths.log, logBytes());
const stop = stopSignals('ignore'); // the terminal that a service was started from may be gone

try {
  logInheritance(log, inherited);
  const [option, pid] = process.argv.slice(2);
  const takeOver = option === '--take-over' ? Number(pid) : undefined;
  await runDaemon({ paths, log, limits: limitsFromEnvironment(), signal: stop.signal, takeOver });
  process.exit(0);
} catch (error) {
  log.write('not started', { error: messageOf(error) });
  process.exit(NetTcpError.from(error).exitStatus);
}

/** A limit that is wrong is complained about in the log, which needs its own first. */
function logBytes(): number {
  try {
    return limitsFromEnvironment().maxLogBytes ?? DEFAULT_LIMITS.maxLogBytes;
  } catch {
    return DEFAULT_LIMITS.maxLogBytes;
  }
}

/** What this daemon has from whoever started it and cannot get rid of, which may be why it is slow, or full early. */
function logInheritance(to: Log, closedDescriptors: number): void {
  const nice = ownNiceness();
  const descriptors = descriptorLimit(undefined);
  const isUsual = nice <= 0 && descriptors >= FEW_DESCRIPTORS && closedDescriptors === 0;
  if (!isUsual) to.write('inherited', { nice, descriptors, closedDescriptors });
}
