import { closeSync, readdirSync, readFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { descriptorLimit } from './descriptor-limit.ts';
import type { Native } from './native.ts';

/** The variables that a daemon keeps: it outlives the process that started it. */
const KEPT =
  /^(?:NET_TCP_PORT_SHARING_\w+|PATH|HOME|LANG|LC_\w+|TZ|SystemRoot|SystemDrive|windir|USERPROFILE|LOCALAPPDATA|APPDATA|TEMP|TMP|WINE\w+)$/i;

/**
 * The environment for a daemon: the suite's own variables, where programs and the user's files are, and the
 * locale. (Windows programs do not start without some of Windows' own.)
 */
export function cleanEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => KEPT.test(name)));
}

const O_CLOEXEC = 0o2_000_000;

/**
 * Closes the descriptors that this process has inherited, except its standard streams: otherwise a daemon would
 * hold a lock or a pipe of the process that started it for as long as it lives.
 *
 * Descriptors that Node and this suite open have `O_CLOEXEC`; inherited ones cannot have it. Where the system does
 * not list flags (macOS), Node lets processes inherit none.
 *
 * @returns how many it closed
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
      // The descriptor of the listing itself, which is closed by now.
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

/** Resets this process's nice value, if it may: only an administrator always may. */
export function takePriorityBack(): void {
  try {
    if (getPriority() > 0) setPriority(0);
  } catch {
    // It stays as it is, and `inherited` says so.
  }
}

// With fewer, a flood of connections meets this limit before those of the suite.
const FEW_DESCRIPTORS = 4_096;

/** What this process has inherited and cannot change that makes it slow (`nice`) or full early (`descriptors`). */
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
