import type { Socket } from 'node:net';
import { type EndpointAddress, parseAddress } from '../../address.ts';
import type { Contract } from '../../contract/contract.ts';
import type { MessageEncoding } from '../../encoding/encoding.ts';
import type { ClientMessageSecurity } from '../../encoding/message-security.ts';
import { NetTcpError } from '../../errors.ts';
import type { Attempt } from '../../transport/attempt.ts';
import { ignoreError } from '../../transport/connection.ts';
import { closeStream } from '../../transport/draining.ts';
import type { ConnectionPool } from '../../transport/connection-pool.ts';
import { sleep } from '../../time.ts';
import { connectionRefused, dial, isSelfConnected } from '../../transport/dialer.ts';
import type { ClientUpgrade } from '../../transport/upgrade.ts';
import type { Binding } from '../binding.ts';
import { warnOfUnknown } from '../unknown.ts';
import { ClientSession } from './client-session.ts';
import { endedByService } from './session-errors.ts';
import type { MakeCallbacks } from './session-owner.ts';

/** What a channel leads to, and how. */
export interface Target {
  /** Where to connect to, and what the preamble names. */
  readonly address: EndpointAddress;
  /** The address of the endpoint, which a SOAP message names. */
  readonly to: string;
  readonly contract: Contract;
  readonly binding: Binding;
  /** The security of the channel's factory. */
  readonly upgrade: UpgradeOfClient | undefined;
  /** What its messages say of their sender. */
  readonly security: ClientMessageSecurity | undefined;
  /** Where the contract has callbacks: loads what takes them. */
  readonly loadCallbacks: (() => Promise<MakeCallbacks>) | undefined;
  readonly pool: ConnectionPool;
}

interface OpenOptions extends Target {
  /** Bounds the opening; giving it up later drops the session. */
  readonly attempt: Attempt;
  /** Called when the opened session is over. */
  readonly onClosed: (error: NetTcpError | undefined) => void;
}

/** Loaded when it is first needed. */
export type UpgradeOfClient = () => Promise<ClientUpgrade>;

// Pauses between attempts, in milliseconds: each is twice the one before, from the first value to the second.
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 250;
const SPREAD = 0.2;

/**
 * Opens a session, on a pooled connection if there is one.
 *
 * Tries until the service acknowledges. A connection that dies before its ack carried no call, so another try
 * does no harm: thus a client does not notice that the port-sharing daemon was replaced.
 *
 * @throws {NetTcpError} the error of the last attempt
 */
export async function openSession(options: OpenOptions): Promise<ClientSession> {
  const { address, binding, pool, attempt } = options;
  const { maxOpenAttempts, keptAckTimeoutMs } = binding.limits;
  try {
    const encoding = await binding.clientEncoding();
    const upgrade = options.upgrade && (await options.upgrade());
    const newCallbacks = options.loadCallbacks && (await options.loadCallbacks());
    const loaded = { encoding, upgrade, newCallbacks };
    for (let tries = 0; ;) {
      const pooled = pool.take(address);
      const socket = pooled ?? (await dial(address, attempt, binding.limits.keepAliveAfterMs));
      const ackTimeoutMs = pooled === undefined ? 0 : keptAckTimeoutMs;
      const outcome = await tryPreamble(options, loaded, socket, ackTimeoutMs);
      if ('session' in outcome) {
        const { session, take } = outcome;
        if (session.isOpen) {
          take();
          return session;
        }
        // Its End came with the ack: that service was about to close.
      }
      const { error, canRetry, wasAlive } =
        'session' in outcome
          ? { error: endedByService(address.uri), canRetry: true, wasAlive: false }
          : outcome;
      if (attempt.isGivenUp) throw error;
      // A pooled connection may have been closed long ago: its failure is no attempt.
      if (pooled !== undefined && !wasAlive) continue;
      tries += 1;
      if (!canRetry || tries >= maxOpenAttempts) throw error;
      await sleep(Math.min(FIRST_PAUSE_MS * 2 ** (tries - 1), LONGEST_PAUSE_MS), SPREAD);
    }
  } finally {
    attempt.end();
  }
}

/** What is loaded when it is first needed. */
interface Loaded {
  readonly encoding: MessageEncoding;
  readonly upgrade: ClientUpgrade | undefined;
  readonly newCallbacks: MakeCallbacks | undefined;
}

interface OpenedSession {
  readonly session: ClientSession;
  /** From now on, the caller's `onClosed` is told of its end. */
  readonly take: () => void;
}

interface FailedAttempt {
  readonly error: NetTcpError;
  readonly canRetry: boolean;
  /** The service had agreed to an upgrade: the connection led somewhere. */
  readonly wasAlive: boolean;
}

/** @param ackTimeoutMs for a connection that was kept, which may lead nowhere; 0: no limit of its own */
function tryPreamble(
  { address, to, contract, binding, security, pool, attempt, onClosed }: OpenOptions,
  { encoding, upgrade, newCallbacks }: Loaded,
  socket: Socket,
  ackTimeoutMs: number,
): Promise<OpenedSession | FailedAttempt> {
  return new Promise((resolve) => {
    const { limits } = binding;
    let isTaken = false;
    let wasAlive = false;
    const timedOut = (): NetTcpError => openTimedOut(address, attempt.timeoutMs);
    const session = new ClientSession(
      {
        limits,
        encoding,
        via: address.uri,
        upgrade,
        newCallbacks,
        secure(raw) {
          wasAlive = true;
          clearTimeout(timer);
          if (upgrade === undefined) throw new NetTcpError('Internal', 'no upgrade was asked for');
          return upgrade.initiate(raw, parseAddress(to).host);
        },
        onOpened() {
          clearTimeout(timer);
          resolve({ session, take: () => (isTaken = true) });
        },
        onClosed(error, canRetry) {
          clearTimeout(timer);
          attempt.onGivenUp(undefined);
          if (isTaken) return onClosed(error);
          // Its own preamble came back: nobody answered.
          const isOwn = error?.code === 'Protocol' && isSelfConnected(socket);
          const reason = isOwn ? connectionRefused(address) : (error ?? timedOut());
          resolve({ error: reason, canRetry: canRetry && !isOwn, wasAlive });
        },
        keep(kept) {
          if (isTaken) pool.put(address, kept);
          else closeStream(kept.on('error', ignoreError));
        },
      },
      socket,
      encoding.client({ contract, limits, address: to, security, onUnknown: warnOfUnknown }),
    );
    const timer = ackTimeoutMs > 0 ? setTimeout(onSilent, ackTimeoutMs) : undefined;
    function onSilent(): void {
      pool.forget(address); // the others have been idle for longer
      session.abort(timedOut());
    }
    attempt.onGivenUp((error) => session.abort(error ?? timedOut()));
  });
}

export function openTimedOut({ uri }: EndpointAddress, timeoutMs: number): NetTcpError {
  return new NetTcpError(
    'Timeout',
    `The open operation did not complete within the allotted timeout of ${Math.round(timeoutMs) / 1_000} s while establishing a session to ${uri}. Something accepted the connection but did not answer: check that it is a net.tcp service.`,
  );
}
