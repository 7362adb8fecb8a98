// What peers send where a handshake should be: in the clear, too early, or never.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { readFileSync } from 'node:fs';
import { Duplex } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseAddress } from '../../../shared/address.ts';
import { eventually } from '../../helpers/eventually.ts';
import { preamble } from '../../helpers/network/raw-client.ts';
import { makeCertificates, openHost, TRANSPORT } from './secured.ts';

const pki = makeCertificates();
const NAME = Buffer.from('application/ssl-tls');
const REQUEST = Buffer.from([0x09, NAME.length, ...NAME]);
const AGREED = 0x0a;

/** A preamble up to its end, and the request for TLS. */
function opening(address: string): Buffer {
  return Buffer.concat([Buffer.from(preamble(address).slice(0, -1)), REQUEST]);
}

async function dial(address: string): Promise<Socket> {
  const socket = connect(parseAddress(address).port, 'localhost').setNoDelay(true);
  socket.on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** All that comes until the end. */
async function rest(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(socket, 'close');
  return Buffer.concat(chunks);
}

const hosting = async (limits: object = {}) => {
  const errors: string[] = [];
  const [host, address] = await openHost(
    TRANSPORT.none,
    { credentials: pki.server, onConnectionError: ({ message }) => errors.push(message) },
    { limits },
  );
  return { host, address, errors };
};

describe('the service', () => {
  test('takes the preamble in any two pieces', async () => {
    const { address } = await hosting();
    const octets = opening(address);
    for (let cut = 1; cut < octets.length; cut++) {
      const socket = await dial(address);
      socket.write(octets.subarray(0, cut));
      await new Promise((resolve) => setImmediate(resolve));
      socket.write(octets.subarray(cut));
      const [answer] = (await once(socket, 'data')) as [Buffer];
      expect([...answer], `cut at ${cut}`).toEqual([AGREED]);
      socket.destroy();
    }
  });

  test.for<[what: string, octets: readonly number[]]>([
    ['the end of the preamble', [0x0c]],
    ['half a record', [0x06, 0x7f, 0x00]],
    ['a ClientHello', [0x16, 3, 1, 0, 150]],
    ['a second request', [...REQUEST]],
    ['an end', [0x07]],
  ])('takes nothing in the clear after the request: %s', async ([, octets]) => {
    const { host, address, errors } = await hosting();
    const socket = await dial(address);
    socket.write(Buffer.concat([opening(address), Buffer.from(octets)]));
    const came = await rest(socket);
    expect([...came].filter((octet) => octet !== AGREED)).toEqual([]);
    await eventually(() => expect(errors.join()).toContain('in the clear'));
    expect(host.connectionCount).toBe(0);
  });

  test('takes nothing in the clear after its agreement', async () => {
    const { address } = await hosting();
    const socket = await dial(address);
    socket.write(opening(address));
    await once(socket, 'data');
    socket.write(Buffer.from([0x0c, 0x06, 0x01, 0x90]));
    const came = await rest(socket);
    // An alert of TLS may come; no ack does.
    expect(came[0]).not.toBe(0x0b);
  });

  test('closes on a client that wants no security', async () => {
    const { address, errors } = await hosting();
    const socket = await dial(address);
    socket.write(Buffer.from(preamble(address)));
    expect([...(await rest(socket))]).toEqual([]);
    expect(errors.join()).toContain('asked for no security');
  });

  test('refuses another upgrade by a fault', async () => {
    const { address } = await hosting();
    const socket = await dial(address);
    const name = Buffer.from('application/negotiate');
    const head = Buffer.from(preamble(address).slice(0, -1));
    socket.end(Buffer.concat([head, Buffer.from([9, name.length, ...name])]));
    expect(String(await rest(socket))).toContain('faults/UpgradeInvalid');
  });

  test.for<[what: string, then: (socket: Socket) => void]>([
    ['silence', () => undefined],
    [
      'a ClientHello that drips',
      (socket) => {
        const hello = [0x16, 3, 1, 0, 150, 1, 0, 0, 146, 3, 3, ...Array<number>(64).fill(7)];
        const timer = setInterval(() => socket.write(Buffer.from([hello.shift() ?? 7])), 30);
        socket.on('close', () => clearInterval(timer));
      },
    ],
    [
      'TLS, and no end of the preamble',
      (socket) => {
        const over = Duplex.from({ readable: socket, writable: socket });
        connectTls({
          socket: over,
          ca: readFileSync(pki.ca),
          host: 'localhost',
          servername: '',
        }).on('error', () => undefined);
      },
    ],
  ])('ends what does not go on in time: %s', async ([, then]) => {
    const { host, address, errors } = await hosting({ preambleTimeoutMs: 600 });
    const socket = await dial(address);
    const begin = performance.now();
    socket.write(opening(address));
    await once(socket, 'data');
    then(socket);
    await eventually(() => expect(host.connectionCount).toBe(0));
    expect(performance.now() - begin).toBeGreaterThan(550);
    expect(errors).toEqual([expect.stringContaining('no complete preamble within 0.6 s')]);
  });
});
