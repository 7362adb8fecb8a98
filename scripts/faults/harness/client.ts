import { readFileSync } from 'node:fs';
import type { Contract } from '../../../shared/contract/contract.ts';
import { NetTcpBinding } from '../../../shared/net-tcp-binding.ts';
import { ChannelFactory } from '../../../shared/rpc/client/channel-factory.ts';

/** The security of services and clients that have any. */
export const TLS = { mode: 'Transport', transport: { clientCredentialType: 'None' } } as const;
/** Environment variable of clients' processes: file of the CA, where services have TLS. */
export const CA_VARIABLE = 'FAULTS_CA';

const path = process.env[CA_VARIABLE] ?? '';
const options = path === '' ? undefined : { credentials: { ca: readFileSync(path) } };
const binding = new NetTcpBinding(path === '' ? {} : { security: TLS });

/** A client of the stage that this process belongs to. */
export function newFactory<C extends Contract>(contract: C): ChannelFactory<C> {
  return new ChannelFactory(contract, binding, options);
}
