import { fstatSync } from 'node:fs';
import { messageOf, NetTcpError } from '../../errors.ts';
import { type Limits, withLimits } from '../../limits.ts';
import { sleep } from '../../time.ts';
import { Fronts } from '../../transport/fronts/fronts.ts';
import { packageVersion, toolCommand } from '../../own-package.ts';
import { connectToDaemon } from '../handshake/connect.ts';
import { showProblem } from '../handshake/route-problem.ts';
import { checkDescriptorLimit, descriptorLimit } from '../machine/descriptor-limit.ts';
import { checkOwnIfThere } from '../machine/files/own-file.ts';
import { nativeFor, reasonToRelay } from '../machine/load-native.ts';
import { type Lock, tryLock } from '../machine/lock.ts';
import { limited, type Log, LOG_LINES_PER_SECOND } from '../machine/log.ts';
import type { Native } from '../machine/native.ts';
import { type Paths, secureRunDirectory } from '../machine/paths.ts';
import { ControlServer } from './control/control-server.ts';
import { Daemon } from './daemon.ts';
import { Successor } from './succession/successor.ts';

interface RunOptions {
  readonly paths: Paths;
  readonly log: Log;
  /** Where `log` writes, for `status`; default: the log file. */
  readonly logsTo?: string | undefined;
  readonly limits?: Partial<Limits>;
  /** See {@link Fronts}; default: nobody is trusted. */
  readonly fronts?: Fronts;
  /** Listening sockets to begin with: the descriptors that systemd gave to this process. */
  readonly sockets?: readonly number[];
  /** Makes the daemon drain and end when it fires. */
  readonly signal: AbortSignal;
  /** Process id of the daemon whose place this one takes. */
  readonly takeOver?: number | undefined;
}

// A daemon that is ending keeps its lock until it is gone.
const LOCK_WAIT_MS = 2_000;
const LOCK_PAUSE_MS = 10;
// How soon the daemon notices that its run directory or control socket was removed or replaced.
const SELF_CHECK_MS = 1_000;

/**
 * Runs the port-sharing daemon in this process until it has nothing to do, is told to stop, is replaced, or
 * `signal` fires.
 *
 * With `sockets`, it takes the place of a running daemon: a service may have started that one while systemd was
 * about to start this one, and systemd looks after this one only.
 *
 * @throws {NetTcpError} `AddressAlreadyInUse` when another daemon of this user is running, `ServerTooBusy` when
 *   it is being replaced already, `Communication` when the run directory is not safe, the control socket cannot be
 *   made, or one of `sockets` cannot be listened on
 */
export async function runDaemon(options: RunOptions): Promise<void> {
  const { paths, log, signal } = options;
  const native = await nativeFor();
  const limits = withLimits(options.limits);
  const version = packageVersion();
  secureRunDirectory(paths);
  checkOwnIfThere(paths.log);
  const { daemonReservedDescriptors } = limits;
  checkDescriptorLimit(
    'The port-sharing daemon',
    descriptorLimit(native),
    daemonReservedDescriptors,
  );
  const { sockets = [] } = options;
  const takeOver =
    options.takeOver ?? (sockets.length > 0 ? await findDaemon(paths, native, limits) : undefined);
  const successor =
    takeOver === undefined ? undefined : await Successor.find(paths, native, limits, takeOver);
  const lock = new InheritedLock();
  if (successor === undefined) lock.take(await becomeTheOne(paths, native, limits));
  const { logsTo = paths.log, fronts = Fronts.none } = options;
  const daemon = new Daemon({ native, limits, log, logsTo, version, fronts });
  const some = limited(log, LOG_LINES_PER_SECOND);
  const server = new ControlServer({ daemon, native, limits, log: some, version, paths, lock });
  try {
    const how =
      native === undefined
        ? { transfer: 'relay', because: await reasonToRelay() }
        : { transfer: 'hand-over' };
    if (successor === undefined) {
      for (const socket of sockets) activate(daemon, socket);
      await server.socket.listen();
      log.write('started', { pid: process.pid, version, ...how });
    } else {
      await server.socket.bind();
      lock.take(await successor.ready());
      // From here to `serving`, nothing waits for anything.
      server.socket.claimName();
      for (const listener of successor.listeners) daemon.registrar.adopt(listener);
      daemon.registrar.awaitServices();
      await successor.serving();
      log.write('started', { pid: process.pid, version, ...how, inPlaceOf: successor.pid });
      activateWhatCanBe(daemon, sockets, log);
    }

    const hasLock = (): boolean => lock.renew(paths, native);
    const check = (): void => void checkName(server, daemon, log, hasLock);
    const selfCheck = setInterval(check, SELF_CHECK_MS);
    const stop = (): void => void daemon.ending.stop('stopped by a signal');
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    const problems = await daemon.routes.load(paths);
    for (const problem of problems) log.write('route refused', { problem: showProblem(problem) });
    const reason = await daemon.ending.ended;
    signal.removeEventListener('abort', stop);
    clearInterval(selfCheck);
    server.close();
    log.write('ended', { pid: process.pid, reason });
  } catch (error) {
    // Open sockets would keep this process alive, and clients would wait for it in vain.
    daemon.registrar.close();
    server.close();
    throw error;
  } finally {
    lock.release();
  }
}

