import { isIpAddress } from '../../address.ts';
import { NetTcpError } from '../../errors.ts';
import { quoted } from '../../printable.ts';
import { isTemporary } from '../../system-error.ts';

/** Stands for all addresses of a family in a registration's hosts. */
export const ANY_IPV4 = '*4';
export const ANY_IPV6 = '*6';

/**
 * Local addresses for a `bind` option, as registrations write them.
 *
 * @param bind IP address, host name, `0.0.0.0`, `::` or `*` (both families); `undefined` and `localhost` are
 *   loopback, both families
 * @throws {NetTcpError} `EndpointNotFound` for a name that does not resolve
 */
export async function registrationHosts(bind: string | undefined): Promise<readonly string[]> {
  if (bind === '0.0.0.0') return [ANY_IPV4];
  if (bind === '::' || bind === '*') return [ANY_IPV4, ANY_IPV6];
  return await specificHosts(bind);
}

/** {@link registrationHosts} for a port that is not shared, where wildcards are the kernel's. */
export async function ownPortHosts(bind: string | undefined): Promise<readonly string[]> {
  if (bind === '0.0.0.0') return [bind];
  if (bind === '::' || bind === '*') return ['0.0.0.0', '::'];
  return await specificHosts(bind);
}

async function specificHosts(bind = 'localhost'): Promise<readonly string[]> {
  if (bind === 'localhost') return ['127.0.0.1', '::1'];
  if (isIpAddress(bind)) return [bind];
  try {
    // Few services listen on a name: the others start without the resolver.
    const { lookup } = await import('node:dns/promises');
    return (await lookup(bind, { all: true })).map(({ address }) => address);
  } catch (cause) {
    const advice = isTemporary(cause)
      ? 'No name server answers now: try again, or give an IP address of this machine.'
      : 'Give an address of this machine.';
    throw new NetTcpError(
      'EndpointNotFound',
      `Cannot listen on ${quoted(bind)}: the host name does not resolve. ${advice}`,
      { reason: 'host-not-found', cause },
    );
  }
}
