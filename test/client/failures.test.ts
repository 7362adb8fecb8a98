// Each way in which a call can fail: a sentence with the address in it, and an exit status of its own.
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { CLIENT, Command, privateDirectory, runCommand, startService } from '../helpers/command.ts';

async function serverThat(onConnection: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onConnection(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const args = (port: number | string): string[] => [
  '--host',
  '127.0.0.1',
  '--port',
  `${port}`,
  '1',
  'add',
  '1',
  '2',
];

test('refused', async () => {
  const port = await serverThat(() => {});
  const closed = await serverThat(() => {}).then((free) => free);
  expect(closed).not.toBe(port);
  const { port: gone } = await unusedPort();
  const client = await runCommand(CLIENT, args(gone));
  expect(client).toMatchObject({ status: 69, stdout: '' });
  expect(client.stderr).toContain(
    `EndpointNotFound: Could not connect to net.tcp://127.0.0.1:${gone}/calculator/1. TCP error code ECONNREFUSED`,
  );
});

async function unusedPort(): Promise<{ port: number }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return { port };
}

test.skipIf(process.platform !== 'linux')('no way to the host (Linux only)', async () => {
  // Linux never lets a TCP connection have the broadcast address.
  const client = await runCommand(CLIENT, ['--json', '--host', '255.255.255.255', '1']);
  expect(client).toMatchObject({ status: 69, stdout: '' });
  expect(JSON.parse(client.stderr)).toMatchObject({ reason: 'host-unreachable' });
});

test('no such host', async () => {
  const client = await runCommand(CLIENT, ['--host', 'no-such-host.invalid', '1']);
  expect(client).toMatchObject({ status: 68, stdout: '' });
  expect(client.stderr).toContain(
    'Cannot resolve the host name "no-such-host.invalid" of net.tcp://no-such-host.invalid:9000/calculator/1',
  );
});

test('no endpoint at that number', async () => {
  const { number, port } = await startService(privateDirectory());
  const other = String((Number(number) + 1) % 65_536);
  const client = await runCommand(CLIENT, ['--port', port, other]);
  expect(client).toMatchObject({ status: 66, stdout: '' });
  expect(client.stderr).toContain(
    `EndpointNotFound: There was no endpoint listening at net.tcp://localhost:${port}/calculator/${other} that could accept the message.`,
  );
  expect(client.stderr).toContain('npm run port-sharing status');
  expect(client.stderr).not.toContain(`/${number} `);
});

test('nothing answers', async () => {
  const port = await serverThat(() => {});
  const client = await runCommand(CLIENT, ['--timeout', '0.3', ...args(port)]);
  expect(client).toMatchObject({ status: 75, stdout: '' });
  expect(client.stderr).toContain(`net.tcp://127.0.0.1:${port}/calculator/1`);
});

test.for<[what: string, greeting: string, name: string]>([
  ['HTTP', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'an HTTP server'],
  ['TLS', '\x15\x03\x01\x00\x02\x02\x46', 'a TLS server'],
  ['SSH', 'SSH-2.0-OpenSSH_9.2\r\n', 'an SSH server'],
  ['HTTP/2', '\0\0\x06\x04\0\0\0\0\0\0\x03\0\0\0\x64', 'an HTTP/2 server, such as one for gRPC'],
  ['something else', 'hello?', 'something that does not speak net.tcp'],
  // This would be a message of 97 bytes if there were a session.
  ['what looks like a record', '\x06abc', 'something that does not speak net.tcp'],
])('%s in place of a net.tcp service', async ([, greeting, name]) => {
  // It says no more, and waits: the client does not.
  const port = await serverThat((socket) => socket.write(greeting, 'latin1'));
  const client = await runCommand(CLIENT, args(port));
  expect(client).toMatchObject({ status: 76, stdout: '' });
  expect(client.stderr).toContain(`At net.tcp://127.0.0.1:${port}/calculator/1 there is ${name}`);
});

test.for<[what: string, make: () => Server, name: string]>([
  ["Node's HTTP server", () => createHttpServer(), 'an HTTP server'],
  ["Node's HTTP/2 server", () => createHttp2Server(), 'an HTTP/2 server'],
])('%s in place of a net.tcp service', async ([, make, name]) => {
  const server = make().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = await runCommand(CLIENT, args(port));
  expect(client).toMatchObject({ status: 76, stdout: '' });
  expect(client.stderr).toContain(`At net.tcp://127.0.0.1:${port}/calculator/1 there is ${name}`);
});

test('a server that closes every connection', async () => {
  let connections = 0;
  const port = await serverThat((socket) => {
    connections += 1;
    socket.end();
  });
  const client = await runCommand(CLIENT, args(port));
  expect(client).toMatchObject({ status: 76, stdout: '' });
  expect(client.stderr).toContain(
    `The server at net.tcp://127.0.0.1:${port}/calculator/1 rejected the session-establishment request: it closed the connection without an answer.`,
  );
  expect(client.stderr).toContain('Check that a net.tcp service listens there, without TLS.');
  // Nobody knows that it is none.
  expect(client.stderr).toContain('A load balancer ends a connection like this, too, while no');
  // Nothing had been sent: each was worth another try.
  expect(connections).toBeGreaterThan(1);
});

test('a service that dies during a call', async () => {
  const port = await serverThat((socket) => {
    socket.once('data', () => {
      socket.write(Uint8Array.of(0x0b));
      socket.once('data', () => socket.resetAndDestroy());
    });
  });
  const client = await runCommand(CLIENT, args(port));
  expect(client).toMatchObject({ status: 74, stdout: '' });
  expect(client.stderr).toContain(`net.tcp://127.0.0.1:${port}/calculator/1`);
});

test('a fault from the service', async () => {
  const service = new Command('dist/test/fixtures/test-service.js', [
    'net.tcp://localhost:0/calculator/1',
  ]);
  const { address } = await service.ready();
  const client = await runCommand(CLIENT, ['--address', String(address), 'add', '1', '2']);
  expect(client).toMatchObject({ status: 81, stdout: '' });
  expect(client.stderr).toContain('ActionNotSupported:');
  expect(client.stderr).toContain(String(address));
});

test('in JSON, too', async () => {
  const { port } = await unusedPort();
  const client = await runCommand(CLIENT, ['--json', ...args(port)]);
  expect(JSON.parse(client.stderr)).toMatchObject({
    event: 'error',
    code: 'EndpointNotFound',
    reason: 'connection-refused',
  });
});
