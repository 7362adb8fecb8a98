import { NetTcpError } from '../errors.ts';
import { copyOctets } from '../octets.ts';

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

interface Entry {
  readonly octets: Uint8Array;
  readonly text: string;
}

/**
 * Texts that were read lately. Every connection to a service names the same few vias and content types, and keeps
 * them: a string of its own for each would take 100 bytes of the 4 KiB of an idle connection, and comparing bytes
 * is faster than decoding them. Bounded in number and in size, whatever is sent.
 */
const recent: (Entry | undefined)[] = [];
const SLOTS = 64;
const MAX_KEPT_OCTETS = 256;

/**
 * The text of a record. [MC-NMF] 2.2.3: UTF-8, without a byte order mark.
 *
 * @param what the record, for the error
 * @throws {NetTcpError} `Protocol` for bytes that are not UTF-8
 */
export function readText(what: string, bytes: Uint8Array, start: number, end: number): string {
  const length = end - start;
  const slot = ((bytes[end - 1] ?? 0) * 31 + length) % SLOTS;
  const entry = recent[slot];
  if (entry !== undefined && isSame(entry.octets, bytes, start, length)) return entry.text;
  const text = decode(what, bytes.subarray(start, end));
  if (length <= MAX_KEPT_OCTETS) recent[slot] = { octets: copyOctets(bytes, start, end), text };
  return text;
}

function isSame(octets: Uint8Array, bytes: Uint8Array, start: number, length: number): boolean {
  if (octets.length !== length) return false;
  for (let index = 0; index < length; index++) {
    if (octets[index] !== bytes[start + index]) return false;
  }
  return true;
}

function decode(what: string, octets: Uint8Array): string {
  try {
    return UTF8.decode(octets);
  } catch (cause) {
    throw new NetTcpError('Protocol', `${what} is not valid UTF-8`, {
      cause,
      framingFault: 'InvalidRecordSequence',
    });
  }
}
