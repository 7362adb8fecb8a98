import type { ValueType } from '../../contract/types.ts';
import { quoted } from '../../printable.ts';
import { expectedOnWire, kindOnWire } from './expectations.ts';
import { Mismatch } from './mismatch.ts';
import type { OctetReader } from './octet-reader.ts';

// A byte order mark is a character of the text like any other: without ignoreBOM it would be lost.
const STRICT = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const LOSSY = new TextDecoder('utf-8', { ignoreBOM: true });

/** @throws {Mismatch} for what is no string, or no UTF-8 */
export function readString(reader: OctetReader, type: ValueType): string {
  const octets = reader.stringHead();
  if (octets < 0) {
    throw new Mismatch(`must be ${expectedOnWire(type)}, not ${kindOnWire(reader.peek())}`);
  }
  const start = reader.at;
  reader.at = start + octets;
  try {
    return STRICT.decode(reader.bytes.subarray(start, reader.at));
  } catch {
    throw new Mismatch(`must be ${expectedOnWire(type)}, not octets that are no UTF-8`);
  }
}

/**
 * A string that stands for something else.
 *
 * @param valueOf gives what, or `undefined` when the text is not of its form
 */
export function readText<T>(
  reader: OctetReader,
  type: ValueType,
  valueOf: (text: string) => T | undefined,
): T {
  const text = readString(reader, type);
  const value = valueOf(text);
  if (value !== undefined) return value;
  throw new Mismatch(`must be ${expectedOnWire(type)}, not ${quoted(text)}`);
}

/** Text that only people read: what is no UTF-8 in it becomes U+FFFD. */
export function lossyUtf8(bytes: Uint8Array, start: number, end: number): string {
  return LOSSY.decode(bytes.subarray(start, end));
}

/** A string that only people read, or `undefined` (and nothing is read) when the next value is none. */
export function readLossyText(reader: OctetReader): string | undefined {
  const octets = reader.stringHead();
  if (octets < 0) return undefined;
  const start = reader.at;
  reader.at = start + octets;
  return lossyUtf8(reader.bytes, start, reader.at);
}
