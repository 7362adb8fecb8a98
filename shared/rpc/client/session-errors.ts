// The errors of a call, or of its channel, when a session does not end as it should.
import { NetTcpError } from '../../errors.ts';
import { recogniseForeign } from '../../framing/foreign.ts';
import { type InitiatorState, isOpening, mayTryAgain } from '../../session/initiator-state.ts';
import { unanswered } from '../../session/opening.ts';
import type { Secured } from '../../transport/upgrade.ts';

/**
 * The connection broke.
 *
 * @param state   the last one of the session
 * @param secured what the connection had been upgraded to: it may know that the service refused us
 * @returns the error, and whether opening may be tried again
 */
export function lost(
  via: string,
  state: InitiatorState,
  cause: Error | undefined,
  secured: Secured | undefined,
): readonly [error: NetTcpError, canRetry: boolean] {
  const why = isOpening(state) ? unanswered(state) : undefined;
  const refusal = why === undefined || cause === undefined ? undefined : secured?.explain?.(cause);
  if (refusal?.code === 'SecurityNegotiation') return [refusal, false];
  const text = `The socket connection to ${via} was aborted. The service may have ended, or given up on this client.`;
  return [new NetTcpError('Communication', why ?? text, { cause }), mayTryAgain(state)];
}

/** Nothing was heard for `ms` milliseconds, though calls waited. */
export function silentPeer(via: string, ms: number): NetTcpError {
  return new NetTcpError(
    'Communication',
    `Nothing has come from ${via} for ${ms / 1_000} s (silentPeerTimeoutMs) while calls waited: its machine is gone, something on the way has forgotten the connection, or the service hangs. Create another channel.`,
  );
}

/** The connection was closed while no call was running. */
export function endedIdle(via: string, cause: Error): NetTcpError {
  return new NetTcpError(
    'Communication',
    `The service at ${via} closed the connection while no call was running. It may have ended; and it gives up a session that brings no message for its receiveTimeout, 10 minutes by default.`,
    { cause },
  );
}

/** The service has ended the session by itself. */
export function endedByService(via: string): NetTcpError {
  return new NetTcpError(
    'Communication',
    `The server at ${via} did not provide a meaningful reply; this might be caused by a contract mismatch, a premature session shutdown or an internal server error.`,
  );
}

/**
 * The error if the peer speaks another protocol. Foreign bytes may look like the beginning of a long record, which must
 * not be waited for.
 */
export function foreignPeer(via: string, octets: Uint8Array): NetTcpError | undefined {
  const what = recogniseForeign(octets);
  if (what === undefined) return undefined;
  const text = `At ${via} there is ${what}, not a net.tcp service. Check host and port.`;
  return new NetTcpError('Protocol', text);
}