/**
 * Listens on a socket that systemd opened and keeps: what waits there is for services that are about to come.
 *
 * @throws {NetTcpError} `Communication`; see `Ports.activate`
 */
function activate({ ports, registrar }: Daemon, socket: number): void {
  ports.activate(socket);
  registrar.awaitServices();
}

/** Services depend on a daemon that has taken over, so it does without a socket that it cannot use. */
function activateWhatCanBe(daemon: Daemon, sockets: readonly number[], log: Log): void {
  for (const socket of sockets) {
    try {
      activate(daemon, socket);
    } catch (error) {
      log.write('socket refused', { reason: messageOf(error) });
    }
  }
}

/** Process id of the running daemon, if there is one. */
async function findDaemon(
  paths: Paths,
  native: Native | undefined,
  limits: Limits,
): Promise<number | undefined> {
  const link = await connectToDaemon(paths, native, limits, 'tool');
  link?.close();
  return link?.welcome.pid;
}

/** The daemon's lock, which a successor has only once its predecessor has passed it on. */
class InheritedLock implements Lock {
  #lock: Lock | undefined;

  /**
   * Makes the lock's file again, if somebody removed it.
   *
   * @returns false when another daemon has the lock now: it has found neither file nor socket of this one
   */
  renew(paths: Paths, native: Native | undefined): boolean {
    const { descriptor } = this;
    if (descriptor === undefined || fstatSync(descriptor).nlink > 0) return true;
    secureRunDirectory(paths);
    const lock = tryLock(paths.daemonLock, native);
    if (lock === undefined) return false;
    this.release();
    this.#lock = lock;
    return true;
  }

  get descriptor(): number | undefined {
    return this.#lock?.descriptor;
  }

  take(lock: Lock | undefined): void {
    this.#lock = lock;
  }

  release(): void {
    this.#lock?.release();
    this.#lock = undefined;
  }
}

/** Waits for the lock, which dies with its process, and asks for a daemon: one without libc has no lock. */
async function becomeTheOne(
  paths: Paths,
  native: Native | undefined,
  limits: Limits,
): Promise<Lock> {
  const deadline = performance.now() + LOCK_WAIT_MS;
  let lock = native === undefined ? NO_LOCK : tryLock(paths.daemonLock, native);
  while (lock === undefined && performance.now() < deadline) {
    await sleep(LOCK_PAUSE_MS);
    lock = tryLock(paths.daemonLock, native);
  }
  // A daemon that has the lock and does not answer is running all the same.
  if (lock === undefined) {
    throw alreadyRunning(await findDaemon(paths, native, limits).catch(() => undefined));
  }
  const running = await findDaemon(paths, native, limits);
  if (running === undefined) return lock;
  lock.release();
  throw alreadyRunning(running);
}

const NO_LOCK: Lock = { descriptor: undefined, release() {} };

function alreadyRunning(pid?: number): NetTcpError {
  const who = pid === undefined ? 'A port-sharing daemon' : `A port-sharing daemon (pid ${pid})`;
  const text = `${who} of this user is already running. See it with: ${toolCommand('status')}`;
  return new NetTcpError('AddressAlreadyInUse', text);
}

/** Makes again what somebody removed: the lock, and the name of the control socket. */
async function checkName(
  server: ControlServer,
  daemon: Daemon,
  log: Log,
  hasLock: () => boolean,
): Promise<void> {
  try {
    const found = hasLock() ? server.check() : 'replaced';
    if (found === 'replaced') return daemon.ending.yieldTo('another daemon has taken its place');
    if (found === 'ours') return;
    log.write('control socket is gone');
    await server.socket.listen();
  } catch (error) {
    log.write('control socket not made', { error: NetTcpError.from(error).message });
  }
}
