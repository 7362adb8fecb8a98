import { messageOf, NetTcpError, systemCode } from './errors.ts';
import { printable } from './printable.ts';

/** What failed system calls mean, and what to do; if that is missing, the caller's advice stands. */
const MEANINGS: Readonly<Record<string, readonly [meaning: string, advice?: string]>> = {
  ENOSPC: ['the disk is full', 'Free some space there.'],
  EDQUOT: ["this user's share of the disk is used up", 'Free some space there.'],
  EROFS: ['the file system is read-only'],
  EACCES: ['this user may not do that'],
  EPERM: ['this user may not do that'],
  ENOENT: ['it, or a directory of its path, does not exist'],
  ENOTDIR: ['a part of its path is not a directory'],
  EISDIR: ['it is a directory'],
  EFBIG: ['it is larger than such a file can be'],
  ELOOP: ['it is a symbolic link'],
  ENAMETOOLONG: ['the path is too long'],
  EIO: ['the disk reports errors', 'Look at the log of the system.'],
  ENOMEM: ['there is no memory left', 'End other programs, or allow this one more.'],
  EMFILE: [
    'this process has as many files open as it may',
    'Raise that limit (ulimit -n), and try again.',
  ],
  ENFILE: [
    'the system has as many files open as it may',
    'End other programs, or raise the limit of the system (fs.file-max).',
  ],
  EAGAIN: [
    'this user runs as many processes as it may',
    'End some, or raise that limit (ulimit -u).',
  ],
};

const DENIED = new Set(['EACCES', 'EPERM']);

/**
 * The error of a system call that failed for a reason outside the suite.
 *
 * @param what   a clause, such as `The log file /x/daemon.log cannot be opened`
 * @param advice a sentence, if the reason itself does not say what to do
 * @returns `Communication`, with reason `access-denied` for EACCES and EPERM; a `NetTcpError` as it is
 */
export function environmentError(what: string, cause: unknown, advice: string): NetTcpError {
  if (cause instanceof NetTcpError) return cause;
  const code = systemCode(cause) ?? '';
  const [meaning = printable(messageOf(cause)), always = advice] = MEANINGS[code] ?? [];
  const shown = MEANINGS[code] === undefined ? meaning : `${meaning} (${code})`;
  const text = `${what}: ${shown}. ${always}`.trimEnd();
  const reason = DENIED.has(code) ? ('access-denied' as const) : undefined;
  return new NetTcpError('Communication', text, { cause, reason });
}

/**
 * Makes a system call.
 *
 * @throws {NetTcpError} as {@link environmentError}
 */
export function attempt<T>(what: string, advice: string, call: () => T): T {
  try {
    return call();
  } catch (cause) {
    throw environmentError(what, cause, advice);
  }
}

/** Whether DNS did not answer: then nothing is known about the name itself. */
export function isTemporary(cause: unknown): boolean {
  return ['EAI_AGAIN', 'ETIMEOUT', 'EREFUSED'].includes(systemCode(cause) ?? '');
}

/** What a link-local address lacks, as a sentence; `undefined` for any other. */
export function missingZone(host: string): string | undefined {
  if (!/^fe[89ab][0-9a-f]:/i.test(host) || host.includes('%')) return undefined;
  return `${host} is an address of one network only: say by which interface it is reached, as in [${host}%eth0].`;
}
