// Records of TLS that somebody on the way has changed, in a session that is open.
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseAddress } from '../../../shared/address.ts';
import { eventually } from '../../helpers/eventually.ts';
import { factoryFor, makeCertificates, openHost, TRANSPORT } from './secured.ts';

const pki = makeCertificates();

/** A relay that changes the last byte of the next chunk in one direction, once it has been told to. */
async function tampering(address: string, direction: 'request' | 'answer') {
  const { port, segments } = parseAddress(address);
  let isArmed = false;
  const changed = (chunk: Buffer): Buffer => {
    if (!isArmed) return chunk;
    isArmed = false;
    const copy = Buffer.from(chunk);
    copy.writeUInt8(copy.readUInt8(copy.length - 1) ^ 1, copy.length - 1);
    return copy;
  };
  const server = createServer((client) => {
    const service = connect(port, 'localhost');
    const carry = (from: Socket, to: Socket, isWatched: boolean): void => {
      onTestFinished(() => void from.destroy());
      from.on('data', (chunk: Buffer) => to.write(isWatched ? changed(chunk) : chunk));
      from.on('error', () => to.destroy()).on('end', () => to.end());
    };
    carry(client, service, direction === 'request');
    carry(service, client, direction === 'answer');
  }).listen(0, 'localhost');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port: own } = server.address() as { readonly port: number };
  return {
    via: `net.tcp://localhost:${own}/${segments.join('/')}`,
    arm: () => void (isArmed = true),
  };
}

describe.for(['TLSv1.2', 'TLSv1.3'] as const)('%s', (version) => {
  test.for(['request', 'answer'] as const)('a changed %s ends both sides at once', async (what) => {
    const security = { ...TRANSPORT.none, tls: { minVersion: version, maxVersion: version } };
    const errors: string[] = [];
    const onConnectionError = ({ message }: Error): number => errors.push(message);
    const credentials = pki.server;
    const [host, address] = await openHost(security, { credentials, onConnectionError });
    const { via, arm } = await tampering(address, what);
    const proxy = factoryFor(security, { ca: pki.ca }).createChannel(address, { via });
    onTestFinished(() => proxy.abort());
    expect(await proxy.Add(1, 2)).toBe(3);
    arm();
    await expect(proxy.Add(1, 2)).rejects.toMatchObject({
      code: 'Communication',
      message: expect.stringContaining('was aborted'),
    });
    expect(proxy.state).toBe('faulted');
    await eventually(() => expect(host.connectionCount).toBe(0));
    expect(errors).toEqual([expect.not.stringMatching(/openssl|\.c:\d/)]);
  });
});
