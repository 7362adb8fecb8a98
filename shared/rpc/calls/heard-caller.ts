import type { CallOptions, Contract } from '../../contract/contract.ts';
import type { MessageHeader } from '../../contract/header.ts';
import {
  isOfTrace,
  type TraceContext,
  Traceparent,
  Tracestate,
} from '../../contract/trace-context.ts';
import { NetTcpError } from '../../errors.ts';
import { HeardCall, type OnCall } from '../call-events.ts';
import type { Caller } from './proxy-method.ts';

/** What carries the calls of a proxy, with somebody who hears of them. */
export function heardCaller(
  caller: Caller,
  contract: Contract,
  via: string,
  onCall: OnCall | undefined,
): Caller {
  if (onCall === undefined) return caller;
  return {
    async call(operation, args, options) {
      const event = { kind: 'client', via, caller: undefined, trace: undefined } as const;
      const heard = new HeardCall(onCall, event, contract, operation);
      try {
        const result = await caller.call(operation, args, withTrace(options, heard.trace));
        heard.end('OK');
        return result;
      } catch (error) {
        heard.end(NetTcpError.from(error).code, error);
        throw error;
      }
    },
  };
}

/** Headers that the call brings itself come first. */
function withTrace(options: CallOptions, trace: TraceContext | undefined): CallOptions {
  const { headers = [] } = options;
  if (trace === undefined || headers.some(({ header }) => isOfTrace(header))) return options;
  const ofTrace: MessageHeader[] = [Traceparent.of(trace.traceparent)];
  if (trace.tracestate !== undefined) ofTrace.push(Tracestate.of(trace.tracestate));
  return { ...options, headers: [...headers, ...ofTrace] };
}
