/**
 * The records of .NET message framing. [MC-NMF] 2.2; names are the specification's.
 */

/** First octet of each record. [MC-NMF] 2.2.1 */
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

/** Mode octet. [MC-NMF] 2.2.3.2 */
export const Mode = {
  /** "Streamed": one message each way. */
  SingletonUnsized: 0x01,
  /** "Buffered": any number of messages each way. */
  Duplex: 0x02,
  Simplex: 0x03,
  SingletonSized: 0x04,
} as const;

/** Known encodings that this suite speaks. [MC-NMF] 2.2.3.4.1 */
export const KnownEncoding = {
  /** `application/soap+msbin1` */
  Binary: 0x07,
  /** `application/soap+msbinsession1` */
  BinarySession: 0x08,
} as const;

/** An encoding as a preamble names it: a known one's octet, or a content type. */
export type EncodingName = number | string;

/** A record that was read. Envelope payloads lie in `bytes` from `start` to `end`, not copied. */
export type FramingRecord =
  | { readonly type: 'version'; readonly major: number; readonly minor: number }
  | { readonly type: 'mode'; readonly mode: number }
  | { readonly type: 'via'; readonly via: string }
  | { readonly type: 'encoding'; readonly encoding: EncodingName }
  | EnvelopeRecord
  | { readonly type: 'end' }
  | { readonly type: 'fault'; readonly fault: string }
  | { readonly type: 'upgrade-request'; readonly upgrade: string }
  | { readonly type: 'upgrade-response' }
  | { readonly type: 'preamble-ack' }
  | { readonly type: 'preamble-end' };

export interface EnvelopeRecord {
  readonly type: 'sized-envelope' | 'unsized-envelope';
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** What an initiator says before its first message. [MC-NMF] 2.2.3.1 to 2.2.3.4 */
export interface Preamble {
  readonly via: string;
  readonly mode: number;
  readonly encoding: EncodingName;
}
