import { NetTcpError } from '../../../shared/errors.ts';
import { pieces } from '../../helpers/octets.ts';
import { octets } from '../binary-xml/octets.ts';
import { arrive, head, request } from './collected.ts';

/** Streamed messages that are right: bytes in records, and base64 text. */
export const STREAMED: readonly Uint8Array[] = [
  request([octets('01 02 03 04'), octets('05'), new Uint8Array(300)]),
  Uint8Array.from([...head(), ...octets('98 04 "AQID" 02 01 "c" 99 04 "BA==" 01 01 01')]),
];

/** Reads a message in pieces of a size that its bytes decide. @throws anything but a complaint of the reader */
export function readInPieces(message: Uint8Array): void {
  const size = 1 + ((message[message.length >> 1] ?? 0) % 97);
  try {
    arrive(pieces(message, size));
  } catch (error) {
    if (error instanceof NetTcpError) return;
    // The head may name another operation, or a stream in another place: that is refused later.
    if (error instanceof Error && error.message.startsWith('refused: ')) return;
    throw error;
  }
}
