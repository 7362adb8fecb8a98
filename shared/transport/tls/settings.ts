import { messageOf } from '../../errors.ts';
import type { Security } from '../../security/settings.ts';

/** How an upgrade request names TLS. [MC-NMF] */
export const TLS = 'application/ssl-tls';

/** What of a binding's security is TLS's. */
export type TlsSettings = Extract<Security, { readonly upgrade: 'tls' }>;

/** What OpenSSL says of a handshake that failed, without the places in its sources where it did. */
export function reasonOf(error: unknown): string {
  const { reason } = error as { readonly reason?: unknown };
  return typeof reason === 'string' ? reason : messageOf(error);
}
