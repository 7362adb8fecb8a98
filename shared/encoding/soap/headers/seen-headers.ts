import { copyOctets } from '../../../octets.ts';
import type { Cursor } from '../../binary-xml/cursor.ts';
import type { Beginning, BinaryXmlReader } from '../../binary-xml/reader.ts';
import { GUID_OCTETS, type MessageId, messageIdAt, NO_MESSAGE_ID } from '../message-id.ts';

/** What the Header of a message says of its call. */
export interface Addressing {
  action: string | undefined;
  to: string | undefined;
  messageId: MessageId;
  relatesTo: MessageId;
}

/** A Header that has been read. */
interface Seen extends Readonly<Addressing> {
  /** The envelope from its first byte to the end of the Header. */
  readonly bytes: Uint8Array;
  readonly beginning: Beginning;
  /** Where in `bytes` the id lies, which differs from message to message; their end, if there is none. */
  readonly idAt: number;
}

/** A session has a few operations, each with an answer, and calls them again and again. */
const MOST_SEEN = 4;
/** Bytes of a Header. Those of WCF take 60, and 250 with all their names; so much a session may keep. */
const MOST_BYTES = 512;

/**
 * The last Headers of a session that named a call and nothing else. Nearly every message has one of them, but for
 * its id: to compare the bytes takes a tenth of the time of reading them, a third of what a call costs its service.
 */
export class SeenHeaders {
  readonly #seen: Seen[] = [];
  /** The place of the next one. */
  #next = 0;

  /**
   * Reads a Header that was kept: moves the reader to its end.
   *
   * @param xml at the beginning of an envelope
   * @param said where it is to be said
   * @returns false if there is none: then nothing has happened
   */
  recall(xml: BinaryXmlReader, said: Addressing): boolean {
    const { cursor } = xml;
    for (const { bytes, beginning, idAt, action, to, messageId, relatesTo } of this.#seen) {
      if (bytes.length > cursor.end - cursor.at) continue;
      const isSame =
        hasSame(cursor, bytes, 0, idAt) && hasSame(cursor, bytes, idAt + GUID_OCTETS, bytes.length);
      if (!isSame) continue;
      const id = idAt < bytes.length ? messageIdAt(cursor, cursor.at + idAt) : NO_MESSAGE_ID;
      said.action = action;
      said.to = to;
      said.messageId = messageId === NO_MESSAGE_ID ? NO_MESSAGE_ID : id;
      said.relatesTo = relatesTo === NO_MESSAGE_ID ? NO_MESSAGE_ID : id;
      xml.pass(beginning);
      return true;
    }
    return false;
  }

  /**
   * Keeps a Header that was read and has nothing but what `said` holds.
   *
   * @param xml at the end of the Header
   * @param start where the envelope begins
   * @param idAt where the 16 bytes of its id lie; `undefined` if it has none, or came as text
   */
  keep(xml: BinaryXmlReader, start: number, said: Addressing, idAt: number | undefined): void {
    const { action, to, messageId, relatesTo } = said;
    const ids = [messageId, relatesTo].filter((id) => id !== NO_MESSAGE_ID).length;
    if (ids !== (idAt === undefined ? 0 : 1)) return;
    const beginning = xml.beginning(start);
    if (beginning === undefined || beginning.length > MOST_BYTES) return;
    const bytes = copyOctets(xml.cursor.bytes, start, xml.cursor.at);
    const at = idAt === undefined ? bytes.length : idAt - start;
    this.#seen[this.#next] = { bytes, beginning, idAt: at, action, to, messageId, relatesTo };
    this.#next = (this.#next + 1) % MOST_SEEN;
  }
}

/** Whether the bytes at the cursor are these, from index `from` up to `to`. */
function hasSame(cursor: Cursor, bytes: Uint8Array, from: number, to: number): boolean {
  const { bytes: others, at } = cursor;
  for (let index = from; index < to; index++) {
    if (bytes[index] !== others[at + index]) return false;
  }
  return true;
}
