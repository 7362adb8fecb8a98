import { isIP } from 'node:net';
import { machineMs } from '../../../time.ts';
import { descriptorOf } from '../../../transport/node-internals.ts';
import type { CallerLink } from '../../handshake/link.ts';
import type { Arrival } from '../arrival.ts';
import type { Dispatched } from './dispatch-queue.ts';

/** `'closed'`: the client has gone; `'too long'`: no message has room for what was read from it. */
type Outcome = 'sent' | 'full' | 'gone' | 'closed' | 'too long';

// The rest of the time is for the answer of a replica that took a connection at the last moment.
const SHARE_TO_TAKE = 0.75;

/**
 * Sends a connection to a service: its socket, or else the wish that the service opens one to relay it.
 *
 * @param stuckAfterMs when a replica that has not answered may lose it to another
 */
export function sendConnection(
  link: CallerLink,
  dispatch: number,
  { arrival, registration }: Dispatched,
  stuckAfterMs: number,
): Outcome {
  const { via, octets, socket, origin } = arrival;
  if (!link.hasRoomFor(octets)) return 'too long';
  const isRelayed = link.transfer === 'relay';
  const message = {
    type: 'dispatch',
    dispatch,
    via,
    octets,
    from: origin !== undefined || isRelayed ? addressOf(arrival) : undefined,
    fronted: origin?.isFronted,
  } as const;
  // A relayed connection is open only when the service has come for it: nothing can be taken late.
  if (isRelayed) return link.control.send(message) ? 'sent' : 'gone';
  const client = socket === undefined ? undefined : descriptorOf(socket);
  if (client === undefined) return 'closed';
  const takeBy = registration.isReplica
    ? Math.floor(machineMs() + stuckAfterMs * SHARE_TO_TAKE)
    : undefined;
  const id = link.sendDescriptor(client, (descriptor) => ({ ...message, descriptor, takeBy }));
  return typeof id === 'number' ? 'sent' : id;
}

/** `undefined` if the client is gone: then nobody knows. */
function addressOf({ remoteAddress }: Arrival): string | undefined {
  return isIP(remoteAddress) === 0 ? undefined : remoteAddress;
}
