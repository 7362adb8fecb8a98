import { END } from '../../binary-xml/text-record-writer.ts';
import type { BinaryXmlWriter } from '../../binary-xml/writer.ts';
import type { IssuedToken, TokenRequest } from '../../message-security.ts';
import { TRUST } from '../../token-operations.ts';
import { CONTEXT_TOKEN, SID } from './vocabulary.ts';
import {
  writeAttribute,
  writeContextToken,
  writeId,
  writeReference,
  writeTimes,
} from './write-header.ts';

const SECRET_ID = 'secret';
const TOKEN_ID = 'token';
const KEY_BITS = 256;

/** Writes `t:RequestSecurityToken`: the body that asks for a token, or cancels one. */
export function writeTokenRequest(xml: BinaryXmlWriter, request: TokenRequest): void {
  xml.element('t', SID.requestSecurityToken);
  xml.xmlns('t', SID.trust);
  if (request.entropy === undefined) {
    writeText(xml, SID.requestType, `${TRUST}/Cancel`);
    xml.element('t', SID.cancelTarget);
    writeReference(xml, request.target ?? '', { declare: true, valueType: CONTEXT_TOKEN });
    xml.endElement();
  } else {
    writeText(xml, SID.tokenType, CONTEXT_TOKEN);
    writeText(xml, SID.requestType, `${TRUST}/Issue`);
    writeEntropy(xml, request.entropy);
    writeKeySize(xml);
  }
  xml.endElement();
}

/** Writes `t:RequestSecurityTokenResponse`. @param token the issued one; `undefined` after a cancellation */
export function writeTokenAnswer(xml: BinaryXmlWriter, token: IssuedToken | undefined): void {
  xml.element('t', SID.requestSecurityTokenResponse);
  xml.xmlns('t', SID.trust);
  if (token === undefined) {
    xml.element('t', SID.requestedTokenCancelled);
    xml.endElement();
  } else writeIssued(xml, token);
  xml.endElement();
}

/** Writes the elements in CoreWCF's order. */
function writeIssued(xml: BinaryXmlWriter, token: IssuedToken): void {
  const { identifier, entropy, created, expires } = token;
  writeText(xml, SID.tokenType, CONTEXT_TOKEN);
  xml.element('t', SID.requestedSecurityToken);
  writeContextToken(xml, TOKEN_ID, identifier);
  xml.endElement();
  xml.element('t', SID.requestedAttachedReference);
  writeReference(xml, `#${TOKEN_ID}`, { declare: true });
  xml.endElement();
  xml.element('t', SID.requestedUnattachedReference);
  writeReference(xml, identifier, { declare: true, valueType: CONTEXT_TOKEN });
  xml.endElement();
  xml.element('t', SID.requestedProofToken);
  writeText(xml, SID.computedKey, `${TRUST}/CK/PSHA1`);
  xml.endElement();
  writeEntropy(xml, entropy);
  xml.element('t', SID.lifetime);
  writeTimes(xml, created, expires);
  xml.endElement();
  writeKeySize(xml);
}

function writeEntropy(xml: BinaryXmlWriter, entropy: Uint8Array): void {
  xml.element('t', SID.entropy);
  xml.element('t', SID.binarySecret);
  writeId(xml, SECRET_ID);
  writeAttribute(xml, SID.type, `${TRUST}/Nonce`);
  xml.octets(entropy, END);
  xml.endElement();
}

function writeKeySize(xml: BinaryXmlWriter): void {
  xml.element('t', SID.keySize);
  xml.int(KEY_BITS, END);
}

function writeText(xml: BinaryXmlWriter, element: number, text: string): void {
  xml.element('t', element);
  xml.text(text, END);
}
