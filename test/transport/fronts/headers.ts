import { octets } from '../../helpers/octets.ts';

export const SIGNATURE = '0d0a0d0a 00 0d0a515549540a';

/** A header of the PROXY protocol, version 2, around a block of addresses and TLVs. */
export function header(command: string, family: string, block: string): Uint8Array {
  const { length } = octets(block);
  return octets(
    `${SIGNATURE} ${command} ${family} ${length.toString(16).padStart(4, '0')} ${block}`,
  );
}

/** From 192.0.2.7:4660 to 198.51.100.1:9000. */
export const IPV4_BLOCK = 'c0000207 c6336401 1234 2328';
/** From 2001:db8::7 to 2001:db8::1. */
export const IPV6_BLOCK =
  '20010db8000000000000000000000007 20010db8000000000000000000000001 1234 2328';

/** What HAProxy sends for a client at an IPv4 address, given in hexadecimal digits. */
export function headerFrom(address = 'c0000207'): Uint8Array {
  return header('21', '11', `${address} c6336401 1234 2328`);
}
