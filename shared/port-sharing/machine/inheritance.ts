import { closeSync, readdirSync, readFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { descriptorLimit } from './descriptor-limit.ts';
import type { Native } from './native.ts';

/** Of the environment, what a daemon is to have: it outlives whoever started it. */
const KEPT =
  /^(?:NET_TCP_PORT_SHARING_\w+|PATH|HOME|LANG|LC_\w+|TZ|SystemRoot|SystemDrive|windir|USERPROFILE|LOCALAPPDATA|APPDATA|TEMP|TMP|WINE\w+)$/i;

/**
 * The environment for a daemon: the suite's own variables, where programs and the user's files are, and the locale. (Windows
 * programs do not start without some of its own.)
 */
export function cleanEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => KEPT.test(name)));
}

const O_CLOEXEC = 0o2_000_000;

/**
 * Closes what this process has inherited, but for its standard streams: a lock or a pipe of whoever started a daemon
 * would be held for as long as that lives.
 *
 * What Node and this suite open is closed when another program starts (`O_CLOEXEC`); what came through such a start
 * is not. Where the system does not list descriptors so (macOS), Node lets processes inherit none.
 *
 * @returns how many there were
 */
export function closeInherited(): number {
  let closed = 0;
  for (const name of list('/proc/self/fdinfo')) {
    const descriptor = Number(name);
    if (descriptor <= 2) continue;
    try {
      const [, flags] =
        /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${name}`, 'utf8')) ?? [];
      if (flags === undefined || (Number.parseInt(flags, 8) & O_CLOEXEC) !== 0) continue;
      closeSync(descriptor);
      closed += 1;
    } catch {
      // That of the listing itself, which is closed by now.
    }
  }
  return closed;
}

function list(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** Resets this process's nice value, as far as it may: only an administrator always may. */
export function takePriorityBack(): void {
  try {
    if (getPriority() > 0) setPriority(0);
  } catch {
    // It stays as it is, and `inherited` says so.
  }
}

// Below it, a flood of connections meets this limit before those of the suite.
const FEW_DESCRIPTORS = 4_096;

/** What a process has inherited that makes it slow, or full early, and that it cannot change. */
export function inherited(native: Native | undefined): { nice?: number; descriptors?: number } {
  const descriptors = descriptorLimit(native);
  let nice = 0;
  try {
    nice = getPriority();
  } catch {
    // The system does not say.
  }
  return {
    ...(nice > 0 ? { nice } : {}),
    ...(descriptors < FEW_DESCRIPTORS ? { descriptors } : {}),
  };
}
