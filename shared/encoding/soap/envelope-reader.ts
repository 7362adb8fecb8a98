import type { Operation } from '../../contract/contract.ts';
import { Mismatch } from '../../contract/types/mismatch.ts';
import type { Field } from '../../contract/types/types.ts';
import type { BinaryXmlReader } from '../binary-xml/reader.ts';
import type { SecurityHeader } from '../message-security.ts';
import type { HeadersOf } from '../received-headers.ts';
import type { OnUnknown } from '../unknown.ts';
import {
  finishEnvelope,
  isText,
  malformedEnvelope as malformed,
  nextElement,
  shorten,
} from './elements.ts';
import { SoapHeaders, type SoapHeader } from './headers/read-headers.ts';
import { type Addressing, SeenHeaders } from './headers/seen-headers.ts';
import { NO_MESSAGE_ID, type MessageId, placeOfId, readMessageId } from './message-id.ts';
import { readSecurityHeader, TWO_HEADERS } from './security/read-header.ts';
import { SECURITY } from './security/vocabulary.ts';
import { ValueReader } from './values/read-value.ts';
import { valuesOf } from './xml-serializer/values-of.ts';
import { ADDRESSING, OUR_ROLES, SOAP } from './vocabulary.ts';

/**
 * Reads an envelope up to its Body, and keeps what the headers say. One object reads message after message.
 * It understands the headers of WS-Addressing and, on secured sessions, that of WS-Security.
 */
export class EnvelopeReader implements Addressing {
  readonly xml: BinaryXmlReader;
  readonly values: ValueReader;
  action: string | undefined;
  to: string | undefined;
  messageId: MessageId = NO_MESSAGE_ID;
  relatesTo: MessageId = NO_MESSAGE_ID;
  /** The first header that came twice. */
  duplicate: string | undefined;
  /** The other headers. */
  readonly headers: SoapHeader[] = [];
  /** What the message says of its sender; `undefined` without such a header, or on unsecured sessions. */
  security: SecurityHeader | undefined;
  readonly #isSecured: boolean;
  readonly #newReader: () => BinaryXmlReader;
  readonly #onUnknown: OnUnknown | undefined;
  /** Where the document begins, and where its Header ends. */
  #start = 0;
  #headersEnd = 0;
  readonly #seen = new SeenHeaders();
  /** Where the 16 bytes of the last id lie; `undefined` if it came as text. */
  #idAt: number | undefined;
  /** The other headers, once somebody has asked for them. */
  #received: SoapHeaders | undefined;
  /** Elements of the Header so far. */
  #place = 0;

  /**
   * @param newReader makes one for the session's strings
   * @param isSecured messages say who sends them
   */
  constructor(newReader: () => BinaryXmlReader, isSecured: boolean, onUnknown?: OnUnknown) {
    const xml = newReader();
    this.xml = xml;
    this.#newReader = newReader;
    this.values = new ValueReader(xml);
    this.#isSecured = isSecured;
    this.#onUnknown = onUnknown;
  }

  /**
   * Reads to the start of the Body element.
   *
   * @throws {NetTcpError} `Protocol` for what is not a SOAP 1.2 envelope
   */
  readHeaders(bytes: Uint8Array, start: number, end: number): void {
    const { xml } = this;
    xml.reset(bytes, start, end);
    this.values.reset();
    this.#start = xml.cursor.at;
    this.duplicate = undefined;
    this.headers.length = 0;
    this.security = undefined;
    if (this.#seen.recall(xml, this)) this.#nextElement();
    else this.#read();
    this.#is('Body');
  }

  /** Reads a Header, if there is one, and moves to the element after it. */
  #read(): void {
    this.action = undefined;
    this.to = undefined;
    this.messageId = NO_MESSAGE_ID;
    this.relatesTo = NO_MESSAGE_ID;
    this.#idAt = undefined;
    this.#place = 0;
    this.#received = undefined;
    const { xml } = this;
    this.#nextElement();
    this.#is('Envelope');
    this.#nextElement();
    if (xml.name !== 'Header' || xml.namespace !== SOAP) return;
    while (xml.read() !== 'end') {
      if (xml.kind === 'element') this.#header();
      else if (isText(xml)) malformed('text stands among its headers');
    }
    this.#headersEnd = xml.cursor.at;
    const isPlain = this.headers.length === 0 && this.security === undefined;
    if (isPlain && this.duplicate === undefined) {
      this.#seen.keep(xml, this.#start, this, this.#idAt);
    }
    this.#nextElement();
  }

