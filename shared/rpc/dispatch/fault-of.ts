import { FaultException } from '../../contract/fault-exception.ts';
import type { Fault } from '../../encoding/encoding.ts';
import { messageOf, NetTcpError, stackOf } from '../../errors.ts';

const INTERNAL_ERROR =
  'The server was unable to process the request due to an internal error. For more information about the error, turn on includeExceptionDetailInFaults on the server.';

/** What a caller is told of an error: a `Fault` that was thrown on purpose is his to read, anything else is not. */
export function faultOf(error: unknown, includesDetail: boolean): Fault {
  if (isMeant(error)) {
    return { code: 'Fault', message: error.message, ...fromException(error) };
  }
  if (!includesDetail) return { code: 'Fault', message: INTERNAL_ERROR, unhandled: true };
  return { code: 'Fault', message: messageOf(error), detail: stacksOf(error), unhandled: true };
}

/** Whether an implementation threw it for its caller. */
export function isMeant(error: unknown): error is NetTcpError {
  return error instanceof NetTcpError && error.code === 'Fault';
}

function fromException(error: NetTcpError): Pick<Fault, 'faultCode' | 'typed'> {
  if (!(error instanceof FaultException)) return {};
  const { faultCode, type, detail } = error;
  return { faultCode, typed: type === undefined ? undefined : { type, value: detail } };
}

/** The stack of an exception, and of those that caused it. */
function stacksOf(error: unknown, seen: ReadonlySet<unknown> = new Set()): string {
  if (!(error instanceof Error)) return typeof error;
  const { cause } = error;
  const stack = stackOf(error) ?? error.name;
  if (!(cause instanceof Error) || seen.has(cause)) return stack;
  return `${stack}\n ---> ${stacksOf(cause, new Set([...seen, error]))}`;
}
