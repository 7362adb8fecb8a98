import { chmodSync, lstatSync, mkdirSync, readdirSync, type Stats } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { printable } from '../../printable.ts';
import { messageOf, NetTcpError, systemCode } from '../../errors.ts';

/** Environment variable with a directory to use instead of the standard ones, for all of it. */
export const DIRECTORY_VARIABLE = 'NET_TCP_PORT_SHARING_DIR';

const NAME = 'net-tcp-port-sharing';
// sockaddr_un has room for 104 octets on macOS and 108 on Linux; Node cuts longer paths silently.
const MAX_SOCKET_PATH = 100;

/** Where the suite keeps its files. All directories are private to the user. */
export interface Paths {
  /** Control socket and locks; need not outlive a reboot. */
  readonly runDirectory: string;
  readonly controlSocket: string;
  /** Held by the daemon for as long as it lives. */
  readonly daemonLock: string;
  /** Held by a service while it starts a daemon. */
  readonly startLock: string;
  readonly configDirectory: string;
  /** Start type, when it is not the default. */
  readonly startType: string;
  readonly logDirectory: string;
  readonly log: string;
}

/**
 * Where things are for this user and environment. Touches nothing.
 *
 * @throws {NetTcpError} `Usage` when the variable names a relative path: services and daemon, each started
 *   somewhere else, would not find each other
 */
export function resolvePaths(env: NodeJS.ProcessEnv = process.env): Paths {
  const chosen = env[DIRECTORY_VARIABLE] ?? '';
  if (chosen !== '' && !path.isAbsolute(chosen)) {
    const shown = JSON.stringify(printable(chosen, 200));
    throw new NetTcpError(
      'Usage',
      `${DIRECTORY_VARIABLE} is ${shown}, a relative path. Set it to an absolute one, which is the same directory for every process.`,
    );
  }
  if (chosen !== '') return pathsIn(chosen, chosen, chosen);
  const home = homedir();
  if (process.platform === 'win32') {
    const base = path.join(env['LOCALAPPDATA'] ?? path.join(home, 'AppData', 'Local'), NAME);
    return pathsIn(base, base, base);
  }
  if (process.platform === 'darwin') {
    const state = path.join(home, 'Library', 'Application Support', NAME);
    return pathsIn(path.join(tmpdir(), NAME), state, path.join(home, 'Library', 'Logs', NAME));
  }
  const state = path.join(home, '.local', 'state', NAME);
  // From the uid, not from $XDG_RUNTIME_DIR: all processes of a user must find the same daemon,
  // and the variable differs between a login, cron and sudo.
  const runtime = `/run/user/${process.getuid?.() ?? 0}`;
  const run = isPrivateDirectory(runtime) ? path.join(runtime, NAME) : path.join(state, 'run');
  return pathsIn(run, path.join(home, '.config', NAME), path.join(state, 'log'));
}

function pathsIn(runDirectory: string, configDirectory: string, logDirectory: string): Paths {
  const isWindows = process.platform === 'win32';
  const pipe = runDirectory.replaceAll(/[\\/:]/g, '-');
  return {
    runDirectory,
    controlSocket: isWindows ? `\\\\.\\pipe\\${pipe}` : path.join(runDirectory, 'control.sock'),
    daemonLock: path.join(runDirectory, 'daemon.lock'),
    startLock: path.join(runDirectory, 'start.lock'),
    configDirectory,
    startType: path.join(configDirectory, 'start-type'),
    logDirectory,
    log: path.join(logDirectory, 'daemon.log'),
  };
}

/**
 * Makes the run directory when it is missing, and checks that it is a directory of this user's that nobody else
 * can enter. A directory of ours that others may enter is closed to them, unless it holds what is not ours.
 *
 * @throws {NetTcpError} `Communication` with reason `access-denied`, saying what is wrong and what to do
 */
