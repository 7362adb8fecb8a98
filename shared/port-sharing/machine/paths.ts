import { accessSync, constants, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import path from 'node:path';
import { NetTcpError } from '../../errors.ts';
import { printable } from '../../printable.ts';
import { checkOwn } from './files/own-file.ts';
import {
  DIRECTORY_ADVICE,
  DIRECTORY_VARIABLE,
  isPrivateDirectory,
  refused,
  secureDirectory,
  statOf,
} from './files/private-directory.ts';

export { DIRECTORY_VARIABLE, secureDirectory } from './files/private-directory.ts';

const NAME = 'net-tcp-port-sharing';
// sockaddr_un has room for 104 bytes on macOS and 108 on Linux, including a zero at the end.
const SOCKET_PATH_BYTES = process.platform === 'darwin' ? 103 : 107;
/** The socket has a longer name until it is ready: `control.sock.<pid>`, of at most seven digits. */
const MAX_SOCKET_PATH = SOCKET_PATH_BYTES - '.4194304'.length;

/**
 * Where the suite keeps its files. All directories are private to the user. The place of the socket and the locks
 * is looked up each time: it changes when a user logs in or out, as /run/user/UID comes and goes.
 */
export interface Paths {
  /** Control socket and locks; need not outlive a reboot. */
  readonly runDirectory: string;
  /** Their directory when the user is not logged in; every process of the user sees this one. */
  readonly lastingDirectory: string;
  readonly controlSocket: string;
  /** Held by the daemon for as long as it lives. */
  readonly daemonLock: string;
  /** Held by a service while it starts a daemon. */
  readonly startLock: string;
  readonly configDirectory: string;
  /** File of the start type, if it was ever set. */
  readonly startType: string;
  readonly logDirectory: string;
  readonly log: string;
}

/**
 * The paths for this user, however this process was started. Touches nothing.
 *
 * `$XDG_RUNTIME_DIR`, `$TMPDIR` and, where the list of users names a home directory, `$HOME` are ignored: they
 * differ between a login, cron, sudo and a system unit, and all processes of a user must find the same daemon.
 *
 * @throws {NetTcpError} `Usage` if the variable names a relative path: services and daemon, each started somewhere
 *   else, would not find each other; `Communication` if this user has no directory at all
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
  if (chosen !== '') return pathsIn([chosen], chosen, chosen);
  const home = homeOf(env);
  if (process.platform === 'win32') {
    const base = path.join(env['LOCALAPPDATA'] ?? path.join(home, 'AppData', 'Local'), NAME);
    return pathsIn([base], base, base);
  }
  if (process.platform === 'darwin') {
    const state = path.join(home, 'Library', 'Application Support', NAME);
    return pathsIn([path.join(state, 'run')], state, path.join(home, 'Library', 'Logs', NAME));
  }
  const state = path.join(home, '.local', 'state', NAME);
  // Another machine with daemons of its own may share the home directory: it comes last.
  const places = [path.join(`/run/user/${process.getuid?.() ?? 0}`, NAME), path.join(state, 'run')];
  return pathsIn(places, path.join(home, '.config', NAME), path.join(state, 'log'));
}

/** This user's home directory, from the list of users, which is the same for all its processes. */
function homeOf(env: NodeJS.ProcessEnv): string {
  let listed: string | undefined;
  try {
    listed = userInfo().homedir;
    if (statSync(listed).isDirectory()) return listed;
  } catch {
    // A user id that is not listed, or one without a home directory.
  }
  const home = env['HOME'] ?? '';
  if (path.isAbsolute(home)) return home;
  if (listed !== undefined && path.isAbsolute(listed)) return listed;
  throw refused(
    `User ${process.getuid?.() ?? '?'} has no home directory: it is not in the list of users, and HOME is not set. ${DIRECTORY_ADVICE}`,
  );
}

/** @param places where the socket may be, best first; every process of the user sees the last */
function pathsIn(places: readonly string[], configDirectory: string, logDirectory: string): Paths {
  const [first = ''] = places;
  const last = places.at(-1) ?? first;
  const possible = (): readonly string[] =>
    places.filter((each) => each === last || isPrivateDirectory(path.dirname(each)));
  const runDirectory = (): string => {
    const now = possible();
    return now.find((each) => hasSocket(each)) ?? now[0] ?? last;
  };
  return {
    get runDirectory() {
      return runDirectory();
    },
    get controlSocket() {
      return controlSocketIn(runDirectory());
    },
    get daemonLock() {
      return path.join(runDirectory(), 'daemon.lock');
    },
    get startLock() {
      // Processes that see other places than this one all see the last.
      return path.join(isUsable(last) ? last : runDirectory(), 'start.lock');
    },
    lastingDirectory: last,
    configDirectory,
    startType: path.join(configDirectory, 'start-type'),
    logDirectory,
    log: path.join(logDirectory, 'daemon.log'),
  };
}

function controlSocketIn(directory: string): string {
  if (process.platform !== 'win32') return path.join(directory, 'control.sock');
  return `\\\\.\\pipe\\${directory.replaceAll(/[\\/:]/g, '-')}`;
}

/** Whether a daemon is there, or was: then it is looked for there, and the next one will be there. */
function hasSocket(directory: string): boolean {
  if (process.platform === 'win32') return true;
  try {
    return isPrivateDirectory(directory) && statOf(controlSocketIn(directory)) !== undefined;
  } catch {
    return false;
  }
}

function isUsable(directory: string): boolean {
  if (!isPrivateDirectory(directory)) return false;
  try {
    accessSync(directory, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Makes the run directory if it is missing, secures it as {@link secureDirectory} does, and checks the control
 * socket.
 *
 * @throws {NetTcpError} `Communication` with reason `access-denied`, saying what is wrong and what to do
 */
export function secureRunDirectory(paths: Paths): void {
  const { runDirectory, controlSocket } = paths;
  const bytes = Buffer.byteLength(controlSocket);
  if (process.platform !== 'win32' && bytes > MAX_SOCKET_PATH) {
    throw refused(
      `The path of the control socket, ${controlSocket}, has ${bytes} bytes; ${MAX_SOCKET_PATH} are allowed. Set ${DIRECTORY_VARIABLE} to a shorter directory.`,
    );
  }
  secureDirectory(runDirectory);
  if (process.platform === 'win32') return;
  try {
    secureDirectory(paths.lastingDirectory);
  } catch {
    // It is not needed as long as the user stays logged in.
  }
  const found = statOf(controlSocket);
  if (found !== undefined && !found.isSocket()) {
    throw refused(`${controlSocket} is not a socket, so it is not the daemon's. Remove it.`);
  }
  if (found !== undefined) checkOwn(controlSocket, found);
}

/**
 * Checks the run directory as {@link secureRunDirectory} does, but does not make it.
 *
 * @returns whether it exists
 * @throws {NetTcpError} as {@link secureRunDirectory}
 */
export function checkRunDirectory(paths: Paths): boolean {
  const found = statOf(paths.runDirectory);
  if (found !== undefined) secureRunDirectory(paths);
  return found !== undefined;
}
