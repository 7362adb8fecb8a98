import { closeSync, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { devNull } from 'node:os';
import { EXIT_STATUS, NetTcpError } from '../../errors.ts';
import { type Limits, withLimits } from '../../limits.ts';
import { sleep } from '../../time.ts';
import { connectToDaemon } from '../handshake/connect.ts';
import type { DaemonLink } from '../handshake/link.ts';
import { checkDescriptorLimit, descriptorLimit } from '../machine/descriptor-limit.ts';
import { environmentError } from '../../system-error.ts';
import { cleanEnvironment } from '../machine/inheritance.ts';
import { checkOwnIfThere } from '../machine/files/own-file.ts';
import { checkLockFile, tryLock } from '../machine/lock.ts';
import { openForLines } from '../machine/log.ts';
import { nativeFor } from '../machine/load-native.ts';
import type { Native } from '../machine/native.ts';
import { type Paths, secureRunDirectory } from '../machine/paths.ts';
import { logFormatFromEnvironment } from '../machine/log-format.ts';
import { frontsFromEnvironment } from '../machine/environment/fronts-variable.ts';
import { limitsFromEnvironment } from '../machine/environment/limits-variable.ts';
import { readStartType } from '../machine/start-type.ts';
import { toolCommand } from '../../own-package.ts';

const POLL_MS = 5;

/**
 * Connects to the daemon, and starts one first if there is none: only one, even if many processes do this at once.
 *
 * @param onStarted called when the daemon's process exists, which will take some time to answer
 * @throws {NetTcpError} `Communication`, with reason `port-sharing-disabled` if the start type forbids it
 */
export async function connectOrStart(
  paths: Paths,
  native: Native | undefined,
  limits: Limits,
  onStarted?: () => void,
): Promise<DaemonLink> {
  const connectNow = (): Promise<DaemonLink | undefined> =>
    connectToDaemon(paths, native, limits, 'service');
  const deadline = performance.now() + limits.daemonStartTimeoutMs;
  for (;;) {
    const link = await connectNow();
    if (link !== undefined) return link;
    if (readStartType(paths) === 'disabled') throw disabled();
    secureRunDirectory(paths);
    const lock = tryLock(paths.startLock, native);
    if (lock === undefined) {
      if (performance.now() > deadline)
        throw notStarted(paths, 'another process tried to start it, and failed');
      await sleep(4 * POLL_MS);
      continue;
    }
    try {
      // The process that held the lock before may have started it.
      const started =
        (await connectNow()) ?? (await startDaemon(paths, connectNow, deadline, onStarted));
      if (started !== undefined) return started;
      if (performance.now() > deadline) throw notStarted(paths, 'another daemon does not answer');
    } finally {
      lock.release();
    }
  }
}

/** A daemon that was started, and may have failed early. */
interface StartedDaemon {
  readonly pid: number | undefined;
  /** How it ended, or `undefined`. */
  readonly end: () => { readonly why: string; readonly status: number | null } | undefined;
  kill(): void;
}

/** Starts a daemon, detached. @param args `--take-over <pid>` to replace that one */
export async function spawnDaemon(
  paths: Paths,
  args: readonly string[] = [],
): Promise<StartedDaemon> {
  // Most services find a daemon that runs, and start sooner without this.
  const { spawn } = await import('node:child_process');
  const log = openLog(paths);
  const main = daemonMain();
  const child = spawn(process.execPath, [YOUNG_GENERATION, main, ...args], {
    cwd: '/',
    detached: true,
    stdio: ['ignore', 'ignore', log ?? 'ignore'],
    windowsHide: true,
    env: cleanEnvironment(),
  });
  if (log !== undefined) closeSync(log);
  child.unref();
  let end: ReturnType<StartedDaemon['end']>;
  child.on('error', (cause) => {
    const missing = [process.execPath, devNull].find((file) => !existsSync(file));
    const found = missing === undefined ? cause : new Error(`${missing} does not exist`);
    const failure = environmentError('its process cannot be started', found, '');
    end = { why: failure.message.replace(/\.$/, ''), status: null };
  });
  child.on('exit', (status, signal) => {
    end = { why: `it ended at once (${signal ?? status ?? '?'})`, status };
  });
  return { pid: child.pid, end: () => end, kill: () => child.kill('SIGKILL') };
}

/**
 * The file of the daemon. It is found through the package, as this file may be bundled into a command.
 *
 * @throws {NetTcpError} `Communication` if this is part of another program's bundle
 */
function daemonMain(): string {
  try {
    return createRequire(import.meta.url).resolve('#port-sharing-daemon');
  } catch (cause) {
    const text =
      'the port-sharing daemon cannot be found beside this program. If that is bundled, leave the package net-tcp-port-sharing out of the bundle (external)';
    throw new NetTcpError('Communication', text, { cause });
  }
}

/** The log, where a daemon that cannot even start says so; `undefined` if it cannot be opened. */
function openLog({ log }: Paths): number | undefined {
  try {
    return openForLines(log);
  } catch {
    return undefined;
  }
}

/**
 * Starts the daemon and waits until `connectNow` reaches it.
 *
 * @returns `undefined` if there was another one, starting or ending, or if it has ended in order: the caller looks
 *   again
 * @throws {NetTcpError} `Communication` if it cannot be started
 */
export async function startDaemon<T>(
  paths: Paths,
  connectNow: () => Promise<T | undefined>,
  deadline: number,
  onStarted?: () => void,
): Promise<T | undefined> {
  // Obstacles to its start are checked here, where somebody reads the error.
  secureRunDirectory(paths);
  checkLockFile(paths.daemonLock);
  checkOwnIfThere(paths.log);
  logFormatFromEnvironment();
  frontsFromEnvironment();
  const { daemonReservedDescriptors } = withLimits(limitsFromEnvironment());
  const limit = descriptorLimit(await nativeFor());
  checkDescriptorLimit('The port-sharing daemon', limit, daemonReservedDescriptors);
  const daemon = await spawnDaemon(paths);
  onStarted?.();
  for (;;) {
    const connected = await connectNow();
    if (connected !== undefined) return connected;
    const end = daemon.end();
    if (end?.status === EXIT_STATUS.AddressAlreadyInUse) return undefined;
    // It was stopped, or nobody came for idleExitMs: this process may have been held up for that long.
    if (end?.status === 0 && performance.now() <= deadline) return undefined;
    if (end !== undefined) throw notStarted(paths, end.why);
    if (performance.now() > deadline) throw notStarted(paths, 'it does not answer in time');
    await sleep(POLL_MS);
  }
}

/** Option of V8, in MiB. The daemon's objects live for milliseconds; by default V8 lets garbage grow to 48 MiB first. */
export const YOUNG_GENERATION = '--max-semi-space-size=2';

function disabled(): NetTcpError {
  return new NetTcpError(
    'Communication',
    `The TransportManager failed to listen on the supplied URI using the NetTcpPortSharing service: failed to start the service because it is disabled. An administrator can enable it by running '${toolCommand('enable')}'.`,
    { reason: 'port-sharing-disabled' },
  );
}

function notStarted({ log }: Paths, why: string): NetTcpError {
  return new NetTcpError(
    'Communication',
    `The TransportManager failed to listen on the supplied URI using the NetTcpPortSharing service: failed to start the service (${why}). Refer to its log for more details: ${log}`,
  );
}
