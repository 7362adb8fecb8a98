import { createSecureContext } from 'node:tls';
import { messageOf, NetTcpError } from '../../errors.ts';
import type { Security, TlsOptions } from '../../security/settings.ts';

/** The name of TLS in an upgrade request. [MC-NMF] */
export const TLS = 'application/ssl-tls';

/** A binding's security where it is TLS. */
export type TlsSettings = Extract<Security, { readonly upgrade: 'tls' }>;

/**
 * Refuses ciphers by their own name: OpenSSL would blame the files that it reads with them, or take those of a
 * version that is not to be spoken and agree with nobody.
 *
 * @throws {NetTcpError} `Usage`
 */
export function checkCiphers({ ciphers, minVersion, maxVersion }: TlsOptions): void {
  if (ciphers === undefined) return;
  const unusable = (why: string): NetTcpError =>
    new NetTcpError('Usage', `security.tls.ciphers cannot be used: ${why}.`);
  const names = ciphers.split(':');
  const ofTls13 = names.filter((name) => name.startsWith('TLS_'));
  if (minVersion === 'TLSv1.3' && ofTls13.length === 0) throw unusable('none is of TLS 1.3');
  if (maxVersion === 'TLSv1.2' && ofTls13.length === names.length)
    throw unusable('none is of TLS 1.2');
  try {
    createSecureContext({ ciphers });
  } catch (error) {
    throw unusable(reasonOf(error));
  }
}

/** OpenSSL's reason for a failed handshake, without the places in its sources. */
export function reasonOf(error: unknown): string {
  const { reason } = error as { readonly reason?: unknown };
  return typeof reason === 'string' ? reason : messageOf(error);
}
