import { createHash } from 'node:crypto';
import { toHex } from './bytes.ts';
import type { Caller } from './caller.ts';
import { readElement, readOnly, Tag } from './der.ts';

const WHAT = 'certificate';
/** Attributes as .NET abbreviates them, by the hexadecimal digits of their object identifier. */
const ABBREVIATIONS: Readonly<Record<string, string>> = {
  '550403': 'CN',
  '550404': 'SN',
  '550405': 'SERIALNUMBER',
  '550406': 'C',
  '550407': 'L',
  '550408': 'S',
  '550409': 'STREET',
  '55040a': 'O',
  '55040b': 'OU',
  '55040c': 'T',
  '55042a': 'G',
  '55042b': 'I',
  '2a864886f70d010901': 'E',
  '0992268993f22c640119': 'DC',
};
const BMP_STRING = 0x1e;
const UTF8 = new TextDecoder();
const UTF16_BE = new TextDecoder('utf-16be');

/**
 * The caller that a client's certificate names, as CoreWCF spells it: subject and SHA-1 thumbprint,
 * `CN=alice, O=Example; 7EA5A522…`. The certificate must have been verified before.
 *
 * @param certificate in DER
 * @throws {NetTcpError} `Protocol` if it is not one
 */
export function callerOfCertificate(certificate: Uint8Array): Caller {
  const subject = subjectName(certificate);
  const thumbprint = createHash('sha1').update(certificate).digest();
  return {
    kind: 'certificate',
    name: `${subject === '' ? '<x509>' : subject}; ${toHex(thumbprint).toUpperCase()}`,
    certificate,
  };
}

/** The subject as .NET prints it: the most specific part (last in the certificate) comes first. */
function subjectName(certificate: Uint8Array): string {
  const parts = elements(firstOf(readOnly(certificate, Tag.Sequence, WHAT)));
  // version (if not 1), number, algorithm, issuer, validity, subject. RFC 5280 4.1
  const subject = parts[parts[0]?.tag === Tag.context(0) ? 5 : 4];
  if (subject === undefined) return '';
  return elements(subject.content)
    .map(({ content }) => elements(content).map(attribute).join(' + '))
    .toReversed()
    .join(', ');
}

function attribute({ content }: { readonly content: Uint8Array }): string {
  const [type, value] = elements(content);
  if (type === undefined || value === undefined) return '';
  const text = (value.tag === BMP_STRING ? UTF16_BE : UTF8).decode(value.content);
  return `${ABBREVIATIONS[toHex(type.content)] ?? `OID.${dotted(type.content)}`}=${quoted(text)}`;
}

/** A value, in quotes where it could be read as more than one. */
function quoted(text: string): string {
  const isPlain = text !== '' && text.trim() === text && !/[,+="\n<>#;]/.test(text);
  return isPlain ? text : `"${text.replaceAll('"', '""')}"`;
}

/** `1.2.840.113549` */
function dotted(content: Uint8Array): string {
  const numbers: number[] = [];
  let value = 0;
  for (const byte of content) {
    value = value * 0x80 + (byte & 0x7f);
    if (byte >= 0x80) continue;
    // The first two numbers share one value.
    if (numbers.length === 0) numbers.push(Math.min(2, Math.floor(value / 40)));
    numbers.push(numbers.length === 1 ? value - (numbers[0] ?? 0) * 40 : value);
    value = 0;
  }
  return numbers.join('.');
}

function firstOf(bytes: Uint8Array): Uint8Array {
  return readElement(bytes, 0, WHAT).content;
}

function elements(bytes: Uint8Array): { tag: number; content: Uint8Array }[] {
  const found: { tag: number; content: Uint8Array }[] = [];
  for (let at = 0; at < bytes.length;) {
    const { tag, content, end } = readElement(bytes, at, WHAT);
    found.push({ tag, content });
    at = end;
  }
  return found;
}
