import { FaultException } from '../../contract/fault-exception.ts';
import type { Fault } from '../../encoding/encoding.ts';
import { NetTcpError } from '../../errors.ts';
import { FAULT_NAMESPACE, FRAMING_FAULTS, faultOf } from '../../framing/faults.ts';
import { untrusted } from '../../printable.ts';

/** A fault as the caller catches it. */
export function toError({ code, message, detail, faultCode, typed }: Fault): NetTcpError {
  // A streamed client gets in an answer what other clients get in a fault record.
  const { name = '', namespace } = faultCode?.subcode ?? {};
  const refused = namespace === FAULT_NAMESPACE ? faultOf(untrusted(namespace + name)) : undefined;
  if (refused !== undefined) {
    return new NetTcpError(FRAMING_FAULTS[refused].code, message, { framingFault: refused });
  }
  if (code !== 'Fault') return new NetTcpError(code, message, { cause: detail });
  const { type, value } = typed ?? {};
  return new FaultException(message, { cause: detail, faultCode, type, detail: value });
}
