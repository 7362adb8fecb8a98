import { NetTcpError } from '../../errors.ts';

// sd_listen_fds(3): sockets that systemd opened begin after standard error.
const FIRST_DESCRIPTOR = 3;
const MAX_DESCRIPTORS = 64;

/**
 * The listening sockets that systemd, or a program like it, has opened for this process.
 *
 * @param env `LISTEN_PID` names the process that they are for, `LISTEN_FDS` their number; both and
 *   `LISTEN_FDNAMES` are removed, so that no process started from here takes them for its own
 * @returns descriptors; none if they are for another process
 * @throws {NetTcpError} `Usage` if `LISTEN_FDS` is not a whole number from 0 to 64
 */
export function activatedDescriptors(env: NodeJS.ProcessEnv, pid: number): readonly number[] {
  const { LISTEN_PID: forPid, LISTEN_FDS: count } = env;
  delete env['LISTEN_PID'];
  delete env['LISTEN_FDS'];
  delete env['LISTEN_FDNAMES'];
  if (forPid === undefined || count === undefined || Number(forPid) !== pid) return [];
  const length = Number(count);
  if (count.trim() === '' || !Number.isInteger(length) || length < 0 || length > MAX_DESCRIPTORS) {
    const text = `LISTEN_FDS must be a whole number from 0 to ${MAX_DESCRIPTORS}, not "${count}".`;
    throw new NetTcpError('Usage', text);
  }
  return Array.from({ length }, (_, index) => FIRST_DESCRIPTOR + index);
}
