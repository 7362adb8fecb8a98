import type { Security } from '../../security/settings.ts';

/** How an upgrade request names TLS. [MC-NMF] */
export const TLS = 'application/ssl-tls';

/** What of a binding's security is TLS's. */
export type TlsSettings = Extract<Security, { readonly upgrade: 'tls' }>;
