import type { FaultContract } from '../../../contract/operation.ts';
import type { QName } from '../../../contract/types/type-names.ts';
import { NetTcpError } from '../../../errors.ts';
import type { Fault } from '../../encoding.ts';
import type { ClientMessageSecurity, SecurityRefusal } from '../../message-security.ts';
import { notUnderstood } from '../../received-headers.ts';
import type { EnvelopeReader } from '../envelope-reader.ts';
import { mustUnderstand } from '../faults.ts';
import { readFault } from '../read-fault.ts';
import { unsecuredFault } from './faults.ts';

const FORGOTTEN: SecurityRefusal = 'BadContextToken';

/**
 * Why an answer is not taken: it must say when it was made, and what must be understood of it must be. A fault
 * need not say when, as it may be about just that.
 *
 * @param faults those of the operation, if the answer is a fault
 * @param understood headers that the operation has
 * @returns `undefined` for an answer that is taken
 */
export function refusalOf(
  reader: EnvelopeReader,
  security: ClientMessageSecurity | undefined,
  faults: readonly FaultContract[] | undefined,
  understood: readonly QName[] | undefined,
): Fault | undefined {
  if (security !== undefined && faults !== undefined && reader.security === undefined) {
    const fault = readFault(reader.values, faults);
    reader.finish();
    if (fault.faultCode?.subcode?.name === FORGOTTEN) security.forgotten?.();
    return unsecuredFault(fault);
  }
  try {
    security?.check(reader.security ?? {});
  } catch (error) {
    const { code, message } = NetTcpError.from(error);
    return { code, message };
  }
  const missed = notUnderstood(reader.headers, understood);
  return missed && { code: 'Protocol', message: mustUnderstand(missed).message };
}
