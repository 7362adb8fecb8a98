import type { Socket } from 'node:net';
import type { EndpointAddress } from '../address.ts';
import type { Contract } from '../contract/contract.ts';
import type { MessageEncoding } from '../encoding/encoding.ts';
import { NetTcpError } from '../errors.ts';
import type { ConnectionPool } from '../transport/connection-pool.ts';
import { dial } from '../transport/dialer.ts';
import type { Binding } from './binding.ts';
import { ClientSession } from './client-session.ts';
import { pause } from './deadline.ts';

export interface OpenOptions {
  readonly address: EndpointAddress;
  readonly contract: Contract;
  readonly binding: Binding;
  readonly pool: ConnectionPool;
  /** Gives the attempt up, and drops the session when it is open. Its reason is a NetTcpError. */
  readonly signal: AbortSignal;
  /** The session that was opened is over. */
  readonly onClosed: (error: NetTcpError | undefined) => void;
}

// Between two attempts, in milliseconds: doubled from the first to the second.
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 250;

/**
 * Opens a session, on a pooled connection where there is one.
 *
 * Tries until the service acknowledges. A connection that dies before its ack carried no call, so
 * another try does no harm: that is how a client does not notice that the port-sharing daemon was
 * replaced.
 *
 * @throws {NetTcpError} what the last attempt failed with
 */
export async function openSession(options: OpenOptions): Promise<ClientSession> {
  const { address, binding, pool, signal } = options;
  const { maxOpenAttempts, openTimeoutMs } = binding.limits;
  const deadline = performance.now() + openTimeoutMs;
  const encoding = await binding.clientEncoding();
  const leftMs = (): number => Math.max(1, deadline - performance.now());
  for (let attempt = 1; ; attempt++) {
    const pooled = pool.take(address);
    const socket = pooled ?? (await dial(address, leftMs(), signal));
    const outcome = await tryPreamble(options, encoding, socket, leftMs());
    if (outcome instanceof ClientSession) return outcome;
    if (signal.aborted || performance.now() > deadline) throw outcome.error;
    // A pooled connection may have been closed long ago: its failure counts for nothing.
    if (pooled !== undefined) continue;
    if (!outcome.canRetry || attempt >= maxOpenAttempts) throw outcome.error;
    await pause(Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS));
  }
}

interface FailedAttempt {
  readonly error: NetTcpError;
  readonly canRetry: boolean;
}

function tryPreamble(
  { address, contract, binding, pool, signal, onClosed }: OpenOptions,
  encoding: MessageEncoding,
  socket: Socket,
  timeoutMs: number,
): Promise<ClientSession | FailedAttempt> {
  return new Promise((resolve) => {
    const { limits } = binding;
    let isOpened = false;
    const onAbort = (): void => session.abort(signal.reason as NetTcpError);
    const timer = setTimeout(() => session.abort(openTimedOut(address, timeoutMs)), timeoutMs);
    const session = new ClientSession(
      {
        limits,
        encoding,
        via: address.uri,
        onOpened() {
          isOpened = true;
          clearTimeout(timer);
          resolve(session);
        },
        onClosed(error, canRetry) {
          clearTimeout(timer);
          signal.removeEventListener('abort', onAbort);
          if (isOpened) onClosed(error);
          else resolve({ error: error ?? openTimedOut(address, timeoutMs), canRetry });
        },
        keep(kept) {
          pool.put(address, kept);
        },
      },
      socket,
      encoding.client({ contract, limits, address: address.uri }),
    );
    signal.addEventListener('abort', onAbort);
  });
}

export function openTimedOut({ uri }: EndpointAddress, timeoutMs: number): NetTcpError {
  return new NetTcpError(
    'Timeout',
    `The open operation did not complete within the allotted timeout of ${Math.round(timeoutMs) / 1_000} s while establishing a session to ${uri}. Something accepted the connection but did not answer: check that it is a net.tcp service.`,
  );
}
