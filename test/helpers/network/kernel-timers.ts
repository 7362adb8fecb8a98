import { readFileSync } from 'node:fs';

/**
 * The timers that the kernel of Linux has on open IPv4 connections: 02 is keep-alive, 00 none.
 *
 * @param localPort `undefined`: any
 */
export function kernelTimers(localPort: number | undefined, remotePort: number): readonly string[] {
  const hex = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0');
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(
      ([, local, remote, state]) =>
        state === '01' &&
        (localPort === undefined || local?.endsWith(`:${hex(localPort)}`) === true) &&
        remote?.endsWith(`:${hex(remotePort)}`) === true,
    )
    .map((columns) => columns[5]?.split(':')[0] ?? '');
}
