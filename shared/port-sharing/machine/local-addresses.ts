import { networkInterfaces } from 'node:os';
import { ANY_IPV4, ANY_IPV6 } from './hosts.ts';

/** The local IP addresses behind a registration's hosts. */
export function expand(hosts: readonly string[]): readonly string[] {
  const result = new Set<string>();
  for (const host of hosts) {
    if (host !== ANY_IPV4 && host !== ANY_IPV6) {
      result.add(host);
      continue;
    }
    for (const [name, addresses] of Object.entries(networkInterfaces())) {
      for (const { address, family, scopeid } of addresses ?? []) {
        if ((family === 'IPv4') !== (host === ANY_IPV4)) continue;
        result.add(scopeid !== undefined && scopeid !== 0 ? `${address}%${name}` : address);
      }
    }
  }
  return [...result];
}
