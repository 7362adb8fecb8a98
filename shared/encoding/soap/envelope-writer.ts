import type { OctetWriter } from '../../octets.ts';
import { INLINE_NAMES, type NameTable, SentStrings } from '../binary-xml/session-strings.ts';
import { END, OPEN } from '../binary-xml/text-record-writer.ts';
import { BinaryXmlWriter } from '../binary-xml/writer.ts';
import type { QName } from './faults.ts';
import { NO_MESSAGE_ID, type MessageId, writeMessageId } from './message-id.ts';
import { ID } from './vocabulary.ts';
import { ValueWriter } from './write-value.ts';

/**
 * Writes the envelopes of one direction of one session, record for record as .NET writes them.
 *
 * Names that .NET has as dictionary strings (action, address, names and namespace of the contract)
 * go through the session's string table where there is one; all else is in the static dictionary or
 * written out.
 */
export class EnvelopeWriter {
  readonly xml = new BinaryXmlWriter();
  readonly names: NameTable;
  readonly values: ValueWriter;
  readonly #strings: SentStrings | undefined;
  #start = 0;

  /** @param strings the session's table (content type 8), `undefined` where there is none (7) */
  constructor(strings: SentStrings | undefined) {
    this.#strings = strings;
    this.names = strings ?? INLINE_NAMES;
    this.values = new ValueWriter(this.xml, this.names);
  }

  /** Begins a payload at the end of `out`; `finish` or `abandon` must follow. */
  begin(out: OctetWriter): void {
    this.xml.out = out;
    this.#start = out.length;
    this.#strings?.begin(out);
  }

  finish(): void {
    this.#strings?.commit(this.xml.out, this.#start);
  }

  /** Takes everything back that was written since `begin`, from the string table as well. */
  abandon(): void {
    this.#strings?.rollback();
    this.xml.out.length = this.#start;
  }

  /** Up to and with the Action header. @param isName the action is in the contract: use the table */
  open(action: string, isName: boolean): void {
    const { xml } = this;
    xml.element('s', ID.envelope);
    xml.xmlns('s', ID.soap);
    xml.xmlns('a', ID.addressing);
    xml.element('s', ID.header);
    this.#mustUnderstand(ID.action);
    this.#nameText(isName ? this.names.of(action) : action);
  }

  /** The begin of a MessageID header; its text is the caller's to write. */
  messageId(): void {
    this.xml.element('a', ID.messageId);
  }

  relatesTo(id: MessageId): void {
    if (id === NO_MESSAGE_ID) return;
    this.xml.element('a', ID.relatesTo);
    writeMessageId(this.xml, id);
  }

  replyToAnonymous(): void {
    this.xml.element('a', ID.replyTo);
    this.xml.element('a', ID.address);
    this.xml.dictionaryText(ID.anonymous, END);
    this.xml.endElement();
  }

  to(address: string): void {
    this.#mustUnderstand(ID.to);
    this.#nameText(this.names.of(address));
  }

  toAnonymous(): void {
    this.#mustUnderstand(ID.to);
    this.xml.dictionaryText(ID.anonymous, END);
  }

  /** A header that says which header was not understood: SOAP 1.2, section 5.4.8. */
  notUnderstood({ name, namespace }: QName): void {
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

  body(): void {
    this.xml.endElement();
    this.xml.element('s', ID.body);
  }

  /** The wrapper of parameters or of a result. */
  wrapper(name: string, namespace: string): void {
    this.xml.element('', this.names.of(name));
    this.xml.xmlns('', this.names.of(namespace));
  }

  /** The ends of the body's only element, of the body and of the envelope. */
  close(): void {
    this.xml.endElement();
    this.xml.endElement();
    this.xml.endElement();
  }

  #mustUnderstand(header: number): void {
    this.xml.element('a', header);
    this.xml.attribute('s', ID.mustUnderstand);
    this.xml.text('1', OPEN);
  }

  #nameText(name: number | string): void {
    if (typeof name === 'number') this.xml.dictionaryText(name, END);
    else this.xml.text(name, END);
  }
}
