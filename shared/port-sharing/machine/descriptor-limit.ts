import { readFileSync } from 'node:fs';
import { NetTcpError } from '../../errors.ts';
import type { Native } from './native.ts';

// For systems that do not say: so many a process may have everywhere.
const ASSUMED = 1_024;

/**
 * How many descriptors this process may have open. (Node has raised its soft limit to the hard one.)
 *
 * At the limit Node accepts connections and closes them without a word, so the daemon and services stay below it.
 */
export function descriptorLimit(native: Native | undefined): number {
  return knownDescriptorLimit(native) ?? ASSUMED;
}

/** The same; `undefined` where the system does not say. */
export function knownDescriptorLimit(native: Native | undefined): number | undefined {
  if (process.platform === 'win32') return Infinity;
  return native === undefined ? limitOf('Max open files') : native.descriptorLimit();
}

/**
 * A limit of this process.
 *
 * @param name as in `/proc/self/limits`
 * @returns Infinity for no limit, `undefined` where the system does not say
 */
export function limitOf(name: string): number | undefined {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8').split('\n');
    const line = limits.find((each) => each.startsWith(name));
    if (line === undefined) return undefined;
    const [soft] = line.slice(name.length).trim().split(/\s+/);
    return soft === 'unlimited' ? Infinity : Number(soft);
  } catch {
    return undefined;
  }
}

/** What Node and this suite have open before the first client, and a few clients. */
const LEAST_DESCRIPTORS = 48;

/**
 * @param who      `The port-sharing daemon`
 * @param reserved how many descriptors are not for clients
 * @throws {NetTcpError} `Communication` if the limit leaves none for clients: each would be told ServerTooBusy
 */
export function checkDescriptorLimit(who: string, limit: number, reserved: number): void {
  const least = reserved + LEAST_DESCRIPTORS;
  if (limit >= least) return;
  const text = `${who} may have ${limit} files and connections open, and needs ${least} before it can serve a client. Raise that limit, as with: ulimit -n 1024`;
  throw new NetTcpError('Communication', text);
}
