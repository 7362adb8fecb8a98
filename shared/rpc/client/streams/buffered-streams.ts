import type { CallOptions, Operation } from '../../../contract/contract.ts';
import type { NetTcpError } from '../../../errors.ts';
import type { Limits } from '../../../limits.ts';
import { checkStream, collect, streamOf } from '../../streams/whole-stream.ts';
import { timedOut } from '../../calls/pending-calls.ts';
import type { Caller } from '../../calls/proxy-method.ts';
import { bounded } from '../../calls/time-limit.ts';

/** Carries calls with streams over a buffered channel, where a stream is collected before it is sent. */
export function bufferedStreams(channel: Caller, limits: Limits): Caller {
  return { call: (...call) => callBuffered(channel, limits, ...call) };
}

async function callBuffered(
  channel: Caller,
  limits: Limits,
  operation: Operation,
  args: readonly unknown[],
  options: CallOptions,
): Promise<unknown> {
  let sent = args;
  if (operation.streamsRequest) {
    const source = checkStream(args[0]);
    const { timeoutMs = limits.sendTimeoutMs, signal } = options;
    const collecting = collect(source, limits.maxReceivedMessageSize);
    try {
      const late = (): NetTcpError => timedOut(operation, timeoutMs);
      sent = [await bounded(collecting, timeoutMs, signal, late)];
    } finally {
      source.destroy();
    }
  }
  const result = await channel.call(operation, sent, options);
  return operation.streamsReply ? streamOf(result as Uint8Array) : result;
}
