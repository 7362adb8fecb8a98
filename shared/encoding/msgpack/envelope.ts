import { NetTcpError } from '../../errors.ts';
import type { OctetWriter } from '../../octets.ts';
import type { RequestId } from '../encoding.ts';
import * as format from './formats.ts';
import { malformed, type OctetReader } from './octet-reader.ts';
import { readUint32 } from './read-scalar.ts';
import { writeInteger } from './write-octets.ts';

/**
 * Kinds of messages, the first element of each:
 * `[0, msgid, method, params]`, `[1, msgid, error, result]`, `[2, method, params]`. A message with headers
 * has them as a further element.
 *
 * @see https://github.com/msgpack-rpc/msgpack-rpc/blob/master/spec.md
 */
export const REQUEST = 0;
export const RESPONSE = 1;
export const NOTIFICATION = 2;
/** Added to the kind of a message that has headers. */
export const WITH_HEADERS = 4;

/** Reads a message's kind, with {@link WITH_HEADERS}; the msgid or, in a notification, the method comes next. */
export function readKind(reader: OctetReader): number {
  const elements = reader.arrayHead();
  const kind = elements < 1 ? -1 : readUint32(reader);
  if (elements === 4 && (kind === REQUEST || kind === RESPONSE)) return kind;
  if (elements === 3 && kind === NOTIFICATION) return kind;
  if (elements === 5 && (kind === REQUEST || kind === RESPONSE)) return kind | WITH_HEADERS;
  if (elements === 4 && kind === NOTIFICATION) return kind | WITH_HEADERS;
  throw malformed('is not a MessagePack-RPC request, response or notification');
}

/** 0 to 2^32 − 1. */
export function readMessageId(reader: OctetReader): number {
  const id = readUint32(reader);
  if (id < 0) throw malformed('has an id that is not an integer from 0 to 4294967295');
  return id;
}

/**
 * Begins a request or response.
 *
 * @throws {NetTcpError} `Internal` for an id that is not a whole number from 0 to 2^32 − 1
 */
export function writeEnvelope(
  out: OctetWriter,
  kind: typeof REQUEST | typeof RESPONSE,
  id: RequestId,
  hasHeaders: boolean,
): void {
  if (typeof id !== 'number' || id >>> 0 !== id) {
    throw new NetTcpError('Internal', `a message id must be 0 to 4294967295, not ${id}`);
  }
  const at = out.reserve(2);
  out.bytes[at] = format.FIXARRAY | (hasHeaders ? 5 : 4);
  out.bytes[at + 1] = kind;
  out.length = at + 2;
  writeInteger(out, id);
}

/** Begins a notification. */
export function writeNotification(out: OctetWriter, hasHeaders: boolean): void {
  out.u8(format.FIXARRAY | (hasHeaders ? 4 : 3));
  out.u8(NOTIFICATION);
}
