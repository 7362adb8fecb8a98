// What the system says about processes, on Linux in /proc.
import { readdirSync, readFileSync } from 'node:fs';

/** What a process holds. Zeros where the system does not say, as everywhere but on Linux. */
export interface Usage {
  readonly descriptors: number;
  /** Resident memory, in KiB. */
  readonly residentKiB: number;
}

/** Descriptors and memory of a process, or zeros. */
export function usageOf(pid: number): Usage {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const resident = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1];
    const descriptors = readdirSync(`/proc/${pid}/fd`).length;
    return { descriptors, residentKiB: Number(resident ?? 0) };
  } catch {
    return { descriptors: 0, residentKiB: 0 };
  }
}

/** Whether a process runs. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A process that has ended, and that nobody has waited for, does not run.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' && process.platform !== 'linux';
  }
}

/**
 * Ids of processes whose command line names `script` and whose environment holds `setting`: daemons of one
 * directory. Empty on systems other than Linux.
 */
export function processesOf(script: string, setting: string): readonly number[] {
  let names: readonly string[];
  try {
    names = readdirSync('/proc');
  } catch {
    return [];
  }
  return names
    .filter((name) => /^\d+$/.test(name) && mentions(name, script, setting))
    .map(Number)
    .filter(isAlive);
}

function mentions(pid: string, script: string, setting: string): boolean {
  try {
    if (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(script)) return false;
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(setting);
  } catch {
    return false; // it ended, or is another user's
  }
}

/** `USER_HZ`, the unit of times in `/proc`: 100 on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;
const COMMAND_END = ') ';
const USER_TICKS_FIELD = 11;

/** User and system time of a process, in seconds; NaN where the system does not say. See proc_pid_stat(5). */
export function cpuSeconds(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command's name may contain blanks and brackets.
    const fields = stat.slice(stat.lastIndexOf(COMMAND_END) + COMMAND_END.length).split(' ');
    const [user, system] = fields.slice(USER_TICKS_FIELD, USER_TICKS_FIELD + 2);
    return (Number(user) + Number(system)) / TICKS_PER_SECOND;
  } catch {
    return NaN;
  }
}
