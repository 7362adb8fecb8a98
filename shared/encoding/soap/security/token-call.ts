import type { Operation } from '../../../contract/contract.ts';
import type { Request, RequestId } from '../../encoding.ts';
import type { IssuedToken, ServiceMessageSecurity } from '../../message-security.ts';
import { TOKEN_OPERATIONS } from '../../token-operations.ts';
import type { EnvelopeReader } from '../envelope-reader.ts';
import { deserializationFailed, EMPTY_BODY, undispatchable } from '../faults.ts';
import { noToken } from './faults.ts';
import { readTokenRequest } from './read-trust.ts';

/** A call that asks for a token or cancels one; the keeper of the tokens answers it, not the contract. */
export function readTokenCall(
  security: ServiceMessageSecurity,
  reader: EnvelopeReader,
  id: RequestId,
  operation: Operation,
): Request {
  try {
    if (!reader.enterBody()) return { kind: 'refused', id, fault: undispatchable(EMPTY_BODY) };
    const header = reader.security ?? {};
    const request = readTokenRequest(reader.xml);
    reader.finish();
    const own = async (): Promise<IssuedToken | undefined> => {
      try {
        if (operation !== TOKEN_OPERATIONS.cancel) return await security.issue(header, request);
        security.cancel(request);
        return undefined;
      } catch (error) {
        throw noToken(error);
      }
    };
    return { kind: 'call', id, operation, args: [], own };
  } catch (caught) {
    return { kind: 'refused', id, fault: deserializationFailed(operation, caught) };
  }
}
