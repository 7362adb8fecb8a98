import { printable, quoted, type Untrusted } from '../../printable.ts';

/** Services that a process warns of at most: a client of many must not fill a log. */
const MOST = 10;

const warned = new Set<string>();

/**
 * Warns that a service makes one-way calls to its client, for which contracts here have no callbacks: a warning
 * of Node's (a line on standard error, and the event `warning`), once for each address and 10 times in all.
 *
 * @param name the call's, as its encoding has it
 */
export function warnOfUnheard(via: string, name: Untrusted): void {
  if (warned.has(via) || warned.size >= MOST) return;
  warned.add(via);
  process.emitWarning(
    `The service at ${printable(via)} calls its client, one-way: ${quoted(name)}. Contracts here have no callbacks: such calls are passed over.`,
    'NetTcpWarning',
  );
}
