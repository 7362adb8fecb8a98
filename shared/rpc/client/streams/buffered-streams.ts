import { streamIn, withStream } from '../../../contract/message.ts';
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
    const { request } = operation;
    const source = checkStream(streamIn(request, args[0]));
    const { timeoutMs = limits.sendTimeoutMs, signal } = options;
    const collecting = collect(source, limits.maxReceivedMessageSize);
    try {
      const late = (): NetTcpError => timedOut(operation, timeoutMs);
      const bytes = await bounded(collecting, timeoutMs, signal, late);
      sent = [withStream(request, args[0], bytes)];
    } finally {
      source.destroy();
    }
  }
  const result = await channel.call(operation, sent, options);
  const { streamsReply, reply } = operation;
  if (!streamsReply) return result;
  return withStream(reply, result, streamOf(streamIn(reply, result) as Uint8Array));
}
