import type { EncodedHeaders } from '../encoding/received-headers.ts';
import { headerName } from '../contract/header.ts';
import { isOfTrace } from '../contract/trace-context.ts';
import { printable } from '../printable.ts';
import { Warnings } from './warnings.ts';

const warnings = new Warnings();

/**
 * Warns of headers that came and that nobody read, once for each operation and header.
 *
 * @param message what they came with, such as `a request`
 */
export function warnOfUnread(
  message: string,
  operation: string,
  headers: EncodedHeaders | undefined,
): void {
  if (headers === undefined || warnings.areOver) return;
  for (const header of headers.unread) {
    if (isOfTrace(header)) continue;
    const name = printable(headerName(header));
    warnings.give(`Nobody has read the header ${name} of ${message} of ${operation}.`);
  }
}