export function secureRunDirectory({ runDirectory, controlSocket }: Paths): void {
  const octets = Buffer.byteLength(controlSocket);
  if (process.platform !== 'win32' && octets > MAX_SOCKET_PATH) {
    throw refused(
      `The path of the control socket, ${controlSocket}, has ${octets} octets; ${MAX_SOCKET_PATH} are allowed. Set ${DIRECTORY_VARIABLE} to a shorter directory.`,
    );
  }
  secureDirectory(runDirectory);
  if (process.platform === 'win32') return;
  const found = lstatSync(controlSocket, { throwIfNoEntry: false });
  if (found !== undefined && !found.isSocket()) {
    throw refused(`${controlSocket} is no socket, so it is not the daemon's. Remove it.`);
  }
}

/**
 * Checks the run directory as {@link secureRunDirectory} does, but does not make it.
 *
 * @returns whether it is there
 * @throws {NetTcpError} as above
 */
export function checkRunDirectory(paths: Paths): boolean {
  const found = lstatSync(paths.runDirectory, { throwIfNoEntry: false });
  if (found !== undefined) secureRunDirectory(paths);
  return found !== undefined;
}

/** As {@link secureRunDirectory}, for any of the directories. */
export function secureDirectory(directory: string): void {
  let found: Stats | undefined;
  try {
    makeDirectory(directory);
    found = lstatSync(directory);
  } catch (error) {
    // A dangling link, or a file, in the directory's place.
    found = lstatSync(directory, { throwIfNoEntry: false });
    if (found === undefined || found.isDirectory()) {
      const code = systemCode(error) ?? messageOf(error);
      throw refused(
        `The directory ${directory} cannot be made: ${code}. Make it, or set ${DIRECTORY_VARIABLE} to another.`,
        error,
      );
    }
  }
  if (process.platform === 'win32') return;
  if (found.isSymbolicLink() || !found.isDirectory()) {
    const what = found.isSymbolicLink() ? 'a symbolic link' : 'no directory';
    throw refused(`${directory} is ${what}. Remove it, or set ${DIRECTORY_VARIABLE} to another.`);
  }
  if (found.uid !== process.getuid?.()) {
    throw refused(
      `The directory ${directory} belongs to user ${found.uid}. Remove it, or set ${DIRECTORY_VARIABLE} to another.`,
    );
  }
  if ((found.mode & 0o077) === 0) return;
  const stranger = readdirSync(directory).find((name) => !OWN_NAMES.test(name));
  if (stranger !== undefined) {
    throw refused(
      `Others can enter ${directory}, and it holds more than belongs here, such as ${JSON.stringify(printable(stranger, 64))}. Set ${DIRECTORY_VARIABLE} to a directory of its own.`,
    );
  }
  chmodSync(directory, 0o700);
}

/** Makes a directory and those on the way to it. Node's own `recursive` never ends where there can be none, as in /proc. */
function makeDirectory(directory: string): void {
  const missing: string[] = [];
  for (let at = path.resolve(directory); !exists(at); at = path.dirname(at)) missing.unshift(at);
  for (const each of missing) {
    try {
      mkdirSync(each, { mode: 0o700 });
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw error; // somebody else has made it meanwhile
    }
  }
}

function exists(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
}

// Everything that the suite makes there, and directories on the way.
const OWN_NAMES =
  /^(?:control\.sock(?:\.\d+)?|daemon\.lock|start\.lock|start-type(?:\.\d+)?|daemon\.log(?:\.1)?|run|log)$/;

function isPrivateDirectory(directory: string): boolean {
  const found = lstatSync(directory, { throwIfNoEntry: false });
  return (
    found !== undefined &&
    found.isDirectory() &&
    found.uid === process.getuid?.() &&
    (found.mode & 0o077) === 0
  );
}

function refused(message: string, cause?: unknown): NetTcpError {
  return new NetTcpError('Communication', message, { reason: 'access-denied', cause });
}