  /** The other headers, as long as the message has not been left; `undefined` if there are none. */
  received(of: HeadersOf, { name }: { readonly name: string }): SoapHeaders | undefined {
    if (this.headers.length === 0) return undefined;
    if (this.#received !== undefined) return this.#received;
    const { bytes } = this.xml.cursor;
    const envelope = bytes.slice(this.#start, this.#headersEnd);
    const message = of === 'request' ? of : 'answer';
    const onUnknown = this.#onUnknown;
    this.#received = new SoapHeaders(this.#newReader(), envelope, [...this.headers], of, (parts) =>
      onUnknown?.(message, name, parts),
    );
    return this.#received;
  }

  /** What reads parameters and results of an operation. */
  valuesOf(operation: Operation): ReturnType<typeof valuesOf> {
    return valuesOf(this.values, operation);
  }

  /** Moves to the only element of the body. @returns false when the body is empty */
  enterBody(): boolean {
    return nextElement(this.xml, 'in its Body');
  }

  /**
   * Moves to the element of a stream, the first one in a wrapper.
   *
   * @param stream that stands for it
   * @param isThere the reader is at it: there is no wrapper
   * @throws {Mismatch} for another element
   */
  enterStream<S>(field: Field | undefined, stream: S, isThere = false): S {
    const { xml } = this;
    if (!isThere) this.#nextElement();
    const isDue = xml.name === field?.name && xml.namespace === field.namespace;
    if (!isDue || xml.attributes.count > 0)
      throw new Mismatch(`must be a stream in an element ${field?.name}`);
    return stream;
  }

  /** Reads on to the end of the envelope. @throws {NetTcpError} `Protocol` for anything after what the Body holds */
  finish(): void {
    finishEnvelope(this.xml);
  }

  /** Tells what was passed over in a message that has been read. */
  tell(message: 'request' | 'answer', { name }: { readonly name: string }): void {
    const { unknown } = this.values;
    if (unknown !== undefined) this.#onUnknown?.(message, name, unknown);
  }

  #header(): void {
    const { xml } = this;
    const { attributes } = xml;
    const place = this.#place++;
    if (attributes.count > 0 && !OUR_ROLES.has(attributes.find(SOAP, 'role') ?? '')) {
      return xml.skip(); // for somebody else
    }
    if (xml.namespace === ADDRESSING && this.#addressing(xml.name)) return;
    if (this.#isSecured && xml.name === 'Security' && xml.namespace === SECURITY) {
      const read = readSecurityHeader(xml);
      this.security = this.security === undefined ? read : TWO_HEADERS;
      return;
    }
    if (xml.namespace === SOAP && xml.name === 'NotUnderstood') return xml.skip(); // its fault says so
    const { name, namespace } = xml;
    const mustUnderstand = attributes.count > 0 && isTrue(attributes.find(SOAP, 'mustUnderstand'));
    this.headers.push({ name, namespace, mustUnderstand, place });
    xml.skip();
  }

  /** @returns whether it is a header of WS-Addressing, which then has been read */
  #addressing(name: string): boolean {
    switch (name) {
      case 'Action':
        if (this.action !== undefined) this.duplicate ??= name;
        this.action = this.#text();
        return true;
      case 'To':
        if (this.to !== undefined) this.duplicate ??= name;
        this.to = this.#text();
        return true;
      case 'MessageID':
        if (this.messageId !== NO_MESSAGE_ID) this.duplicate ??= name;
        this.messageId = this.#id();
        return true;
      case 'RelatesTo':
        // A message may relate to others in other ways; an answer has no RelationshipType, or `reply`.
        if (isReply(this.xml.attributes.find('', 'RelationshipType'))) {
          this.relatesTo = this.#id();
        } else this.xml.skip();
        return true;
      case 'ReplyTo': // whatever it says, the answer goes back on this session
      case 'From':
      case 'FaultTo':
        this.xml.skip();
        return true;
      default:
        return false;
    }
  }

  #id(): MessageId {
    const id = readMessageId(this.xml);
    this.#idAt = placeOfId(this.xml, id);
    return id;
  }

  #text(): string {
    const text = this.xml.readText();
    return text ?? malformed('a header has an element where text is due');
  }

  #is(name: string): void {
    const { xml } = this;
    if (xml.name === name && xml.namespace === SOAP) return;
    malformed(`{${SOAP}}${name} is due, not {${shorten(xml.namespace)}}${shorten(xml.name)}`);
  }

  #nextElement(): void {
    if (!nextElement(this.xml, 'outside its Body')) malformed('it ends before its Body');
  }
}

function isTrue(flag: string | undefined): boolean {
  return flag === '1' || flag === 'true';
}

function isReply(type: string | undefined): boolean {
  return type === undefined || type === `${ADDRESSING}/reply`;
}
