// TLS that is taken off a socket again, and what happens where Node cannot do that.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { expect, onTestFinished, test, vi } from 'vitest';
import { readyForTls, stopReading, takeTlsOff } from '../../../shared/transport/node-internals.ts';
import { countConnections, factoryFor, makeCertificates, openHost, TRANSPORT } from './secured.ts';

const node = vi.hoisted(() => ({ can: true }));
vi.mock(import('../../../shared/transport/node-internals.ts'), async (load) => {
  const real = await load();
  return { ...real, takeTlsOff: (...both) => node.can && real.takeTlsOff(...both) };
});

const pki = makeCertificates();
const server = createTlsServer({
  cert: readFileSync(pki.server.certificate),
  key: readFileSync(pki.server.key),
});

/** Two ends of a connection. */
async function socketPair(): Promise<readonly [Socket, Socket]> {
  const listener = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const client = connect((listener.address() as AddressInfo).port, '127.0.0.1');
  const [accepted] = (await once(listener, 'connection')) as [Socket];
  await once(client, 'connect');
  listener.close();
  onTestFinished(() => void client.destroy());
  onTestFinished(() => void accepted.destroy());
  return [client, accepted];
}

/** Puts TLS on both. */
async function secured(client: Socket, accepted: Socket): Promise<readonly [TLSSocket, TLSSocket]> {
  for (const socket of [client, accepted]) {
    stopReading(socket);
    readyForTls(socket);
  }
  server.emit('connection', accepted);
  const to = { ca: readFileSync(pki.ca), host: '127.0.0.1', servername: '' };
  const stream = connectTls({ socket: client, ...to });
  const [[other]] = (await Promise.all([
    once(server, 'secureConnection'),
    once(stream, 'secureConnect'),
  ])) as unknown as [[TLSSocket], unknown];
  return [stream, other];
}

/** Reads until that many bytes have come. */
async function take(from: Socket, bytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  return await new Promise((resolve) => {
    const onData = (chunk: Buffer): void => {
      chunks.push(chunk);
      size += chunk.length;
      if (size < bytes) return;
      from.off('data', onData);
      resolve(Buffer.concat(chunks));
    };
    from.on('data', onData);
  });
}

function listeners(socket: Socket): Readonly<Record<string, number>> {
  const names = socket.eventNames().filter((name) => name !== 'data');
  return Object.fromEntries(names.map((name) => [String(name), socket.listenerCount(name)]));
}

test('put on and taken off, again and again: nothing of it stays at the socket', async () => {
  const [client, accepted] = await socketPair();
  const before = [listeners(client), listeners(accepted)];
  for (let round = 0; round < 5; round++) {
    const [ours, theirs] = await secured(client, accepted);
    ours.write('question');
    expect(String(await take(theirs, 8))).toBe('question');
    theirs.write('answer');
    expect(String(await take(ours, 6))).toBe('answer');
    const closed = Promise.all([once(ours, 'close'), once(theirs, 'close')]);
    expect([takeTlsOff(ours, client), takeTlsOff(theirs, accepted)]).toEqual([true, true]);
    await closed;
    expect([listeners(client), listeners(accepted)]).toEqual(before);
    // In the clear, with no alert before it.
    client.write('clear');
    expect(String(await take(accepted, 5))).toBe('clear');
    accepted.write('clear, too');
    expect(String(await take(client, 10))).toBe('clear, too');
  }
});

test('what was written before it goes out, however much', async () => {
  const [client, accepted] = await socketPair();
  const [ours, theirs] = await secured(client, accepted);
  // The service's tickets come before its first byte.
  theirs.write('ack');
  await take(ours, 3);
  const octets = Buffer.alloc(8_000_000, 'x');
  ours.write(octets);
  ours.write('end');
  expect(takeTlsOff(ours, client)).toBe(true);
  const all = await take(theirs, octets.length + 3);
  expect([all.length, String(all.subarray(-3))]).toEqual([octets.length + 3, 'end']);
  expect(takeTlsOff(theirs, accepted)).toBe(true);
  accepted.write('clear');
  expect(String(await take(client, 5))).toBe('clear');
});

test.for(['in the middle of a write', 'afterwards'])('a socket that closes %s', async (when) => {
  const [client, accepted] = await socketPair();
  const [ours, theirs] = await secured(client, accepted);
  theirs.on('error', () => {});
  accepted.on('error', () => {});
  if (when !== 'afterwards') ours.write(Buffer.alloc(8_000_000));
  expect(takeTlsOff(ours, client)).toBe(true);
  const closed = new Promise((resolve) => client.on('error', () => {}).once('close', resolve));
  if (when === 'afterwards') await once(ours, 'close');
  accepted.resetAndDestroy();
  await closed;
  expect(client.destroyed).toBe(true);
});

test('a Node that cannot: the connection is closed, and nobody loses a call', async () => {
  node.can = false;
  onTestFinished(() => void (node.can = true));
  const [, address] = await openHost(TRANSPORT.none, { credentials: pki.server });
  const connections = countConnections();
  const factory = factoryFor(TRANSPORT.none, { ca: pki.ca });
  for (let session = 0; session < 3; session++) {
    await using proxy = factory.createChannel(address);
    expect(await proxy.Add(1, session)).toBe(1 + session);
  }
  expect(connections()).toBe(3);
});
