// A TLS client that a test holds in its hands, behind a preamble in the clear.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { onTestFinished } from 'vitest';
import { parseAddress } from '../../../shared/address.ts';
import type { Issued } from '../../../scripts/certificates.ts';
import { preamble } from '../../helpers/network/raw-client.ts';

const NAME = Buffer.from('application/ssl-tls');
const REQUEST = Buffer.from([0x09, NAME.length, ...NAME]);
export const [ACK, PREAMBLE_END] = [0x0b, 0x0c];

/** A preamble up to its end, and the request for TLS. */
export function opening(address: string): Buffer {
  return Buffer.concat([Buffer.from(preamble(address).slice(0, -1)), REQUEST]);
}

/** A client's certificate and key, as OpenSSL takes them. */
export function shows({ certificate, key }: Issued): ConnectionOptions {
  return { cert: readFileSync(certificate), key: readFileSync(key) };
}

/** Has the service agree to TLS, and begins it. Whatever goes wrong only closes it. */
export async function beginTls(address: string, options: ConnectionOptions): Promise<TLSSocket> {
  const socket = connect(parseAddress(address).port, 'localhost').setNoDelay(true);
  socket.on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  socket.write(opening(address));
  await once(socket, 'data');
  const stream = connectTls({ socket, servername: '', checkServerIdentity: noCheck, ...options });
  return stream.on('error', () => undefined);
}

function noCheck(): undefined {}

/** Ends the preamble. @returns whether the service lets the client in: it sends its ack */
export function isLetIn(stream: TLSSocket): Promise<boolean> {
  stream.write(Uint8Array.of(PREAMBLE_END));
  return new Promise((resolve) => {
    stream.once('data', (chunk: Buffer) => resolve(chunk[0] === ACK));
    stream.once('close', () => resolve(false));
  });
}
