import { closeSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { loadKoffi } from '../../load-later.ts';
import { knownDescriptorLimit, limitOf } from './descriptor-limit.ts';
import type { Native } from './native.ts';

/** The variables that a daemon keeps: it outlives the process that started it. */
const KEPT =
  /^(?:NET_TCP_PORT_SHARING_\w+|PATH|HOME|LANG|LC_\w+|TZ|SystemRoot|SystemDrive|windir|USERPROFILE|LOCALAPPDATA|APPDATA|TEMP|TMP|WINE\w+)$/i;

/**
 * The environment for a daemon: the suite's own variables, where programs and the user's files are, and the
 * locale and time zone. (Windows programs do not start without some of Windows' own.)
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
 * @returns how many it closed; `undefined` on a Linux without /proc and koffi, where nobody knows which there are
 */
export async function closeInherited(): Promise<number | undefined> {
  const names = tried(() => readdirSync('/proc/self/fdinfo'));
  if (names === undefined && process.platform === 'linux') {
    return await closeUnlisted().catch(() => undefined);
  }
  let closed = 0;
  for (const name of names ?? []) {
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

// fs.nr_open as Linux has it: a limit that was lowered afterwards leaves higher numbers open than it allows.
const DESCRIPTORS = 1_048_576;
// At once: no more than the lowest limit of open files that a daemon starts with.
const ASKED_AT_ONCE = 64;
/** `struct pollfd` is two int32: the number; and two int16, what is asked for, and what is so. */
const POLLED_NUMBERS = 2;
const POLLNVAL = 0x20;
const F_GETFD = 1;
const FD_CLOEXEC = 1;

/** The same on a Linux without /proc: `poll` says which numbers of many are open, in hundredths of a second for all. */
async function closeUnlisted(): Promise<number | undefined> {
  const libc = (await loadKoffi()).load(null);
  const poll = libc.func('int poll(void *polled, unsigned long count, int timeout)') as (
    polled: Uint8Array,
    count: number,
    timeout: number,
  ) => number;
  const fcntl = libc.func('int fcntl(int fd, int command, ...)') as (
    fd: number,
    command: number,
    type: 'int',
    value: number,
  ) => number;
  const numbers = new Int32Array(ASKED_AT_ONCE * POLLED_NUMBERS);
  const events = new Int16Array(numbers.buffer);
  const polled = new Uint8Array(numbers.buffer);
  let closed = 0;
  for (let first = 0; first < DESCRIPTORS; first += ASKED_AT_ONCE) {
    for (let index = 0; index < ASKED_AT_ONCE; index++) {
      numbers[index * POLLED_NUMBERS] = first + index;
    }
    if (poll(polled, ASKED_AT_ONCE, 0) < 0) return undefined;
    for (let index = 0; index < ASKED_AT_ONCE; index++) {
      const descriptor = first + index;
      const isClosed = ((events[index * 4 + 3] ?? 0) & POLLNVAL) !== 0;
      if (isClosed || descriptor <= 2) continue;
      if ((fcntl(descriptor, F_GETFD, 'int', 0) & FD_CLOEXEC) !== 0) continue;
      closeSync(descriptor);
      closed += 1;
    }
  }
  return closed;
}

const OOM_SCORE = '/proc/self/oom_score_adj';

/** Resets this process's nice value, and its rank when memory is short, if it may: only an administrator always may. */
export function takePriorityBack(): void {
  tried(() => getPriority() > 0 && setPriority(0));
  tried(() => oomScoreAdj() > 0 && writeFileSync(OOM_SCORE, '0'));
}

function oomScoreAdj(): number {
  return Number(readFileSync(OOM_SCORE, 'utf8'));
}

/** @returns `undefined` where the system does not say, or does not let it: `inherited` says what stays */
function tried<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}

// With fewer, a flood of connections meets this limit before those of the suite.
const FEW_DESCRIPTORS = 4_096;

/** What a process has from whoever started it, and cannot change; what is harmless is absent. */
export interface Inherited {
  /** Its nice value, 1 to 19, with which it gives way to other programs. */
  readonly nice?: number;
  /** How many files and connections it may have open, if that is few. */
  readonly descriptors?: number;
  /** Processor time after which the system ends it, in seconds. */
  readonly cpuSeconds?: number;
  /** Of its address space. */
  readonly memoryBytes?: number;
  /** 1 to 1,000: Linux ends it before others when memory is short. */
  readonly oomScoreAdj?: number;
}

/** What this process has inherited and cannot change that makes it slow, full early, or end. */
export function inherited(native: Native | undefined): Inherited {
  const descriptors = knownDescriptorLimit(native) ?? Infinity;
  const cpuSeconds = limitOf('Max cpu time') ?? Infinity;
  const memoryBytes = limitOf('Max address space') ?? Infinity;
  const nice = tried(getPriority) ?? 0;
  const oom = tried(oomScoreAdj) ?? 0;
  return {
    ...(nice > 0 ? { nice } : {}),
    ...(descriptors < FEW_DESCRIPTORS ? { descriptors } : {}),
    ...(cpuSeconds < Infinity ? { cpuSeconds } : {}),
    ...(memoryBytes < Infinity ? { memoryBytes } : {}),
    ...(oom > 0 ? { oomScoreAdj: oom } : {}),
  };
}
