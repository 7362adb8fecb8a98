import { isErrorCode, type ErrorCode } from '../../errors.ts';
import type { OctetWriter } from '../../octets.ts';
import { cut, printableLines } from '../../printable.ts';
import type { Fault } from '../encoding.ts';
import { type OctetReader, skip } from './octet-reader.ts';
import { readLossyText } from './read-scalar.ts';
import { showValue } from './show-message.ts';
import { writeMapHead, writeString } from './write-octets.ts';

/** Arrays that are open around the error of a response. */
const DEPTH = 1;

/** Writes a fault as `{"code": …, "message": …}`, and `"detail"` where it has one; texts are cut. */
export function writeFaultSlot(out: OctetWriter, fault: Fault, maxChars: number): void {
  const { code, message, detail } = fault;
  writeMapHead(out, detail === undefined ? 2 : 3);
  writeString(out, 'code');
  writeString(out, code);
  writeString(out, 'message');
  writeString(out, cut(message, maxChars));
  if (detail === undefined) return;
  writeString(out, 'detail');
  writeString(out, cut(detail, maxChars));
}

/**
 * Reads the error of a response. Ours is a map; other implementations send a string, a number, an
 * array or a map of their own, and those become a `Fault` whose message shows them.
 *
 * @throws {NetTcpError} `Protocol` when it is cut short, nested too deep or contains 0xc1
 */
export function readFaultSlot(reader: OctetReader, maxChars: number): Fault {
  const start = reader.at;
  skip(reader, DEPTH); // from here on it is known to be well-formed
  const end = reader.at;
  reader.at = start;
  const entries = textEntries(reader);
  reader.at = start;
  const message = entries.get('message') ?? showValue(reader);
  reader.at = end;
  const detail = entries.get('detail');
  return {
    code: codeOf(entries.get('code')),
    message: printableLines(message, maxChars),
    ...(detail === undefined ? {} : { detail: printableLines(detail, maxChars) }),
  };
}

/** A code of the future, or of another implementation, is a fault like any other. */
function codeOf(code: string | undefined): ErrorCode {
  return isErrorCode(code) ? code : 'Fault';
}

/** Those entries of a map whose key and value are strings; none for any other value. */
function textEntries(reader: OctetReader): Map<string, string> {
  const entries = new Map<string, string>();
  const pairs = reader.mapHead();
  for (let pair = 0; pair < pairs; pair++) {
    const key = textOrSkip(reader);
    const value = textOrSkip(reader);
    if (key !== undefined && value !== undefined) entries.set(key, value);
  }
  return entries;
}

function textOrSkip(reader: OctetReader): string | undefined {
  const text = readLossyText(reader);
  if (text === undefined) skip(reader, DEPTH + 1);
  return text;
}
