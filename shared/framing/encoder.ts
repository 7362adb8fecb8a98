import type { OctetWriter } from '../octets.ts';
import { faultUri, type FramingFault } from './faults.ts';
import { type Preamble, RecordType } from './records.ts';
import { sizeLength, writeSize } from './size.ts';

/** Version, Mode, Via and Encoding: everything of a preamble but its end. [MC-NMF] 2.2.3 */
export function writePreamble(out: OctetWriter, { via, mode, encoding }: Preamble): void {
  out.append(Uint8Array.of(RecordType.Version, 1, 0, RecordType.Mode, mode));
  writeText(out, RecordType.Via, via);
  if (typeof encoding === 'number') {
    out.append(Uint8Array.of(RecordType.KnownEncoding, encoding));
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

/** One of the records that are a single octet: End, PreambleEnd, PreambleAck, UpgradeResponse. */
export function writeMark(out: OctetWriter, type: number): void {
  out.u8(type);
}

/**
 * Begins a sized envelope; its payload is written next.
 *
 * The size is known only afterwards, so one octet is kept for it, which is right for payloads under
 * 128 octets; {@link endEnvelope} moves longer ones. Cheaper than encoding twice, or than a second buffer.
 *
 * @returns what `endEnvelope` wants
 */
export function beginEnvelope(out: OctetWriter): number {
  const at = out.reserve(2);
  out.bytes[at] = RecordType.SizedEnvelope;
  out.length = at + 2;
  return at + 2;
}

/** Ends the sized envelope whose payload begins at `start`. */
export function endEnvelope(out: OctetWriter, start: number): void {
  closeSize(out, start);
}

/** Begins an unsized envelope, which is sent as a single chunk. [MC-NMF] 2.2.4.2 */
export function beginUnsizedEnvelope(out: OctetWriter): number {
  const at = out.reserve(2);
  out.bytes[at] = RecordType.UnsizedEnvelope;
  out.length = at + 2;
  return at + 2;
}

/** Ends an unsized envelope: the chunk's size, and the empty chunk that says "no more". */
export function endUnsizedEnvelope(out: OctetWriter, start: number): void {
  closeSize(out, start);
  out.u8(0);
}

function closeSize(out: OctetWriter, start: number): void {
  const size = out.length - start;
  const extra = sizeLength(size) - 1;
  if (extra > 0) {
    out.reserve(extra);
    out.bytes.copyWithin(start + extra, start, out.length);
    out.length += extra;
  }
  writeSize(out.bytes, start - 1, size);
}

function writeText(out: OctetWriter, type: number, text: string): void {
  const octets = new TextEncoder().encode(text);
  const at = out.reserve(1 + sizeLength(octets.length));
  out.bytes[at] = type;
  out.length = writeSize(out.bytes, at + 1, octets.length);
  out.append(octets);
}
