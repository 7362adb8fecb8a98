import { FaultException } from '../../../contract/fault-exception.ts';
import { type ErrorCode, NetTcpError } from '../../../errors.ts';

// Whatever else may go wrong, such as a refused credential or a peer of another kind, goes wrong again.
const PASSING: ReadonlySet<ErrorCode> = new Set([
  'Communication',
  'EndpointNotFound',
  'ServerTooBusy',
  'Timeout',
]);

/** Whether opening may succeed at another address, or a moment later. */
export function mayTryAgain({ code, reason }: NetTcpError): boolean {
  return PASSING.has(code) && reason !== 'host-not-found' && reason !== 'access-denied';
}

/**
 * The error of a call that was sent and got no answer: the connection broke or the session ended, and nobody can
 * know whether the service has executed it. Any other error stays as it is.
 */
export function perhapsExecuted(caught: unknown, operation: string): NetTcpError {
  const error = NetTcpError.from(caught);
  const isLost = error.code === 'Communication' && error.reason === undefined;
  if (!isLost || error instanceof FaultException) return error;
  const message = `${error.message} ${operation} was sent, and may have been executed: it is not sent again.`;
  return new NetTcpError('Communication', message, { reason: 'maybe-executed', cause: error });
}
