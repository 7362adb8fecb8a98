import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { NetTcpError } from '../../errors.ts';
import type { Source } from '../../security/credentials.ts';
import { type Contents, nameSource } from '../sources.ts';

/** Credentials that are PEM, by name. */
type PemName = 'ca' | 'clientCa' | 'crl' | 'clientCrl' | 'certificate' | 'key';
type Pem = Partial<Contents<PemName>>;

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;
/** OpenSSL reads these, too; they are not looked at more closely. */
const OTHER_CERTIFICATE = /-----BEGIN (?:X509|TRUSTED) CERTIFICATE-----/;
/** PKCS #8, and what OpenSSL wrote before. */
const ENCRYPTED = /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m;
const REVOKED = /-----BEGIN X509 CRL-----/;

/**
 * Checks what OpenSSL would take without a word (a file of CAs in which there is none), or refuse without saying
 * which file it means.
 *
 * @param sources for the error: where the contents are from
 * @returns a sentence about the certificate, if it has expired or is not valid yet
 * @throws {NetTcpError} `Usage` that names the first credential that cannot be used, and says why; never its content
 */
export function checkPem(
  contents: Pem,
  sources: Partial<Readonly<Record<PemName, Source | undefined>>>,
): string | undefined {
  const unusable = (name: PemName, why: string): NetTcpError =>
    new NetTcpError('Usage', `${nameSource(name, sources[name])} cannot be used: ${why}.`);
  for (const name of ['ca', 'clientCa', 'certificate'] as const) {
    const why = contents[name] && certificatesFault(contents[name]);
    if (why !== undefined) throw unusable(name, why);
  }
  for (const name of ['crl', 'clientCrl'] as const) {
    if (contents[name] === undefined || REVOKED.test(String(contents[name]))) continue;
    throw unusable(name, notPem('a list of revoked certificates (CRL)', contents[name]));
  }
  const { certificate, key } = contents;
  if (certificate === undefined || key === undefined) return undefined;
  const found = readKey(key);
  if (typeof found === 'string') throw unusable('key', found);
  const own = new X509Certificate(certificate);
  if (!own.checkPrivateKey(found)) {
    const of = nameSource('certificate', sources.certificate);
    throw unusable('key', `it is not the key of the certificate ${of}`);
  }
  const age = ageFault(own, Date.now());
  return age && `${nameSource('certificate', sources.certificate)} ${age}: peers refuse it.`;
}

// Certificates, as PEM, that were found to be some: a program may make a factory for each call, and to read one takes
// as long as a fifteenth of a handshake. They are no secret.
const MAX_READ = 64;
const read = new Set<string>();

function readCertificate(pem: string): void {
  if (read.has(pem)) return;
  new X509Certificate(pem);
  if (read.size === MAX_READ) read.clear();
  read.add(pem);
}

function certificatesFault(pem: Uint8Array): string | undefined {
  const text = String(pem);
  const found = text.match(CERTIFICATE) ?? [];
  for (const [index, one] of found.entries()) {
    try {
      readCertificate(one);
    } catch {
      return `its certificate ${index + 1} is broken`;
    }
  }
  if (found.length > 0 || OTHER_CERTIFICATE.test(text)) return undefined;
  return notPem('a certificate', pem);
}

function readKey(pem: Buffer): KeyObject | string {
  try {
    return createPrivateKey(pem);
  } catch {
    if (ENCRYPTED.test(String(pem))) return 'it is encrypted: give one that is not';
    return notPem('a private key', pem);
  }
}

/** @param what with its article */
function notPem(what: string, content: Uint8Array): string {
  if (content.length === 0) return 'it is empty';
  // A SEQUENCE of DER with a long length, as certificates and keys are.
  const isDer = content[0] === 0x30 && (content[1] ?? 0) >= 0x77 && (content[1] ?? 0) <= 0x84;
  return `it has to be ${what} in PEM${isDer ? ', not in DER' : ''}`;
}

function ageFault({ validFrom, validTo }: X509Certificate, now: number): string | undefined {
  if (Date.parse(validTo) < now) return `has expired on ${validTo}`;
  return Date.parse(validFrom) > now ? `is not valid before ${validFrom}` : undefined;
}
