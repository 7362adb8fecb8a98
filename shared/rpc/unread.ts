import type { EncodedHeaders } from '../encoding/received-headers.ts';
import { headerName } from '../contract/header.ts';
import { printable } from '../printable.ts';

/** Headers that a process warns of at most: a peer that sends ever new ones must not fill a log. */
const MOST = 10;

const warned = new Set<string>();

/**
 * Warns of headers that came and that nobody read: a warning of Node's (a line on standard error, and the event
 * `warning`), once for each operation and header, and 10 times in all.
 *
 * @param message what they came with, such as `a request`
 */
export function warnOfUnread(
  message: string,
  operation: string,
  headers: EncodedHeaders | undefined,
): void {
  if (headers === undefined) return;
  for (const header of headers.unread) {
    const text = `Nobody has read the header ${printable(headerName(header))} of ${message} of ${operation}.`;
    if (warned.has(text) || warned.size >= MOST) continue;
    warned.add(text);
    process.emitWarning(text, 'NetTcpWarning');
  }
}
