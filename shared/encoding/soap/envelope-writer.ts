import type { MessageHeader } from '../../contract/header.ts';
import type { QName } from '../../contract/types/type-names.ts';
import type { OctetWriter } from '../../octets.ts';
import {
  INLINE_NAMES,
  type SentStrings,
  type WireName,
  type WireNames,
} from '../binary-xml/session-strings.ts';
import { END, OPEN } from '../binary-xml/text-record-writer.ts';
import { BinaryXmlWriter } from '../binary-xml/writer.ts';
import type { SecurityHeader } from '../message-security.ts';
import { writeHeaders } from './headers/write-headers.ts';
import { NO_MESSAGE_ID, type MessageId, writeMessageId } from './message-id.ts';
import { SID } from './security/vocabulary.ts';
import { writeSecurityHeader } from './security/write-header.ts';
import { ANONYMOUS, ID } from './vocabulary.ts';
import { ValueWriter } from './values/write-value.ts';

interface RequestHeaders {
  /** A string goes through the string table, unless it is none of the contract's. */
  readonly action: WireName;
  readonly isForeign?: boolean;
  /** The endpoint's address. */
  readonly to: string;
  /** Writes the id as text that ends its element; `undefined` if no answer is due. */
  readonly messageId: ((out: OctetWriter) => void) | undefined;
  /** Those of the application. */
  readonly headers?: readonly MessageHeader[] | undefined;
  /** Where the answer goes; `undefined`: back on the session. */
  readonly replyTo?: string | undefined;
  /** What the message says of its sender. */
  readonly security?: SecurityHeader | undefined;
}

export interface ReplyHeaders {
  readonly action: WireName;
  /** The action is one of the contract: it goes through the string table. */
  readonly isInContract: boolean;
  readonly relatesTo: MessageId;
  /** Those of the application. */
  readonly headers?: readonly MessageHeader[] | undefined;
  /** Headers of the request that had to be understood and were not. */
  readonly notUnderstood?: readonly QName[] | undefined;
  /** Duplex mode only: whom the answer is for. A client is `ANONYMOUS`. */
  readonly to: string | undefined;
  /** What the message says of its sender. */
  readonly security?: SecurityHeader | undefined;
}

/**
 * Writes the envelopes of one direction of one session, record for record as .NET writes them.
 *
 * Names that .NET has as dictionary strings (action, address, names and namespace of the contract)
 * go through the session's string table, if there is one; all else is in the static dictionary or
 * written out.
 */
export class EnvelopeWriter {
  readonly xml = new BinaryXmlWriter();
  readonly names: WireNames;
  readonly values: ValueWriter;
  readonly #strings: SentStrings | undefined;
  #start = 0;

  /** @param strings the session's table (content type 8), `undefined` where there is none (7) */
  constructor(strings: SentStrings | undefined, limits: { readonly maxDepth: number }) {
    this.#strings = strings;
    this.names = strings ?? INLINE_NAMES;
    this.values = new ValueWriter(this.xml, this.names, limits);
  }

  /**
   * Writes a request, or a one-way message if there is no `messageId`, at the end of `out`.
   *
   * @param body writes the content of the Body
   * @throws whatever `body` throws; `out` and the string table are then as they were before
   */
  request(out: OctetWriter, headers: RequestHeaders, body: () => void): void {
    const { action, to, messageId, replyTo, security, isForeign } = headers;
    this.#begin(out);
    try {
      const isName = isForeign !== true && typeof action === 'string';
      this.#open(isName ? this.names.of(action) : action, security);
      if (headers.headers !== undefined) writeHeaders(this, headers.headers);
      if (messageId !== undefined) {
        this.xml.element('a', ID.messageId);
        messageId(out);
        this.#replyTo(replyTo);
      }
      this.#to(to);
      this.#close(security, body);
    } catch (error) {
      this.#abandon();
      throw error;
    }
  }

  /** The same for a reply: a result or a fault. */
  reply(out: OctetWriter, headers: ReplyHeaders, body: () => void): void {
    const { action, isInContract, relatesTo, notUnderstood, to, security } = headers;
    this.#begin(out);
    try {
      const isName = isInContract && typeof action === 'string';
      this.#open(isName ? this.names.of(action) : action, security);
      for (const header of notUnderstood ?? []) this.#notUnderstood(header);
      this.#relatesTo(relatesTo);
      if (headers.headers !== undefined) writeHeaders(this, headers.headers);
      if (to !== undefined) this.#to(to);
      this.#close(security, body);
    } catch (error) {
      this.#abandon();
      throw error;
    }
  }

  /** The wrapper of parameters or of a result: the only element of a Body. */
  wrapper(name: string, namespace: string): void {
    this.xml.element('', this.names.of(name));
    this.xml.xmlns('', this.names.of(namespace));
  }

  #begin(out: OctetWriter): void {
    this.xml.out = out;
    this.#start = out.length;
    this.#strings?.begin(out);
  }

  /** Takes back everything written since `#begin`, in the string table, too. */
  #abandon(): void {
    this.#strings?.rollback();
    this.xml.out.length = this.#start;
  }

  /** Writes up to and including the Action header. */
  #open(action: WireName, security: SecurityHeader | undefined): void {
    const { xml } = this;
    xml.element('s', ID.envelope);
    xml.xmlns('s', ID.soap);
    xml.xmlns('a', ID.addressing);
    if (security !== undefined) xml.xmlns('u', SID.utility);
    xml.element('s', ID.header);
    this.#mustUnderstand(ID.action);
    this.#nameText(action);
  }

  /** Writes from the last header to the end of the envelope. */
  #close(security: SecurityHeader | undefined, body: () => void): void {
    const { xml } = this;
    if (security !== undefined) writeSecurityHeader(xml, security);
    xml.endElement();
    xml.element('s', ID.body);
    body();
    xml.endElement();
    xml.endElement();
    this.#strings?.commit(xml.out, this.#start);
  }

  #replyTo(address: string | undefined): void {
    this.xml.element('a', ID.replyTo);
    this.xml.element('a', ID.address);
    if (address === undefined) this.xml.dictionaryText(ID.anonymous, END);
    else this.xml.text(address, END);
    this.xml.endElement();
  }

  #to(address: string): void {
    this.#mustUnderstand(ID.to);
    this.#nameText(address === ANONYMOUS ? ID.anonymous : this.names.of(address));
  }

  #relatesTo(id: MessageId): void {
    if (id === NO_MESSAGE_ID) return;
    this.xml.element('a', ID.relatesTo);
    writeMessageId(this.xml, id);
  }

  /** A header that says which header was not understood: SOAP 1.2, section 5.4.8. */
  #notUnderstood({ name, namespace }: QName): void {
    const { xml } = this;
    xml.element('s', ID.notUnderstood);
    xml.attribute('', 'qname');
    if (namespace === '') xml.text(name, OPEN);
    else {
      xml.text(`h:${name}`, OPEN);
      xml.xmlns('h', namespace);
    }
    xml.endElement();
  }

  #mustUnderstand(header: number): void {
    this.xml.element('a', header);
    this.xml.attribute('s', ID.mustUnderstand);
    this.xml.text('1', OPEN);
  }

  #nameText(name: WireName): void {
    if (typeof name === 'number') this.xml.dictionaryText(name, END);
    else this.xml.text(name, END);
  }
}
