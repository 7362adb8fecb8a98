import { NetTcpError } from '../../../errors.ts';
import { parseBase64 } from '../../binary-xml/lexical-octets.ts';
import type { BinaryXmlReader } from '../../binary-xml/reader.ts';
import type {
  MessageSignature,
  MessageTimestamp,
  SecurityHeader,
  UserNameToken,
} from '../../message-security.ts';
import { children, textOf } from '../elements.ts';
import { CONVERSATION, HMAC_SHA1, SECURITY, SHA1, SIGNATURE, UTILITY } from './vocabulary.ts';

/** Says why a header is not understood. */
class Misunderstood extends NetTcpError {
  constructor(why: string) {
    super('Protocol', why);
  }
}

/**
 * Reads the header `o:Security` at which the reader stands, to its end. It has a `problem` if something is
 * missing or comes twice in it, or is signed with other algorithms. Other tokens are skipped.
 *
 * @throws {NetTcpError} `Protocol` or `QuotaExceeded` for what is not binary XML
 */
export function readSecurityHeader(reader: BinaryXmlReader): SecurityHeader {
  const outside = reader.depth - 1;
  try {
    return readTokens(reader);
  } catch (caught) {
    if (!(caught instanceof Misunderstood)) throw caught;
    while (reader.depth > outside) reader.read();
    return { problem: caught.message };
  }
}

/** What {@link readSecurityHeader} makes of a second header. */
export const TWO_HEADERS: SecurityHeader = { problem: 'there are two of them' };

function readTokens(reader: BinaryXmlReader): SecurityHeader {
  let timestamp: MessageTimestamp | undefined;
  let userName: UserNameToken | undefined;
  let contextToken: string | undefined;
  let signature: MessageSignature | undefined;
  for (const child of children(reader)) {
    const { namespace } = reader;
    if (child === 'Timestamp' && namespace === UTILITY) {
      once(child, timestamp);
      timestamp = readTimestamp(reader);
    } else if (child === 'UsernameToken' && namespace === SECURITY) {
      once(child, userName);
      userName = readUserName(reader);
    } else if (child === 'SecurityContextToken' && namespace === CONVERSATION) {
      once(child, contextToken);
      contextToken = readContextToken(reader);
    } else if (child === 'Signature' && namespace === SIGNATURE) {
      once(child, signature);
      signature = readSignature(reader);
    } else reader.skip();
  }
  return { timestamp, userName, contextToken, signature };
}

function readTimestamp(reader: BinaryXmlReader): MessageTimestamp {
  const id = reader.attributes.find(UTILITY, 'Id') ?? '';
  const texts = readTexts(reader, UTILITY);
  const created = texts.get('Created');
  if (created === undefined) throw new Misunderstood('its Timestamp has no Created');
  return { id, created, expires: texts.get('Expires') };
}

function readUserName(reader: BinaryXmlReader): UserNameToken {
  let name: string | undefined;
  let password: string | undefined;
  let passwordType: string | undefined;
  let nonce: Uint8Array | undefined;
  let created: string | undefined;
  for (const child of children(reader)) {
    if (child === 'Username') {
      once(child, name);
      name = textOf(reader);
    } else if (child === 'Password') {
      once(child, password);
      passwordType = reader.attributes.find('', 'Type');
      password = textOf(reader);
    } else if (child === 'Nonce') {
      once(child, nonce);
      nonce = parseBase64(textOf(reader));
      if (nonce === undefined) throw new Misunderstood('its Nonce is not base64');
    } else if (child === 'Created') {
      once(child, created);
      created = textOf(reader);
    } else reader.skip();
  }
  if (name === undefined) throw new Misunderstood('its UsernameToken has no Username');
  return { name, password, passwordType, nonce, created };
}

/** The Identifier of the SecurityContextToken at which the reader stands; reads to its end. */
export function readContextToken(reader: BinaryXmlReader): string {
  return readTexts(reader, CONVERSATION).get('Identifier') ?? '';
}

/**
 * Does not read which parts are signed and how: there is one way, and a signature made in another will not
 * match. Only the algorithms are checked, because a binding may choose them.
 */
function readSignature(reader: BinaryXmlReader): MessageSignature {
  let digestValue: string | undefined;
  let signatureValue: string | undefined;
  for (const child of children(reader)) {
    if (child === 'SignatureValue') {
      once(child, signatureValue);
      signatureValue = textOf(reader);
    } else if (child === 'SignedInfo') {
      once(child, digestValue);
      digestValue = readSignedInfo(reader);
    } else reader.skip();
  }
  return { digestValue: digestValue ?? '', signatureValue: signatureValue ?? '' };
}

function readSignedInfo(reader: BinaryXmlReader): string {
  let digestValue = '';
  for (const child of children(reader)) {
    if (child === 'SignatureMethod') expectAlgorithm(reader, HMAC_SHA1);
    if (child !== 'Reference') reader.skip();
    else {
      for (const part of children(reader)) {
        if (part === 'DigestMethod') expectAlgorithm(reader, SHA1);
        if (part === 'DigestValue') digestValue = textOf(reader);
        else reader.skip();
      }
    }
  }
  return digestValue;
}

function expectAlgorithm(reader: BinaryXmlReader, expected: string): void {
  const algorithm = reader.attributes.find('', 'Algorithm');
  if (algorithm !== expected) throw new Misunderstood(`it is not signed with ${expected}`);
}

/** The texts of child elements in a namespace, by name. */
export function readTexts(reader: BinaryXmlReader, namespace: string): Map<string, string> {
  const texts = new Map<string, string>();
  for (const child of children(reader)) {
    if (reader.namespace !== namespace) reader.skip();
    else {
      once(child, texts.get(child));
      texts.set(child, textOf(reader));
    }
  }
  return texts;
}

function once(child: string, before: unknown): void {
  if (before !== undefined) throw new Misunderstood(`it has two of ${child}`);
}
