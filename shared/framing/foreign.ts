/** What the first octets of a stream give away about a peer that does not speak net.tcp. */
const SIGNATURES: readonly (readonly [begins: string, name: string])[] = [
  ['HTTP/', 'an HTTP server'],
  ['SSH-', 'an SSH server'],
  ['\x15\x03', 'a TLS server'],
  ['\x16\x03', 'a TLS server'],
  ['220', 'a mail or FTP server'],
  ['-ERR', 'a Redis server'],
  ['+OK', 'a mail server'],
];

/** Names the kind of server that sent `octets`, or `undefined` when they look like nothing known. */
export function recogniseForeign(octets: Uint8Array): string | undefined {
  const text = String.fromCharCode(...octets.subarray(0, 16));
  return SIGNATURES.find(([begins]) => text.startsWith(begins))?.[1];
}
