// .NET message framing, as far as it is spoken here. [MC-NMF] 2.2; names are the specification's. Two digits are a
// byte, `size` is what readSize reads, `text` is a size and as many bytes of UTF-8.
//
//     connection  = 1*session                              ; one after the other, each way
//     initiator   = preamble *upgrade preamble-end messages end
//     receiver    = *upgrade-response preamble-ack messages end | fault
//
//     preamble    = version mode via encoding
//     version     = 00 major minor                         ; 1.0
//     mode        = 01 ( 01 | 02 | 03 | 04 )               ; 01 singleton-unsized, 02 duplex; 03, 04 not here
//     via         = 02 text                                ; the endpoint's address
//     encoding    = 03 byte | 04 text                      ; known, or a content type
//     upgrade     = 09 text                                ; such as application/ssl-tls; answered by 0A, and then
//     upgrade-response = 0A                                ;   everything goes through the upgraded stream
//     preamble-end     = 0C                                ; no message before it is acknowledged
//     preamble-ack     = 0B
//
//     messages    = *sized-envelope                        ; duplex: any number each way
//                 | unsized-envelope                       ; singleton: one each way
//     sized-envelope   = 06 size *byte
//     unsized-envelope = 05 *( size 1*byte ) 00            ; chunks, and an empty one
//     end         = 07
//     fault       = 08 text                                ; a URI, instead of any record; nothing follows it
//
// session-end.ts and decoder.ts read it, encoder.ts writes it; the machines in session/ decide which record may
// come when.

import { rawText, type Untrusted } from '../printable.ts';

/** First byte of each record. [MC-NMF] 2.2.1 */
export const RecordType = {
  Version: 0x00,
  Mode: 0x01,
  Via: 0x02,
  KnownEncoding: 0x03,
  ExtensibleEncoding: 0x04,
  UnsizedEnvelope: 0x05,
  SizedEnvelope: 0x06,
  End: 0x07,
  Fault: 0x08,
  UpgradeRequest: 0x09,
  UpgradeResponse: 0x0a,
  PreambleAck: 0x0b,
  PreambleEnd: 0x0c,
} as const;

/** Mode byte. [MC-NMF] 2.2.3.2 */
export const Mode = {
  /** "Streamed": one message each way. */
  SingletonUnsized: 0x01,
  /** "Buffered": any number of messages each way. */
  Duplex: 0x02,
  Simplex: 0x03,
  SingletonSized: 0x04,
} as const;

/** The type of the records that carry messages in this mode. */
export function envelopeType(mode: number): number {
  return mode === Mode.SingletonUnsized ? RecordType.UnsizedEnvelope : RecordType.SizedEnvelope;
}

/** Known encodings that this suite speaks. [MC-NMF] 2.2.3.4.1 */
export const KnownEncoding = {
  /** `application/soap+msbin1` */
  Binary: 0x07,
  /** `application/soap+msbinsession1` */
  BinarySession: 0x08,
} as const;

/** An encoding as a preamble names it: the byte of a known one, or a content type. */
export type EncodingName = number | string;

/** {@link EncodingName} as a peer's preamble has it. */
type ReceivedEncoding = number | Untrusted;

/** A record that was read. The payload of an envelope lies in `bytes` from `start` to `end`. */
export type FramingRecord =
  | { readonly type: 'version'; readonly major: number; readonly minor: number }
  | { readonly type: 'mode'; readonly mode: number }
  | { readonly type: 'via'; readonly via: Untrusted }
  | { readonly type: 'encoding'; readonly encoding: ReceivedEncoding }
  | EnvelopeRecord
  | EnvelopePart
  | { readonly type: 'end' }
  | { readonly type: 'fault'; readonly fault: Untrusted }
  | { readonly type: 'upgrade-request'; readonly upgrade: Untrusted }
  | { readonly type: 'upgrade-response' }
  | { readonly type: 'preamble-ack' }
  | { readonly type: 'preamble-end' };

export interface EnvelopeRecord {
  readonly type: 'sized-envelope' | 'unsized-envelope';
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** A piece of an unsized envelope, cut where the bytes happened to arrive; the last one is empty. */
export interface EnvelopePart {
  readonly type: 'envelope-part';
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly isLast: boolean;
}

/** What an initiator sends before its first message. [MC-NMF] 2.2.3.1 to 2.2.3.4 */
export interface Preamble {
  readonly via: string;
  readonly mode: number;
  readonly encoding: EncodingName;
}

/** {@link Preamble} as a receiver has read it. */
export interface ReceivedPreamble {
  readonly via: Untrusted;
  readonly mode: number;
  readonly encoding: ReceivedEncoding;
}

/** A preamble to the letter, for routing and passing on. Its texts are not fit to be shown. */
export function rawPreamble({ via, mode, encoding }: ReceivedPreamble): Preamble {
  return {
    via: rawText(via),
    mode,
    encoding: typeof encoding === 'number' ? encoding : rawText(encoding),
  };
}
