import { atPort, type EndpointAddress, whyTooLong } from '../../address.ts';
import { NetTcpError } from '../../errors.ts';
import type { Limits } from '../../limits.ts';

/** @throws {NetTcpError} `QuotaExceeded` for an address that is too long for a client's preamble */
export function checkLength(
  address: EndpointAddress,
  limits: Pick<Limits, 'maxViaBytes'>,
): EndpointAddress {
  // A port that is not known yet may get five digits.
  const { uri } = address.port === 0 ? atPort(address, 65_535) : address;
  const why = whyTooLong(uri, limits.maxViaBytes);
  if (why === undefined) return address;
  throw new NetTcpError('QuotaExceeded', `Cannot serve the address: ${why}.`);
}
