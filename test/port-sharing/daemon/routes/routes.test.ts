// Static routes: a service that knows nothing of port sharing, behind a path of a shared port.
import { readFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { eventually } from '../../../helpers/eventually.ts';
import {
  ChannelFactory,
  ICalculator,
  NetTcpBinding,
  ServiceHost,
} from '../../../../shared/index.ts';
import { calculator } from '../../../../service/calculator.ts';
import {
  CLIENT,
  PORT_SHARING,
  privateDirectory,
  runCommand,
  startService,
} from '../../../helpers/command.ts';
import { kernelTimers } from '../../../helpers/network/kernel-timers.ts';
import { request, unpack } from '../../../helpers/msgpack.ts';
import { preamble, RawClient } from '../../../helpers/network/raw-client.ts';
import { statusOf } from '../../../helpers/status.ts';
import { sleep } from '../../../../shared/time.ts';

const addRequest = (id: number): Uint8Array => request(id, 'Add', 1, 2);

/** A service on a port of its own that answers at another path than its neighbours. */
async function startOutsider(): Promise<{ host: ServiceHost; target: string }> {
  const host = new ServiceHost(new NetTcpBinding());
  host.addEndpoint(
    ICalculator,
    { ...calculator, Add: (n1, n2) => n1 + n2 + 0.5 },
    'net.tcp://localhost:0/orders',
  );
  await host.open();
  onTestFinished(() => host.close());
  return { host, target: `127.0.0.1:${/:(\d+)\//.exec(host.addresses[0] ?? '')?.[1]}` };
}

test('a route to several: each connection goes to the one with the fewest, and none to one that is gone', async () => {
  const directory = privateDirectory();
  const { number, port } = await startService(directory);
  const [one, two] = [await startOutsider(), await startOutsider()];
  const targets = [one.target, two.target];
  const added = await tool(directory, 'route', 'add', '/orders', ...targets, '--port', port);
  const address = `net.tcp://localhost:${port}/orders`;
  const lines = [one, two].map(({ target }) => `${address} → ${target}\n`);
  expect(added.stdout).toBe(lines.map((line) => `Added: ${line}`).join(''));
  const limits = { maxOutboundConnectionsPerEndpoint: 0 };
  const factory = new ChannelFactory(ICalculator, new NetTcpBinding({ limits }));
  onTestFinished(() => factory.close());
  const open = async (): Promise<void> => {
    const channel = factory.createChannel(address);
    onTestFinished(() => channel.abort());
    expect(await channel.Add(1, 2)).toBe(3.5);
  };
  for (let count = 0; count < 4; count++) await open();
  expect([one, two].map(({ host }) => host.connectionCount)).toEqual([2, 2]);
  one.host.abort();
  for (let count = 0; count < 3; count++) await open();
  expect(two.host.connectionCount).toBe(5);
  const removed = await tool(directory, 'route', 'remove', '/orders', '--port', port);
  expect(removed.stdout).toBe(lines.map((line) => `Removed: ${line}`).join(''));
  expect((await statusOf(directory)).registrations).toHaveLength(1);
  expect(await runCommand(CLIENT, ['--port', port, number, 'add', '1', '2'])).toMatchObject({
    stdout: 'Add(1,2) = 3\n',
  });
});

const tool = (directory: string, ...args: string[]) =>
  runCommand(PORT_SHARING, args, { directory });

test('a route brings clients to it, beside services that share the port', async () => {
  const directory = privateDirectory();
  const { number, port } = await startService(directory);
  const { target } = await startOutsider();
  expect(await tool(directory, 'route', 'add', '/orders', target, '--port', port)).toMatchObject({
    status: 0,
    stdout: `Added: net.tcp://localhost:${port}/orders → ${target}\n`,
  });
  const address = `net.tcp://localhost:${port}/orders`;
  expect(await runCommand(CLIENT, ['--address', address, 'add', '1', '2'])).toMatchObject({
    stdout: 'Add(1,2) = 3.5\n',
  });
  expect(await runCommand(CLIENT, ['--port', port, number, 'add', '1', '2'])).toMatchObject({
    stdout: 'Add(1,2) = 3\n',
  });
  expect(await statusOf(directory)).toMatchObject({
    registrations: expect.arrayContaining([
      expect.objectContaining({ address, target, relayed: 1 }),
      expect.not.objectContaining({ target: expect.anything() }),
    ]),
  });
  expect((await tool(directory, 'status')).stdout).toContain(`${address} → ${target}  `);
  expect(await tool(directory, 'route', 'remove', '/orders', '--port', port)).toMatchObject({
    status: 0,
  });
  expect(await runCommand(CLIENT, ['--address', address, 'add', '1', '2'])).toMatchObject({
    status: 66,
  });
  expect((await tool(directory, 'route', 'list')).stdout).toBe('');
});

test.skipIf(process.platform !== 'linux').for([
  [60_000, '02'],
  [0, '00'],
])('keepAliveAfterMs %i: what is relayed has the timer %s', async ([keepAliveAfterMs, timer]) => {
  const directory = privateDirectory();
  const { number, port } = await startService(directory, ['--port', '0'], {
    NET_TCP_PORT_SHARING_TRANSFER: 'relay',
    NET_TCP_PORT_SHARING_LIMITS: `keepAliveAfterMs=${keepAliveAfterMs}`,
  });
  const { target } = await startOutsider();
  await tool(directory, 'route', 'add', '/orders', target, '--port', port);
  for (const path of [`/calculator/${number}`, '/orders']) {
    const client = new RawClient(port);
    client.socket.write(preamble(`net.tcp://localhost:${port}${path}`));
    await client.next();
    const { localPort = 0 } = client.socket;
    await eventually(() => expect(kernelTimers(Number(port), localPort)).toEqual([timer]));
  }
  // And on the way from the daemon to the service behind a route.
  const targetPort = Number(target.split(':')[1]);
  await eventually(() => expect(kernelTimers(undefined, targetPort)).toEqual([timer]));
});

test('a route outlives the daemon, and keeps it running', async () => {
  const directory = privateDirectory();
  const { port } = await startService(undefined, ['--port', '0', '--no-port-sharing']).then(
    async (found) => {
      found.service.kill('SIGTERM');
      await found.service.finished;
      return found;
    },
  );
  const { target } = await startOutsider();
  await tool(directory, 'route', 'add', '/orders', target, '--port', port);
  await tool(directory, 'stop');
  await tool(directory, 'start');
  const address = `net.tcp://localhost:${port}/orders`;
  await eventually(async () => {
    const client = await runCommand(CLIENT, ['--address', address, 'add', '1', '2']);
    expect(client).toMatchObject({ stdout: 'Add(1,2) = 3.5\n' });
  });
});

describe('a pooled connection', () => {
  test('reaches the service of each session, behind a route and beside it', async () => {
    const directory = privateDirectory();
    const { address, port } = await startService(directory);
    const { target } = await startOutsider();
    await tool(directory, 'route', 'add', '/orders', target, '--port', port);
    const orders = `net.tcp://localhost:${port}/orders`;
    const client = new RawClient(port);
    // More rounds than a socket may have listeners of one kind.
    const rounds = [address, ...Array<string>(15).fill(orders), address, orders, address];
    for (const [id, to] of rounds.entries()) {
      const answer = await client.session(to, addRequest(id));
      expect(unpack(answer)).toEqual([1, id, null, to === orders ? 3.5 : 3]);
    }
    client.send(preamble('net.tcp://localhost/nobody'));
    expect(await client.next()).toMatchObject({
      type: 'fault',
      fault: expect.stringContaining('EndpointNotFound'),
    });
    expect(await statusOf(directory)).toMatchObject({
      relaying: 0,
      registrations: expect.arrayContaining([
        expect.objectContaining({ address: orders, relayed: 16 }),
        expect.objectContaining({ address, handedOver: 3 }),
      ]),
    });
  });

  test('of a client who does not wait for the end of a session goes on after it', async () => {
    const directory = privateDirectory();
    const { address, port } = await startService(directory);
    const { target } = await startOutsider();
    await tool(directory, 'route', 'add', '/orders', target, '--port', port);
    const client = new RawClient(port);
    client.send(preamble(`net.tcp://localhost:${port}/orders`));
    await client.expect('preamble-ack');
    const call = addRequest(1);
    client.send([6, call.length, ...call, 7, ...preamble(address)]);
    await client.expect('sized-envelope');
    await client.expect('end');
    await client.expect('preamble-ack');
    client.send([6, call.length, ...call]);
    const answer = await client.expect('sized-envelope');
    expect('bytes' in answer && unpack(answer.bytes)).toEqual([1, 1, null, 3]);
  });
});

test('a service that is not there is unavailable, and says so', async () => {
  const directory = privateDirectory();
  const { port } = await startService(directory);
  const { host, target } = await startOutsider();
  await host.close();
  await tool(directory, 'route', 'add', '/orders', target, '--port', port);
  const factory = new ChannelFactory(ICalculator, new NetTcpBinding());
  const proxy = factory.createChannel(`net.tcp://localhost:${port}/orders`);
  await expect(proxy.Add(1, 2)).rejects.toMatchObject({
    code: 'EndpointNotFound',
    framingFault: 'EndpointUnavailable',
  });
  factory.close();
});

describe('a service that takes connections and says nothing', () => {
  /** As with a stopped process: the kernel opens connections, and nobody reads them. */
  async function startSilent(): Promise<string> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => sockets.add(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return `127.0.0.1:${(server.address() as { readonly port: number }).port}`;
  }

  async function routed(limits: string): Promise<{ port: string; via: string; directory: string }> {
    const directory = privateDirectory();
    const env = { NET_TCP_PORT_SHARING_LIMITS: limits };
    const { port } = await startService(directory, ['--port', '0'], env);
    await tool(directory, 'route', 'add', '/orders', await startSilent(), '--port', port);
    return { port, via: `net.tcp://localhost:${port}/orders`, directory };
  }

  test('is unavailable after a while, and nobody hangs', async () => {
    const { port, via, directory } = await routed('openTimeoutMs=300');
    const client = new RawClient(port);
    client.send(preamble(via));
    expect(await client.next()).toMatchObject({
      type: 'fault',
      fault: expect.stringContaining('EndpointUnavailable'),
    });
    await client.ended();
    const log = readFileSync(path.join(directory, 'daemon.log'), 'utf8');
    expect(log).toContain('has not answered in time');
  });

  test('has so many waiting, and is too busy for more', async () => {
    const { port, via, directory } = await routed('maxPendingConnections=2,busyAfterMs=100');
    const queued = async (): Promise<unknown> => {
      const { registrations } = await statusOf(directory);
      return registrations.find(({ address }) => address === via);
    };
    for (let count = 0; count < 2; count++) new RawClient(port).send(preamble(via));
    await eventually(async () => expect(await queued()).toMatchObject({ queued: 2, refused: 0 }));
    await sleep(150);
    const third = new RawClient(port);
    third.send(preamble(via));
    expect(await third.next()).toMatchObject({
      type: 'fault',
      fault: expect.stringContaining('ServerTooBusy'),
    });
    expect(await queued()).toMatchObject({ queued: 2, refused: 1 });
  });
});

test.for<[args: string[], text: string]>([
  [['add', '/orders'], 'Say: route add'],
  [['add', '/', '127.0.0.1:1'], 'A route needs a path'],
  [['add', '/orders', 'nonsense'], 'leads to host:port'],
  [['add', '/orders', '127.0.0.1:0'], 'leads to host:port'],
  [['add', '/orders', 'localhost:9000'], 'is the shared port itself'],
  [['add', '/orders', '[::1]:9000'], 'is the shared port itself'],
  [['remove', '/orders'], 'There is no route for net.tcp://localhost:9000/orders'],
])('refuses %o', async ([args, text]) => {
  const refused = await tool(privateDirectory(), 'route', ...args);
  expect(refused).toMatchObject({ status: 64, stdout: '' });
  expect(refused.stderr).toContain(text);
});

test('a path that a service has is refused as a route', async () => {
  const directory = privateDirectory();
  const { number, port, service } = await startService(directory);
  const refused = await tool(
    directory,
    'route',
    'add',
    `/calculator/${number}`,
    '127.0.0.1:1',
    '--port',
    port,
  );
  expect(refused.status).toBe(73);
  expect(refused.stderr).toContain(`process ${service.pid}. The route was not added`);
  // Nor does it return when the daemon starts again.
  expect(await tool(directory, 'route', 'list')).toMatchObject({ stdout: '' });
});

test('a route that cannot be listened for is refused with the code of what is wrong', async () => {
  const directory = privateDirectory();
  const { port } = await startService(directory);
  const where = ['--port', port, '--bind', '192.0.2.1'];
  const refused = await tool(directory, 'route', 'add', '/orders', '127.0.0.1:1', ...where);
  expect(refused).toMatchObject({ status: 74, stdout: '' });
  expect(refused.stderr).toMatch(/EADDRNOTAVAIL.*\. The route was not added/);
  expect(await tool(directory, 'route', 'list')).toMatchObject({ stdout: '' });
});

test('routes that lead to each other end in a fault, not in connections without end', async () => {
  const directory = privateDirectory();
  const { port } = await startService(directory);
  const { port: other } = await startService(directory);
  const [there, back] = [`127.0.0.1:${other}`, `127.0.0.1:${port}`];
  for (const [target, from] of [
    [there, port],
    [back, other],
  ] as const) {
    const added = await tool(directory, 'route', 'add', '/round', target, '--port', from);
    expect(added).toMatchObject({ status: 0 });
  }
  const client = new RawClient(port);
  client.send(preamble(`net.tcp://localhost:${port}/round`));
  expect(await client.next()).toMatchObject({
    type: 'fault',
    fault: expect.stringContaining('EndpointUnavailable'),
  });
  expect(await statusOf(directory)).toMatchObject({ relaying: 0 });
});

test('a file of routes that cannot be understood is named, and not touched', async () => {
  const directory = privateDirectory();
  await startService(directory);
  const file = path.join(directory, 'routes.json');
  writeFileSync(file, '{');
  const refused = await tool(directory, 'route', 'list');
  expect(refused).toMatchObject({ status: 74 });
  expect(refused.stderr).toContain(file);
  expect(readFileSync(file, 'utf8')).toBe('{');
});
