import type { Socket } from 'node:net';
import { SessionEnd } from '../../../framing/session-end.ts';
import { ignoreError } from '../../../transport/connection.ts';
import { closeStream } from '../../../transport/draining.ts';
import { stopReading } from '../../../transport/node-internals.ts';
import { carry } from './relay.ts';

interface SessionRelayHandler {
  /** The service has sent something, so it is alive. */
  onAnswer(): void;
  /** Nothing is relayed any more. */
  onDone(): void;
  /**
   * The client begins another session, perhaps with another service: its connection is the handler's again,
   * without listeners of this relay.
   *
   * @param octets what the client has sent of it
   */
  onNext(octets: Uint8Array): void;
}

/**
 * Relays one session to a service that knows nothing of port sharing. WCF's clients reuse a connection for a
 * session with *another* address of the same port; what they send then is not for this service. Under TLS they do so,
 * too: each session begins in the clear.
 *
 * @param read what the client has sent so far: the preamble, and what came with it
 * @returns a function that gives it up: closes the service's connection, and leaves the client's to the caller
 */
export function relaySession(
  client: Socket,
  service: Socket,
  read: Uint8Array,
  handler: SessionRelayHandler,
): () => void {
  const asked = new SessionEnd();
  const answered = new SessionEnd();
  let open = 2;
  let isAnswered = false;
  /** What came after the client's End: bytes of another session. */
  let next: Uint8Array | undefined;

  const onClosed = (): void => {
    open -= 1;
    if (open === 0) handler.onDone();
  };
  const goOn = (): void => {
    const octets = next;
    if (octets === undefined || open < 2) return; // otherwise what closes one closes the other
    // The service has ended its half, and the client knows: it gets no answer here.
    if (!client.writable) return void client.destroy();
    giveUp();
    handler.onNext(octets);
  };
  const giveUp = (): void => {
    next = undefined;
    for (const release of releases) release();
    service.on('error', ignoreError);
    closeStream(service);
    handler.onDone();
  };
  const fromClient = (octets: Uint8Array): number => {
    const count = asked.pass(octets);
    if (count === octets.length) return count;
    next = octets.subarray(count);
    stopReading(client);
    if (answered.mayBeOver) goOn();
    return count;
  };
  const fromService = (octets: Uint8Array): number => {
    if (!isAnswered) {
      isAnswered = true;
      handler.onAnswer();
    }
    const count = answered.pass(octets);
    // One session after the other: the end of this one must go out first.
    if (next !== undefined && answered.mayBeOver) setImmediate(goOn);
    return count;
  };

  service.write(read.subarray(0, fromClient(read)));
  const releases = [
    carry(service, client, { onClosed, take: fromService }),
    carry(client, service, { onClosed, take: fromClient }),
  ];
  if (next !== undefined) stopReading(client);
  return giveUp;
}
