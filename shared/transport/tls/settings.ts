import { messageOf } from '../../errors.ts';
import type { Security } from '../../security/settings.ts';

/** The name of TLS in an upgrade request. [MC-NMF] */
export const TLS = 'application/ssl-tls';

/** A binding's security where it is TLS. */
export type TlsSettings = Extract<Security, { readonly upgrade: 'tls' }>;

/** OpenSSL's reason for a failed handshake, without the places in its sources. */
export function reasonOf(error: unknown): string {
  const { reason } = error as { readonly reason?: unknown };
  return typeof reason === 'string' ? reason : messageOf(error);
}
