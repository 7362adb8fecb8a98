import type { Operation } from '../../contract/contract.ts';
import type { QName } from '../../contract/types/type-names.ts';
import type { Fault } from '../encoding.ts';
import { notUnderstood } from '../received-headers.ts';
import type { EnvelopeReader } from './envelope-reader.ts';
import {
  actionNotSupported,
  destinationUnreachable,
  mustUnderstand,
  NO_ACTION,
  NOT_CORRELATED,
  undispatchable,
} from './faults.ts';
import { NO_MESSAGE_ID } from './message-id.ts';
import type { ToFilter } from './to-address.ts';

/**
 * What is wrong with the headers of a request, in the order in which WCF checks them.
 *
 * @param operation the one that its action names
 * @param understood headers that have to be understood, and are
 * @param isLater   the request is not the first of its session
 */
export function headerFault(
  reader: EnvelopeReader,
  operation: Operation | undefined,
  toFilter: ToFilter | undefined,
  understood: readonly QName[] | undefined,
  isLater: boolean,
): Fault | undefined {
  const { action, to, messageId, duplicate, headers } = reader;
  if (duplicate !== undefined) {
    return undispatchable(`There is more than one ${duplicate} header.`);
  }
  if (toFilter?.accepts(to) === false) return destinationUnreachable(to ?? '');
  if (action === undefined) return undispatchable(NO_ACTION);
  if (operation === undefined) return actionNotSupported(action, isLater);
  const own = operation.request?.headers.map(({ header }) => header);
  const missed = notUnderstood(headers, own ? [...own, ...(understood ?? [])] : understood);
  if (missed !== undefined) return mustUnderstand(missed);
  if (messageId === NO_MESSAGE_ID && !operation.oneWay) return undispatchable(NOT_CORRELATED);
  return undefined;
}
