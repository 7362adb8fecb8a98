import { createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { parseAddress } from '../../shared/address.ts';
import { Attempt } from '../../shared/transport/attempt.ts';
import { dial } from '../../shared/transport/dialer.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listen(host: string, port = 0): Promise<number> {
  const server = createServer((socket) => socket.on('error', () => {}).end());
  servers.push(server);
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject).listen(port, host, resolve);
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Where a client of that address comes out. */
async function reached(host: string, port: number): Promise<string | undefined> {
  const address = parseAddress(`net.tcp://${host}:${port}/x`);
  const attempt = new Attempt(10_000);
  const socket = await dial(address, attempt, 0);
  attempt.end();
  const { remoteAddress } = socket;
  socket.destroy();
  return remoteAddress;
}

// Containers may have no IPv6: what listens there cannot be had then.
const hasIPv6 = await listen('::1').then(
  () => true,
  () => false,
);

test.each(['localhost', 'LocalHost'])('%s is 127.0.0.1', async (name) => {
  expect(await reached(name, await listen('127.0.0.1'))).toBe('127.0.0.1');
});

test.skipIf(!hasIPv6)('localhost is ::1 where nothing listens on 127.0.0.1', async () => {
  expect(await reached('localhost', await listen('::1'))).toBe('::1');
});

test('where nothing listens on either, the error names localhost', async () => {
  const port = await listen('127.0.0.1');
  await new Promise((resolve) => servers.splice(0).at(-1)?.close(resolve));
  await expect(reached('localhost', port)).rejects.toMatchObject({
    code: 'EndpointNotFound',
    reason: 'connection-refused',
    message: expect.stringContaining(`nothing listens on localhost:${port}`) as string,
  });
});

test('given up between the two addresses, it is over', async () => {
  const port = await listen('127.0.0.1');
  await new Promise((resolve) => servers.splice(0).at(-1)?.close(resolve));
  const attempt = new Attempt(10_000);
  const dialed = dial(parseAddress(`net.tcp://localhost:${port}/x`), attempt, 0);
  attempt.giveUp(undefined);
  await expect(dialed).rejects.toMatchObject({ code: 'Timeout' });
  attempt.end();
});
