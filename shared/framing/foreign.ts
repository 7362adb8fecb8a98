import { RecordType } from './records.ts';

/** First bytes of a stream, or those at an offset, that give away a peer that does not speak net.tcp. */
const SIGNATURES: readonly (readonly [octets: string, name: string, at?: number])[] = [
  ['HTTP/', 'an HTTP server'],
  // Its first frame has a size, then type 4 (SETTINGS), no flags, stream 0.
  ['\x04\0\0\0\0\0', 'an HTTP/2 server, such as one for gRPC', 3],
  ['SSH-', 'an SSH server'],
  ['\x15\x03', 'a TLS server'],
  ['\x16\x03', 'a TLS server'],
  ['220', 'a mail or FTP server'],
  ['-ERR', 'a Redis server'],
  ['+OK', 'a mail server'],
];

const ANSWERS: readonly number[] = [
  RecordType.PreambleAck,
  RecordType.UpgradeResponse,
  RecordType.Fault,
];

/**
 * Names the kind of server that answers a preamble with `octets`.
 *
 * @param octets the first that arrived, at least one: the very first tells whether it is net.tcp
 * @returns `undefined` if they begin as a service's answer does: with an ack, an upgrade response, or a fault
 */
export function recogniseForeign(octets: Uint8Array): string | undefined {
  if (ANSWERS.includes(octets[0] ?? 0)) return undefined;
  const text = String.fromCharCode(...octets.subarray(0, 16));
  const found = SIGNATURES.find(([begins, , at = 0]) => text.startsWith(begins, at));
  return found?.[1] ?? 'something that does not speak net.tcp';
}
