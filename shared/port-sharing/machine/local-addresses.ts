import { readlinkSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { isLoopback, type Reach } from '../../address.ts';
import { attempt } from '../../system-error.ts';
import { ANY_IPV4, ANY_IPV6, registrationHosts } from './hosts.ts';

/** @throws {NetTcpError} `EndpointNotFound` for a name that does not resolve */
export async function reachOf(bind = 'localhost'): Promise<Reach> {
  const hosts = await registrationHosts(bind);
  const addresses = expand(hosts);
  const isExposed = !addresses.every(isLoopback);
  const isWildcard = hosts.includes(ANY_IPV4) || hosts.includes(ANY_IPV6);
  if (!isWildcard) return { names: [bind], isExposed };
  const ranked = [
    ...addresses.filter((address) => !isLoopback(address) && !address.includes('%')),
    ...addresses.filter(isLoopback),
  ];
  const names = [
    ranked.find((address) => !address.includes(':')),
    ranked.find((address) => address.includes(':')),
  ].filter((name) => name !== undefined);
  const reached = names.filter((name) => !isLoopback(name));
  return { names: reached.length > 0 ? reached : names, isExposed };
}

/** The local IP addresses that a registration's hosts stand for. */
export function expand(hosts: readonly string[]): readonly string[] {
  const result = new Set<string>();
  for (const host of hosts) {
    if (host !== ANY_IPV4 && host !== ANY_IPV6) {
      result.add(host);
      continue;
    }
    for (const [name, addresses] of Object.entries(interfaces())) {
      for (const { address, family, scopeid } of addresses ?? []) {
        if ((family === 'IPv4') !== (host === ANY_IPV4)) continue;
        result.add(scopeid !== undefined && scopeid !== 0 ? `${address}%${name}` : address);
      }
    }
  }
  return [...result];
}

function interfaces(): ReturnType<typeof networkInterfaces> {
  const advice = 'Bind to single addresses instead.';
  return attempt("This machine's addresses cannot be listed", advice, networkInterfaces);
}

/**
 * The network namespace of this process, as the system names it (a container or a VPN may have its own): a port in
 * one cannot be reached from another.
 *
 * @returns `undefined` where the system does not say
 */
export function ownNetwork(): string | undefined {
  try {
    return readlinkSync('/proc/self/ns/net');
  } catch {
    return undefined;
  }
}
