import { NetTcpError } from '../../errors.ts';
import type { RefusalStatus } from './messages.ts';

const PREFIX =
  'The TransportManager failed to listen on the supplied URI using the NetTcpPortSharing service: ';

/** The daemon has ended while a service was registering with it. */
export function gone(): NetTcpError {
  return new NetTcpError('Communication', `${PREFIX}the daemon ended meanwhile. Try again.`);
}

/** What a service says when the daemon refuses a registration: what happened, and what to do. */
export function refusal(status: RefusalStatus, message: string): NetTcpError {
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
        `${PREFIX}the service failed to listen. ${message} The port belongs to a program that does not share it: end that program, or choose another port.`,
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
