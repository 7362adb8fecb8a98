import { parseAddress } from '../../address.ts';
import { NetTcpError } from '../../errors.ts';
import { adviceOnPort } from '../../transport/port-owner.ts';
import type { RefusalStatus } from './messages.ts';

const PREFIX =
  'The TransportManager failed to listen on the supplied URI using the NetTcpPortSharing service: ';

/** The error when the daemon has ended while a service was registering. */
export function gone(): NetTcpError {
  return new NetTcpError('Communication', `${PREFIX}the daemon ended meanwhile. Try again.`);
}

function portOf(address: string): number {
  try {
    return parseAddress(address).port;
  } catch {
    return 0;
  }
}

/** The error when the daemon refuses to register `address`: what happened, and what to do. */
export function refusal(status: RefusalStatus, message: string, address = ''): NetTcpError {
  switch (status) {
    case 'conflicting-registration':
      return new NetTcpError(
        'AddressAlreadyInUse',
        `${PREFIX}${message}. Choose another path or number.`,
        {
          reason: 'already-registered',
        },
      );
    case 'failed-to-listen':
      return new NetTcpError(
        'AddressAlreadyInUse',
        `${PREFIX}the service failed to listen. ${message} ${adviceOnPort(portOf(address))}`,
      );
    case 'cannot-listen':
      return new NetTcpError('Communication', `${PREFIX}the service failed to listen. ${message}`);
    case 'path-too-long':
    case 'quota-exceeded':
      return new NetTcpError('QuotaExceeded', `${PREFIX}${message}.`);
    default:
      return new NetTcpError('Communication', `${PREFIX}${message}.`);
  }
}
