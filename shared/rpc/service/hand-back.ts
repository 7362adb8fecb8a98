import { writePreamble } from '../../framing/encoder.ts';
import type { Preamble } from '../../framing/records.ts';
import { OctetWriter } from '../../octets.ts';
import type { Connection } from '../../transport/connection.ts';
import type { Incoming } from '../../transport/listener.ts';

/**
 * Turns a connection back into what it was when it arrived: the socket, and all that was sent on it since its
 * last session. The preamble is written again, because a decoder keeps no bytes of records that it has read.
 *
 * @param pending the decoder's bytes after the preamble
 */
export function handBack(
  connection: Connection,
  preamble: Preamble,
  pending: Uint8Array,
): Incoming {
  const octets = new OctetWriter(256);
  writePreamble(octets, preamble);
  octets.append(pending);
  const { socket, octets: unread } = connection.detach();
  octets.append(unread);
  return { socket, octets: octets.toBytes() };
}
