import { type EndpointAddress, isAddress, isLoopback } from './address.ts';
import { NetTcpError } from './errors.ts';

/**
 * Refuses a service that other machines reach unless its security is named, even if that is none.
 *
 * @param hosts IP addresses, or a registration's words for all of a family
 * @throws {NetTcpError} `Usage`
 */
export function checkExposure(hosts: readonly string[], isSecurityNamed: boolean): void {
  if (isSecurityNamed || hosts.every(isLoopback)) return;
  throw new NetTcpError(
    'Usage',
    `A service that other machines reach (at ${hosts.join(', ')}) has to say how it is secured. Give NetTcpBinding the option security: { mode: 'Transport' } for Windows credentials, the same with transport: { clientCredentialType: 'None' } for TLS, or 'Certificate' for clients with certificates, { mode: 'TransportWithMessageCredential' } for user names, or { mode: 'None' } for no security at all.`,
  );
}

/**
 * Where a service without a `bind` option listens: at the IP address that its endpoints name.
 *
 * @returns `undefined` or `localhost` for loopback, if they name none
 * @throws {NetTcpError} `Usage` if they name several: one host listens for all of them
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
