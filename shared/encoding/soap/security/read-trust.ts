import { NetTcpError } from '../../../errors.ts';
import { parseBase64 } from '../../binary-xml/lexical-octets.ts';
import type { BinaryXmlReader } from '../../binary-xml/reader.ts';
import type { IssuedToken, TokenRequest } from '../../message-security.ts';
import { TRUST } from '../../token-operations.ts';
import { children, textOf } from '../elements.ts';
import { readContextToken, readTexts } from './read-header.ts';
import { CONVERSATION, SECURITY, UTILITY } from './vocabulary.ts';

/**
 * Reads `t:RequestSecurityToken`, at which the reader stands, to its end.
 *
 * @throws {NetTcpError} `Protocol` for any other element
 */
export function readTokenRequest(reader: BinaryXmlReader): TokenRequest {
  expectElement(reader, 'RequestSecurityToken');
  let entropy: Uint8Array | undefined;
  let target: string | undefined;
  for (const child of children(reader)) {
    if (child === 'Entropy') entropy = readEntropy(reader);
    else if (child === 'CancelTarget' || child === 'RenewTarget') target = readTarget(reader);
    else reader.skip();
  }
  return { entropy, target };
}

/**
 * Reads `t:RequestSecurityTokenResponse`, at which the reader stands, to its end.
 *
 * @returns the issued token; `undefined` if there is none
 * @throws {NetTcpError} `Protocol` for any other element
 */
export function readTokenAnswer(reader: BinaryXmlReader): IssuedToken | undefined {
  expectElement(reader, 'RequestSecurityTokenResponse');
  let identifier: string | undefined;
  let entropy: Uint8Array | undefined;
  let lifetime: ReadonlyMap<string, string> | undefined;
  for (const child of children(reader)) {
    if (child === 'RequestedSecurityToken') identifier = readIssuedToken(reader);
    else if (child === 'Entropy') entropy = readEntropy(reader);
    else if (child === 'Lifetime') lifetime = readTexts(reader, UTILITY);
    else reader.skip();
  }
  if (identifier === undefined || entropy === undefined) return undefined;
  const created = lifetime?.get('Created') ?? '';
  return { identifier, entropy, created, expires: lifetime?.get('Expires') ?? '' };
}

function readIssuedToken(reader: BinaryXmlReader): string | undefined {
  let identifier: string | undefined;
  for (const child of children(reader)) {
    if (child === 'SecurityContextToken' && reader.namespace === CONVERSATION) {
      identifier = readContextToken(reader);
    } else reader.skip();
  }
  return identifier;
}

function readEntropy(reader: BinaryXmlReader): Uint8Array | undefined {
  let secret: Uint8Array | undefined;
  for (const child of children(reader)) {
    if (child === 'BinarySecret') secret = parseBase64(textOf(reader));
    else reader.skip();
  }
  return secret;
}

/** The token that a SecurityTokenReference names by its Identifier. */
function readTarget(reader: BinaryXmlReader): string | undefined {
  let target: string | undefined;
  for (const child of children(reader)) {
    if (child !== 'SecurityTokenReference' || reader.namespace !== SECURITY) reader.skip();
    else {
      for (const reference of children(reader)) {
        if (reference === 'Reference') target = reader.attributes.find('', 'URI');
        reader.skip();
      }
    }
  }
  return target;
}

function expectElement(reader: BinaryXmlReader, name: string): void {
  if (reader.name === name && reader.namespace === TRUST) return;
  throw new NetTcpError('Protocol', `A body that is not {${TRUST}}${name}.`);
}
