import type { Operation } from '../contract/contract.ts';
import { nothing } from '../contract/types/types.ts';

/** Namespace of WS-Trust, February 2005. */
export const TRUST = 'http://schemas.xmlsoap.org/ws/2005/02/trust';

/**
 * Operations that every service with tokens has beside its contract's. Their bodies are not parameters: see
 * `soap/security/write-trust.ts`. No contract can have an operation of such a name.
 */
export const TOKEN_OPERATIONS = {
  issue: tokenOperation('SCT'),
  renew: tokenOperation('SCT/Renew'),
  cancel: tokenOperation('SCT/Cancel'),
} as const;

const ALL: ReadonlySet<Operation> = new Set(Object.values(TOKEN_OPERATIONS));
const BY_ACTION = new Map([...ALL].map((operation) => [operation.action, operation]));

export function isTokenOperation(operation: Operation): boolean {
  return ALL.has(operation);
}

/** The operation that an action names, if it is one of these. */
export function tokenOperationOf(action: string | undefined): Operation | undefined {
  return BY_ACTION.get(action ?? '');
}

function tokenOperation(name: string): Operation {
  return {
    name: `RST/${name}`,
    method: '',
    namespace: TRUST,
    parameters: [],
    result: nothing,
    results: [],
    hasSeveralResults: false,
    streamsRequest: false,
    streamsReply: false,
    oneWay: false,
    faults: [],
    action: `${TRUST}/RST/${name}`,
    replyAction: `${TRUST}/RSTR/${name}`,
    isInitiating: true,
    isTerminating: false,
    replyName: `RSTR/${name}`,
  };
}
