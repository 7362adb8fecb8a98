import { parseGuid } from '../../contract/types/text/number-text.ts';
import type { OctetWriter } from '../../octets.ts';
import { guidOctets } from '../binary-xml/lexical-octets.ts';
import type { BinaryXmlReader } from '../binary-xml/reader.ts';
import { TEXT } from '../binary-xml/records.ts';
import { END } from '../binary-xml/text-record-writer.ts';
import type { BinaryXmlWriter } from '../binary-xml/writer.ts';

/**
 * A WS-Addressing message id as codecs hand it around: `u` and 8 characters, one for two bytes, if it is
 * a `urn:uuid:` (in practice they all are); otherwise `t` and the text. Writing a GUID as text, only to
 * read it again for the answer, would be a large part of a message's cost.
 */
export type MessageId = string;

/** The id of a message that has none. */
export const NO_MESSAGE_ID: MessageId = '';

/** The `u` of an id that is a GUID. */
const GUID = 0x75;
export const GUID_OCTETS = 16;
const URN = 'urn:uuid:';

/** Reads the content of the header at which the reader stands, to its end. */
export function readMessageId(reader: BinaryXmlReader): MessageId {
  reader.read();
  if (reader.kind === 'text' && reader.text.type === TEXT.uniqueId && reader.text.endsElement) {
    const id = fromOctets(reader.cursor.view, reader.text.start);
    reader.read();
    return id;
  }
  const text = (reader.restOfText() ?? '').trim();
  if (text === '') return NO_MESSAGE_ID;
  const guid = text.startsWith(URN) ? parseGuid(text.slice(URN.length)) : undefined;
  return guid === undefined ? `t${text}` : fromOctets(new DataView(guidOctets(guid).buffer), 0);
}

/** The id in the 16 bytes from `at`. */
export function messageIdAt({ view }: { readonly view: DataView }, at: number): MessageId {
  return fromOctets(view, at);
}

/** Where the 16 bytes lie of the id that was just read; `undefined` for one that came as text. */
export function placeOfId({ text }: BinaryXmlReader, id: MessageId): number | undefined {
  return id.charCodeAt(0) === GUID && text.type === TEXT.uniqueId ? text.start : undefined;
}

/** Writes an id that {@link readMessageId} read, as text that ends its element. */
export function writeMessageId(writer: BinaryXmlWriter, id: MessageId): void {
  if (id.charCodeAt(0) !== GUID) return writer.text(id.slice(1), END);
  const { out } = writer;
  out.u8(TEXT.uniqueId | END);
  const at = out.reserve(GUID_OCTETS);
  for (let index = 0; index < 8; index++) {
    out.view.setUint16(at + 2 * index, id.charCodeAt(index + 1));
  }
  out.length = at + GUID_OCTETS;
}

function fromOctets(view: DataView, at: number): MessageId {
  // Written out, this is one call; a loop or a spread takes ten times as long.
  return String.fromCharCode(
    GUID,
    view.getUint16(at),
    view.getUint16(at + 2),
    view.getUint16(at + 4),
    view.getUint16(at + 6),
    view.getUint16(at + 8),
    view.getUint16(at + 10),
    view.getUint16(at + 12),
    view.getUint16(at + 14),
  );
}

/** The bytes of a message id that name its session; the last four name the call. */
const SESSION_OCTETS = 12;

/**
 * The message ids of one client session: 12 bytes unique to it, and the number of the call, so that an
 * answer's RelatesTo alone tells which call it answers.
 */
export class CallIds {
  readonly #session: Uint8Array;
  readonly #prefix: MessageId;

  /** @param session 12 bytes */
  constructor(session: Uint8Array) {
    this.#session = session;
    const octets = new Uint8Array(GUID_OCTETS);
    octets.set(session);
    this.#prefix = fromOctets(new DataView(octets.buffer), 0).slice(0, 1 + SESSION_OCTETS / 2);
  }

  /** Writes the id of a call as text that ends its element. @param call 0 to 2^32 − 1 */
  write(out: OctetWriter, call: number): void {
    out.u8(TEXT.uniqueId | END);
    out.append(this.#session);
    const at = out.reserve(4);
    out.view.setUint32(at, call);
    out.length = at + 4;
  }

  /** The call that an id was written for; `undefined` for an id of another session. */
  callOf(id: MessageId): number | undefined {
    if (!id.startsWith(this.#prefix)) return undefined;
    const high = id.charCodeAt(1 + SESSION_OCTETS / 2);
    return high * 0x1_0000 + id.charCodeAt(2 + SESSION_OCTETS / 2);
  }
}

/** 12 bytes that, with any four after them, are a random GUID (RFC 9562, version 4). */
export function randomSession(): Uint8Array {
  const octets = crypto.getRandomValues(new Uint8Array(SESSION_OCTETS));
  octets[7] = ((octets[7] ?? 0) & 0x0f) | 0x40;
  octets[8] = ((octets[8] ?? 0) & 0x3f) | 0x80;
  return octets;
}
