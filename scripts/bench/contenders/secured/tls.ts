import type { Securing } from '../ours.ts';
import { issueCertificate, readAuthority } from './certificates.ts';

/** TLS, without certificates of clients. */
export const TLS: Securing = {
  name: 'TLS',
  binding: { security: { mode: 'Transport', transport: { clientCredentialType: 'None' } } },
  service: () => ({ credentials: issueCertificate() }),
  client: () => ({ credentials: { ca: readAuthority() } }),
};
