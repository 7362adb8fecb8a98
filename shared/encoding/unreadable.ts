import type { Operation } from '../contract/contract.ts';
import type { FaultCode } from '../contract/fault-exception.ts';
import { Mismatch } from '../contract/types/mismatch.ts';
import { NetTcpError } from '../errors.ts';
import type { Fault } from './encoding.ts';

/**
 * Messages that name their call and then cannot be read: a value of another type, out of range, too deep
 * or malformed. They cost that call and no other: the framing knows where the next message begins.
 */

/** Namespace of the fault codes of WCF's dispatcher. */
export const DISPATCHER =
  'http://schemas.microsoft.com/net/2005/12/windowscommunicationfoundation/dispatcher';

const DESERIALIZATION_FAILED: FaultCode = {
  name: 'Sender',
  subcode: { name: 'DeserializationFailed', namespace: DISPATCHER },
};

/**
 * The fault for an unreadable request, in WCF's words.
 *
 * @param caught a `Mismatch` whose path begins with the parameter, or a NetTcpError of the reader
 * @throws anything else that was caught
 */
export function unreadableRequest({ name }: Operation, caught: unknown): Fault {
  const why = reasonOf(caught);
  return {
    code: 'Fault',
    faultCode: DESERIALIZATION_FAILED,
    message: `The formatter threw an exception while trying to deserialize the message: Error in deserializing body of request message for operation '${name}'. ${why}`,
  };
}

/**
 * The fault of a call whose reply is unreadable: code `Protocol`, or `QuotaExceeded` for a limit.
 *
 * @param caught a `Mismatch` whose path begins with the result, or a NetTcpError of the reader
 * @throws anything else that was caught
 */
export function unreadableReply({ name }: Operation, caught: unknown): Fault {
  const why = reasonOf(caught);
  return {
    code: caught instanceof NetTcpError ? caught.code : 'Protocol',
    message: `Error in deserializing body of reply message for operation '${name}'. ${why}`,
  };
}

function reasonOf(caught: unknown): string {
  if (caught instanceof Mismatch) return sentence(caught.describe());
  if (caught instanceof NetTcpError) return sentence(caught.message);
  throw caught;
}

function sentence(text: string): string {
  const end = text.endsWith('.') ? '' : '.';
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${end}`;
}
