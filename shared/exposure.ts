import { type EndpointAddress, isAddress, isLoopback } from './address.ts';
import { NetTcpError } from './errors.ts';

/**
 * A service that others reach says how it is secured, were it not at all.
 *
 * @param hosts IP addresses, or the words of a registration for all of them
 */
export function checkExposure(hosts: readonly string[], isSecurityNamed: boolean): void {
  if (isSecurityNamed || hosts.every(isLoopback)) return;
  throw new NetTcpError(
    'Usage',
    `A service that other machines reach (at ${hosts.join(', ')}) has to say how it is secured. Give NetTcpBinding the option security: { mode: 'Transport' } for Windows credentials, the same with transport: { clientCredentialType: 'None' } for TLS, or 'Certificate' for clients with certificates, { mode: 'TransportWithMessageCredential' } for user names, or { mode: 'None' } for no security at all.`,
  );
}

/**
 * Where a service listens that was not told where: at the IP address that its endpoints name.
 *
 * @returns undefined when they name none: loopback
 * @throws {NetTcpError} `Usage` when they name several: one host listens for all of them
 */
export function boundBy(addresses: readonly EndpointAddress[]): string | undefined {
  const named = new Set(addresses.map(({ host }) => (isAddress(host) ? host : 'localhost')));
  const [first, second] = named;
  if (second === undefined) return first;
  if ([...named].every((host) => host === 'localhost' || isLoopback(host))) return undefined;
  throw new NetTcpError(
    'Usage',
    `The endpoints of one host are at ${[...named].join(' and ')}. Say with the option bind where to listen for all of them.`,
  );
}
