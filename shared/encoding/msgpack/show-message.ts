import { DEFAULT_LIMITS } from '../../limits.ts';
import { printableLines } from '../../printable.ts';
import { OctetReader } from './octet-reader.ts';
import { showValue } from './show-value.ts';
import { skip } from './skip.ts';

/**
 * A MessagePack payload as one line for people, much like JSON.
 *
 * @throws {NetTcpError} `Protocol` when it is not MessagePack
 */
export function showMessage(payload: Uint8Array): string {
  const { maxDepth, maxFaultTextChars } = DEFAULT_LIMITS;
  const reader = new OctetReader();
  reader.open(payload, 0, payload.length, maxDepth);
  skip(reader, 0);
  reader.finish();
  reader.open(payload, 0, payload.length, maxDepth);
  return printableLines(showValue(reader), maxFaultTextChars);
}
