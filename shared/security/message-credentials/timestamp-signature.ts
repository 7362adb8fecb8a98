import { createHash, createHmac } from 'node:crypto';
import type { MessageSignature } from '../../encoding/message-security.ts';
import { NetTcpError } from '../../errors.ts';
import { isSameSecret } from '../bytes.ts';
import type { Timestamp } from './timestamp.ts';

const UTILITY =
  'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd';
const DSIG = 'http://www.w3.org/2000/09/xmldsig#';
const C14N = 'http://www.w3.org/2001/10/xml-exc-c14n#';

/**
 * Signs a message's Timestamp with the session's key: HMAC-SHA1 over SignedInfo, which contains the SHA-1 of the
 * Timestamp, both in exclusive canonical form: WCF's default suite for TransportWithMessageCredential.
 *
 * @param id  `u:Id` of the Timestamp
 * @param key the session's, as `proofKey` makes it
 */
export function signTimestamp(timestamp: Timestamp, id: string, key: Uint8Array): MessageSignature {
  const digestValue = createHash('sha1').update(canonicalTimestamp(timestamp, id)).digest('base64');
  const signedInfo = canonicalSignedInfo(id, digestValue);
  return {
    digestValue,
    signatureValue: createHmac('sha1', key).update(signedInfo).digest('base64'),
  };
}

/** @throws {NetTcpError} `MessageSecurity` if the signature is not of this timestamp with this key */
export function checkTimestampSignature(
  timestamp: Timestamp,
  id: string,
  key: Uint8Array,
  { digestValue, signatureValue }: MessageSignature,
): void {
  const wanted = signTimestamp(timestamp, id, key);
  if (
    !isSameText(wanted.digestValue, digestValue) ||
    !isSameText(wanted.signatureValue, signatureValue)
  ) {
    throw new NetTcpError(
      'MessageSecurity',
      'The signature of a message is wrong: its timestamp was changed, or signed with another key.',
    );
  }
}

function canonicalTimestamp({ created, expires }: Timestamp, id: string): string {
  const end = expires === undefined ? '' : `<u:Expires>${escapeText(expires)}</u:Expires>`;
  const inner = `<u:Created>${escapeText(created)}</u:Created>${end}`;
  return `<u:Timestamp xmlns:u="${UTILITY}" u:Id="${escapeAttribute(id)}">${inner}</u:Timestamp>`;
}

function canonicalSignedInfo(id: string, digestValue: string): string {
  return (
    `<SignedInfo xmlns="${DSIG}">` +
    `<CanonicalizationMethod Algorithm="${C14N}"></CanonicalizationMethod>` +
    `<SignatureMethod Algorithm="${DSIG}hmac-sha1"></SignatureMethod>` +
    `<Reference URI="#${escapeAttribute(id)}">` +
    `<Transforms><Transform Algorithm="${C14N}"></Transform></Transforms>` +
    `<DigestMethod Algorithm="${DSIG}sha1"></DigestMethod>` +
    `<DigestValue>${digestValue}</DigestValue>` +
    '</Reference></SignedInfo>'
  );
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function escapeAttribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

function isSameText(one: string, other: string): boolean {
  const encoder = new TextEncoder();
  return isSameSecret(encoder.encode(one), encoder.encode(other));
}
