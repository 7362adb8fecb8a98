import type { NetTcpBindingOptions } from '../../../shared/index.ts';

export const TRANSPORT = {
  none: { mode: 'Transport', transport: { clientCredentialType: 'None' } },
  certificate: { mode: 'Transport', transport: { clientCredentialType: 'Certificate' } },
} as const;

export type Security = NonNullable<NetTcpBindingOptions['security']>;
