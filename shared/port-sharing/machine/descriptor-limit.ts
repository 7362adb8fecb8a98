import { readFileSync } from 'node:fs';
import type { Native } from './native.ts';

// Where the system does not say: what a process may have everywhere that this runs on.
const ASSUMED = 1_024;

/**
 * How many descriptors this process may have open. (Node has raised its soft limit to the hard one.)
 *
 * At the limit Node accepts connections and closes them without a word; so nobody must get there.
 */
export function descriptorLimit(native: Native | undefined): number {
  if (process.platform === 'win32') return Infinity;
  if (native !== undefined) return native.descriptorLimit();
  try {
    const soft = /^Max open files\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return soft === 'unlimited' ? Infinity : Number(soft ?? ASSUMED);
  } catch {
    return ASSUMED;
  }
}
