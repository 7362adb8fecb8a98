import { NetTcpError } from '../errors.ts';
import type { OctetWriter } from '../octets.ts';
import { faultUri, type FramingFault } from './faults.ts';
import { type Preamble, RecordType } from './records.ts';
import { sizeLength, writeSize } from './size.ts';

/** Version, Mode, Via and Encoding: all of a preamble except its end. [MC-NMF] 2.2.3 */
export function writePreamble(out: OctetWriter, { via, mode, encoding }: Preamble): void {
  for (const octet of [RecordType.Version, 1, 0, RecordType.Mode, mode]) out.u8(octet);
  writeText(out, RecordType.Via, via);
  if (typeof encoding === 'number') {
    out.u8(RecordType.KnownEncoding);
    out.u8(encoding);
  } else {
    writeText(out, RecordType.ExtensibleEncoding, encoding);
  }
}

export function writeUpgradeRequest(out: OctetWriter, upgrade: string): void {
  writeText(out, RecordType.UpgradeRequest, upgrade);
}

/** A fault record. Nothing may follow it. [MC-NMF] 2.2.3.5 */
export function writeFault(out: OctetWriter, fault: FramingFault): void {
  writeText(out, RecordType.Fault, faultUri(fault));
}

/** One of the records that are a single byte: End, PreambleEnd, PreambleAck, UpgradeResponse. */
export function writeMark(out: OctetWriter, type: number): void {
  out.u8(type);
}

/** Bytes of an envelope before its payload: its type, and a size of one byte. */
const HEADER_OCTETS = 2;

/**
 * Begins an envelope; its payload is written next.
 *
 * The size is known only afterwards, so one byte is kept for it, which is right for payloads under 128 bytes;
 * {@link endEnvelope} moves longer ones, or what precedes them. That is cheaper than encoding twice, or than a second
 * buffer.
 *
 * @param type `SizedEnvelope`, or `UnsizedEnvelope`, which is sent as a single chunk. [MC-NMF] 2.2.4
 * @throws {NetTcpError} `Usage` while another is being written: a value's own code, a getter, asks for this one
 */
export function beginEnvelope(out: OctetWriter, type: number = RecordType.SizedEnvelope): void {
  if (out.messageAt !== 0) throw insideAnother();
  const at = out.reserve(HEADER_OCTETS);
  out.bytes[at] = type;
  out.length = at + HEADER_OCTETS;
  out.messageAt = out.length;
}

/** Ends the envelope that was begun; an unsized one also gets an empty chunk, its last. */
export function endEnvelope(out: OctetWriter): void {
  const type = out.bytes[out.messageAt - HEADER_OCTETS];
  closeSize(out, out.messageAt);
  if (type === RecordType.UnsizedEnvelope) out.u8(0);
  endMessage(out);
}

/** Ends the first chunk of the unsized envelope that was begun; more chunks follow. */
export function endFirstChunk(out: OctetWriter): void {
  closeSize(out, out.messageAt);
  endMessage(out);
}

/** The beginning of a chunk of so many bytes, with those that are first among them. */
export function beginChunk(size: number, first: Uint8Array): Uint8Array {
  const head = new Uint8Array(sizeLength(size) + first.length);
  head.set(first, writeSize(head, 0, size));
  return head;
}

/** Removes the envelope that was begun, and all that was written of it. */
export function dropEnvelope(out: OctetWriter): void {
  out.length = out.messageAt - HEADER_OCTETS;
  endMessage(out);
}

function endMessage(out: OctetWriter): void {
  const { later } = out;
  out.messageAt = 0;
  if (later === undefined) return;
  out.later = undefined;
  out.append(later.bytes.subarray(0, later.length));
}

function insideAnother(): NetTcpError {
  const text =
    'This call was made by a value that is being sent, such as a getter, in the session that it is sent in. Make it before.';
  return new NetTcpError('Usage', text);
}

function closeSize(out: OctetWriter, start: number): void {
  const size = out.length - start;
  const extra = sizeLength(size) - 1;
  if (extra === 0) return void writeSize(out.bytes, start - 1, size);
  // What precedes a long payload is moved, and not the payload, where there is a gap before it.
  const isGapUsed = extra <= out.start && start - out.start <= size;
  if (isGapUsed) {
    out.bytes.copyWithin(out.start - extra, out.start, start - 1);
    out.start -= extra;
  } else {
    out.reserve(extra);
    out.bytes.copyWithin(start + extra, start, out.length);
    out.length += extra;
  }
  writeSize(out.bytes, isGapUsed ? start - 1 - extra : start - 1, size);
}

function writeText(out: OctetWriter, type: number, text: string): void {
  out.u8(type);
  const at = out.length;
  const size = writeUtf8(out, text);
  // The size precedes the text, and takes a byte for each 7 bits.
  const room = sizeLength(size);
  out.reserve(room);
  out.bytes.copyWithin(at + room, at, at + size);
  writeSize(out.bytes, at, size);
  out.length = at + room + size;
}

/** Most texts are short and ASCII: writing them by hand takes a third of the time of `encodeInto`. */
function writeUtf8(out: OctetWriter, text: string): number {
  const { length } = text;
  const at = out.reserve(length);
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index);
    if (code >= 0x80) return out.utf8(text);
    out.bytes[at + index] = code;
  }
  out.length = at + length;
  return length;
}
