import type { Operation } from '../../contract/contract.ts';
import type { ReceivedHeaders } from '../../contract/header.ts';
import {
  type TraceContext,
  traceContext,
  Traceparent,
  Tracestate,
} from '../../contract/trace-context.ts';
import type { Fault, Request } from '../../encoding/encoding.ts';
import type { ErrorCode } from '../../errors.ts';
import { HeardCall } from '../call-events.ts';
import type { CallContext } from './call-context.ts';
import type { CallerContext } from './caller-context.ts';
import type { Endpoint } from './endpoint.ts';
import { isMeant } from './fault-of.ts';

type Call = Extract<Request, { readonly kind: 'call' }>;

/** Somebody hears of a call that is about to be made. Not of those that an encoding answers itself. */
export function hear({ onCall, contract }: Endpoint, call: Call, context: CallContext): void {
  if (onCall === undefined || call.own !== undefined) return;
  const { via, caller, headers } = context;
  const event = { kind: 'server', via, caller, trace: traceOf(headers) } as const;
  context.heard = new HeardCall(onCall, event, contract, call.operation);
}

/** Somebody hears of a request that is refused. @param operation if it got that far */
export function hearRefused(
  { onCall, contract }: Endpoint,
  { via, caller }: CallerContext,
  { code }: Fault,
  operation?: Operation,
): void {
  if (onCall === undefined) return;
  const event = { kind: 'server', via, caller, trace: undefined } as const;
  new HeardCall(onCall, event, contract, operation).end(code);
}

/** Why a call has no result, for those who hear of it. */
export function unanswered(error: unknown, isCallersFault: boolean): ErrorCode {
  if (isMeant(error)) return 'Fault';
  return isCallersFault ? 'Communication' : 'Internal';
}

/** Headers that are no trace are left out of account. */
function traceOf(headers: ReceivedHeaders): TraceContext | undefined {
  if (headers.names.length === 0) return undefined;
  try {
    return traceContext(headers.get(Traceparent), headers.get(Tracestate));
  } catch {
    return undefined;
  }
}
