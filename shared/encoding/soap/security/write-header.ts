import { END, OPEN } from '../../binary-xml/text-record-writer.ts';
import type { BinaryXmlWriter } from '../../binary-xml/writer.ts';
import type { WireName } from '../../binary-xml/session-strings.ts';
import type {
  MessageSignature,
  MessageTimestamp,
  SecurityHeader,
  UserNameToken,
} from '../../message-security.ts';
import { ID } from '../vocabulary.ts';
import { SID } from './vocabulary.ts';

/** Values of `u:Id`: unique, because nobody else puts any into our messages. */
const USER_NAME_ID = 'name';
const CONTEXT_TOKEN_ID = 'token';

/** Writes the header `o:Security`. Envelope declares the prefix `u`. */
export function writeSecurityHeader(xml: BinaryXmlWriter, header: SecurityHeader): void {
  xml.element('o', SID.security);
  xml.attribute('s', ID.mustUnderstand);
  xml.text('1', OPEN);
  xml.xmlns('o', SID.securityNamespace);
  if (header.timestamp !== undefined) writeTimestamp(xml, header.timestamp);
  if (header.userName !== undefined) writeUserName(xml, header.userName);
  if (header.contextToken !== undefined) {
    writeContextToken(xml, CONTEXT_TOKEN_ID, header.contextToken);
  }
  if (header.signature !== undefined) {
    writeSignature(xml, header.timestamp?.id ?? '', header.signature);
  }
  xml.endElement();
}

function writeTimestamp(xml: BinaryXmlWriter, { id, created, expires }: MessageTimestamp): void {
  xml.element('u', SID.timestamp);
  writeId(xml, id);
  writeTimes(xml, created, expires);
  xml.endElement();
}

export function writeTimes(
  xml: BinaryXmlWriter,
  created: string,
  expires: string | undefined,
): void {
  xml.element('u', SID.created);
  xml.text(created, END);
  if (expires === undefined) return;
  xml.element('u', SID.expires);
  xml.text(expires, END);
}

function writeUserName(xml: BinaryXmlWriter, { name, password }: UserNameToken): void {
  xml.element('o', SID.usernameToken);
  writeId(xml, USER_NAME_ID);
  xml.element('o', SID.username);
  xml.text(name, END);
  if (password !== undefined) {
    xml.element('o', SID.password);
    xml.text(password, END);
  }
  xml.endElement();
}

/** @param identifier `urn:uuid:…`, or other text */
export function writeContextToken(xml: BinaryXmlWriter, id: string, identifier: string): void {
  xml.element('c', SID.securityContextToken);
  writeId(xml, id);
  xml.xmlns('c', SID.conversation);
  xml.element('c', SID.identifier);
  xml.text(identifier, END);
  xml.endElement();
}

/** In the one form that both sides can put into canonical form without a parser: see `timestamp-signature`. */
function writeSignature(
  xml: BinaryXmlWriter,
  timestampId: string,
  { digestValue, signatureValue }: MessageSignature,
): void {
  xml.element('', SID.signature);
  xml.xmlns('', SID.signatureNamespace);
  xml.element('', SID.signedInfo);
  writeAlgorithm(xml, SID.canonicalizationMethod, SID.canonicalForm);
  writeAlgorithm(xml, SID.signatureMethod, SID.hmacSha1);
  xml.element('', SID.reference);
  writeAttribute(xml, SID.uri, `#${timestampId}`);
  xml.element('', SID.transforms);
  writeAlgorithm(xml, SID.transform, SID.canonicalForm);
  xml.endElement();
  writeAlgorithm(xml, SID.digestMethod, SID.sha1);
  xml.element('', SID.digestValue);
  xml.text(digestValue, END);
  xml.endElement();
  xml.endElement();
  xml.element('', SID.signatureValue);
  xml.text(signatureValue, END);
  xml.element('', SID.keyInfo);
  writeReference(xml, `#${CONTEXT_TOKEN_ID}`);
  xml.endElement();
  xml.endElement();
}

/** `o:SecurityTokenReference`. @param declare declares the prefix `o`, too: needed outside of the header */
export function writeReference(
  xml: BinaryXmlWriter,
  uri: string,
  { declare = false, valueType }: { readonly declare?: boolean; readonly valueType?: string } = {},
): void {
  xml.element('o', SID.securityTokenReference);
  if (declare) xml.xmlns('o', SID.securityNamespace);
  xml.element('o', SID.reference);
  writeAttribute(xml, SID.uri, uri);
  if (valueType !== undefined) writeAttribute(xml, SID.valueType, valueType);
  xml.endElement();
  xml.endElement();
}

export function writeAttribute(xml: BinaryXmlWriter, name: WireName, value: string): void {
  xml.attribute('', name);
  xml.text(value, OPEN);
}

export function writeId(xml: BinaryXmlWriter, id: string): void {
  xml.attribute('u', SID.id);
  xml.text(id, OPEN);
}

function writeAlgorithm(xml: BinaryXmlWriter, element: WireName, algorithm: number): void {
  xml.element('', element);
  xml.attribute('', SID.algorithm);
  xml.dictionaryText(algorithm, OPEN);
  xml.endElement();
}
