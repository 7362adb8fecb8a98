import type { Operation } from '../../contract/contract.ts';
import type { QName } from '../../contract/types/type-names.ts';
import type { Field } from '../../contract/types/types.ts';
import type { OctetWriter } from '../../octets.ts';
import {
  INLINE_NAMES,
  type SentStrings,
  type WireName,
  type WireNames,
} from '../binary-xml/session-strings.ts';
import { END, OPEN } from '../binary-xml/text-record-writer.ts';
import { BinaryXmlWriter, octetsOf } from '../binary-xml/writer.ts';
import type { SecurityHeader } from '../message-security.ts';
import { type CallIds, NO_MESSAGE_ID, type MessageId, writeMessageId } from './message-id.ts';
import { SID } from './security/vocabulary.ts';
import { writeSecurityHeader } from './security/write-header.ts';
import { ANONYMOUS, ID } from './vocabulary.ts';
import { ValueWriter } from './values/write-value.ts';
import { declareSchemas, XmlValueWriter } from './xml-serializer/write-xml-value.ts';

// What is the same in every envelope is written once: to copy it takes a third of the time.
const OPENING = octetsOf((xml) => open(xml, false));
const SECURED_OPENING = octetsOf((xml) => open(xml, true));
const TO = octetsOf((xml) => mustUnderstand(xml, ID.to));
const TO_ANONYMOUS = octetsOf((xml) => {
  mustUnderstand(xml, ID.to);
  xml.dictionaryText(ID.anonymous, END);
});
const REPLY_TO_ANONYMOUS = octetsOf((xml) => {
  xml.element('a', ID.replyTo);
  xml.element('a', ID.address);
  xml.dictionaryText(ID.anonymous, END);
  xml.endElement();
});
const BODY = octetsOf((xml) => {
  xml.endElement();
  xml.element('s', ID.body);
});

/** Writes what a Body holds. */
export interface BodyWriter {
  /** Begins the element around parameters, results or parts. */
  wrapper(name: string, namespace: string): void;
  /**
   * Writes one of them, in its element.
   *
   * @param outside the default namespace in force, if any
   * @throws {Mismatch} that says where in the value something is not of its type
   */
  part(field: Field, value: unknown, outside: string | undefined): void;
}

/**
 * Writes the envelopes of one direction of one session, record for record as .NET writes them:
 *
 *     begin, the other headers, body, what it holds, end; or abandon, if one of them throws
 *
 * Names that .NET has as dictionary strings (action, address, names and namespace of the contract)
 * go through the session's string table, if there is one; all else is in the static dictionary or
 * written out.
 */
export class EnvelopeWriter implements BodyWriter {
  readonly xml = new BinaryXmlWriter();
  readonly names: WireNames;
  readonly values: ValueWriter;
  readonly #strings: SentStrings | undefined;
  readonly #limits: { readonly maxDepth: number };
  #xmlValues: XmlValueWriter | undefined;
  #start = 0;

  /** @param strings the session's table (content type 8), `undefined` where there is none (7) */
  constructor(strings: SentStrings | undefined, limits: { readonly maxDepth: number }) {
    this.#strings = strings;
    this.#limits = limits;
    this.names = strings ?? INLINE_NAMES;
    this.values = new ValueWriter(this.xml, this.names, limits);
  }

  /**
   * Begins an envelope at the end of `out`, up to its Action.
   *
   * @param isInContract an action that is one of the contract goes through the string table
   * @param isSecured the same as in {@link body}
   */
  begin(out: OctetWriter, action: WireName, isInContract: boolean, isSecured: boolean): void {
    this.xml.out = out;
    this.#start = out.length;
    this.#strings?.begin(out);
    out.append(isSecured ? SECURED_OPENING : OPENING);
    this.#nameText(isInContract && typeof action === 'string' ? this.names.of(action) : action);
  }

  /** @param id of the call that this answers */
  relatesTo(id: MessageId): void {
    if (id === NO_MESSAGE_ID) return;
    this.xml.element('a', ID.relatesTo);
    writeMessageId(this.xml, id);
  }

  messageId(ids: CallIds, call: number): void {
    this.xml.element('a', ID.messageId);
    ids.write(this.xml.out, call);
  }

  /** @param address where the answer goes; `undefined`: back on the session */
  replyTo(address: string | undefined): void {
    const { xml } = this;
    if (address === undefined) return xml.out.append(REPLY_TO_ANONYMOUS);
    xml.element('a', ID.replyTo);
    xml.element('a', ID.address);
    xml.text(address, END);
    xml.endElement();
  }

  /** @param address whom the message is for */
  to(address: string): void {
    const { out } = this.xml;
    if (address === ANONYMOUS) return out.append(TO_ANONYMOUS);
    out.append(TO);
    this.#nameText(this.names.of(address));
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

  /** Ends the headers, and begins the Body. @param security what the message says of its sender */
  body(security: SecurityHeader | undefined): void {
    if (security !== undefined) writeSecurityHeader(this.xml, security);
    this.xml.out.append(BODY);
  }

  /** Begins what a Body of an operation holds. */
  bodyOf({ format, namespace }: Operation): BodyWriter {
    if (format !== 'xmlSerializer') return this;
    declareSchemas(this.xml);
    return this.xmlValues.in(namespace);
  }

  /** What writes in the format xmlSerializer. */
  get xmlValues(): XmlValueWriter {
    return (this.#xmlValues ??= new XmlValueWriter(this.xml, this.#limits));
  }

  wrapper(name: string, namespace: string): void {
    this.xml.element('', this.names.of(name));
    this.xml.xmlns('', this.names.of(namespace));
  }

  part(field: Field, value: unknown, outside: string | undefined): void {
    const { namespace, name, type } = field;
    if (namespace === outside) this.values.part(field, value);
    else this.values.root(namespace, name, type, value);
  }

  /** Ends the Body and the envelope. */
  end(): void {
    this.xml.endElement();
    this.xml.endElement();
    this.#strings?.commit(this.xml.out, this.#start);
  }

  /** Takes back everything written since {@link begin}, in the string table, too. */
  abandon(): void {
    this.#strings?.rollback();
    this.xml.out.length = this.#start;
  }

  #nameText(name: WireName): void {
    if (typeof name === 'number') this.xml.dictionaryText(name, END);
    else this.xml.text(name, END);
  }
}

/** Writes up to the text of the Action header. */
function open(xml: BinaryXmlWriter, isSecured: boolean): void {
  xml.element('s', ID.envelope);
  xml.xmlns('s', ID.soap);
  xml.xmlns('a', ID.addressing);
  if (isSecured) xml.xmlns('u', SID.utility);
  xml.element('s', ID.header);
  mustUnderstand(xml, ID.action);
}

function mustUnderstand(xml: BinaryXmlWriter, header: number): void {
  xml.element('a', header);
  xml.attribute('s', ID.mustUnderstand);
  xml.text('1', OPEN);
}
