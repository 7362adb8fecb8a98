// Connections that break between the agreement on TLS and the ack, as when a service dies or is replaced.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseAddress } from '../../../shared/address.ts';
import type { ClientCredentials } from '../../../shared/index.ts';
import { factoryFor, makeCertificates, openHost, type Security, TRANSPORT } from './secured.ts';

const pki = makeCertificates();
const REQUEST = Buffer.from('application/ssl-tls');
const AGREED = Buffer.from([0x0a]);
const secureContext = createSecureContext({
  cert: readFileSync(pki.server.certificate),
  key: readFileSync(pki.server.key),
});

/** Breaks off a connection whose client has asked for TLS and not been answered yet. */
type BreakOff = (socket: Socket) => Promise<void>;

/** Agrees, and does its part of the handshake. */
async function handshake(socket: Socket): Promise<TLSSocket> {
  socket.write(AGREED);
  const stream = new TLSSocket(socket, { isServer: true, secureContext });
  stream.on('error', () => undefined);
  await once(stream, 'secure');
  return stream;
}

const BREAKS: readonly (readonly [when: string, breakOff: BreakOff])[] = [
  [
    'it ends after the agreement',
    async (socket) => {
      socket.end(AGREED);
      await once(socket, 'finish');
    },
  ],
  [
    'it ends in the handshake',
    async (socket) => {
      socket.write(AGREED);
      await once(socket.resume(), 'data');
      socket.end();
    },
  ],
  [
    'it is reset in the handshake',
    async (socket) => {
      socket.write(AGREED);
      await once(socket.resume(), 'data');
      socket.resetAndDestroy();
    },
  ],
  ['it ends after the handshake', async (socket) => void (await handshake(socket)).end()],
  [
    'it ends in place of the ack, without a farewell of TLS',
    async (socket) => {
      await once(await handshake(socket), 'data');
      socket.end();
    },
  ],
  [
    'it is reset in place of the ack',
    async (socket) => {
      await once(await handshake(socket), 'data');
      socket.resetAndDestroy();
    },
  ],
];

/** Breaks off the first connections; those that follow lead to `address`. */
async function breaking(address: string, times: number, breakOff: BreakOff) {
  const { port, segments } = parseAddress(address);
  let connections = 0;
  const server = createServer((client) => {
    onTestFinished(() => void client.destroy());
    client.on('error', () => undefined);
    connections += 1;
    if (connections > times) {
      const service = connect(port, 'localhost');
      service.on('error', () => undefined).pipe(client);
      return client.pipe(service);
    }
    let head = Buffer.alloc(0);
    const onData = (bytes: Buffer): void => {
      head = Buffer.concat([head, bytes]);
      if (!head.subarray(-REQUEST.length).equals(REQUEST)) return;
      client.off('data', onData);
      void breakOff(client).catch(() => undefined); // only what the client does next matters
    };
    return client.on('data', onData);
  }).listen(0, 'localhost');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port: own } = server.address() as { readonly port: number };
  return {
    address: `net.tcp://localhost:${own}/${segments.join('/')}`,
    count: () => connections,
  };
}

const USER_NAME: Security = {
  mode: 'TransportWithMessageCredential',
  message: { clientCredentialType: 'UserName' },
};
const dave: ClientCredentials = { ca: pki.ca, userName: 'dave', password: 'secret' };

describe.for(['TLSv1.2', 'TLSv1.3'] as const)('%s', (version) => {
  const tls = { minVersion: version, maxVersion: version };

  test.for(BREAKS)('a client without a certificate tries again: %s', async ([, breakOff]) => {
    const security = { ...TRANSPORT.none, tls };
    const [, address] = await openHost(security, { credentials: pki.server });
    const peer = await breaking(address, 3, breakOff);
    await using proxy = factoryFor(security, { ca: pki.ca }).createChannel(peer.address);
    expect(await proxy.Add(1, 2)).toBe(3);
    expect(peer.count()).toBe(4);
  });

  test.for(BREAKS)('a user name has not been shown yet: %s', async ([, breakOff]) => {
    const security = { ...USER_NAME, tls };
    const asked: string[] = [];
    const validateUserName = (name: string): boolean => asked.push(name) > 0;
    const credentials = { ...pki.server, validateUserName };
    const [, address] = await openHost(security, { credentials });
    const peer = await breaking(address, 3, breakOff);
    const factory = factoryFor(security, dave, { encoding: 'soap' });
    await using proxy = factory.createChannel(address, { via: peer.address });
    expect(await proxy.Add(1, 2)).toBe(3);
    expect(peer.count()).toBe(4);
    expect(asked).toEqual(['dave']);
  });

  test.for(BREAKS)('a certificate costs one attempt: %s', async ([, breakOff]) => {
    const security = { ...TRANSPORT.certificate, tls };
    const credentials = { ...pki.server, clientCa: pki.ca };
    const [, address] = await openHost(security, { credentials });
    const peer = await breaking(address, 3, breakOff);
    const factory = factoryFor(security, { ca: pki.ca, ...pki.alice });
    const call = factory.createChannel(peer.address).Add(1, 2);
    await expect(call).rejects.toMatchObject({ code: 'SecurityNegotiation' });
    expect(peer.count()).toBe(1);
  });
});

test('a client gives up after maxOpenAttempts', async () => {
  const breakOff: BreakOff = async (socket) => void (await handshake(socket)).end();
  const peer = await breaking('net.tcp://localhost:1/calc', Infinity, breakOff);
  const factory = factoryFor(TRANSPORT.none, { ca: pki.ca }, { limits: { maxOpenAttempts: 3 } });
  await expect(factory.createChannel(peer.address).Add(1, 2)).rejects.toMatchObject({
    code: 'SecurityNegotiation',
    message: expect.stringContaining('It may want a credential'),
  });
  expect(peer.count()).toBe(3);
});
