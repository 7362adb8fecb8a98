// One daemon takes over from another: net-tcp-port-sharing restart.
import { once } from 'node:events';
import { renameSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { ChannelFactory, NetTcpBinding } from '../../../../shared/index.ts';
import { ITest } from '../../../fixtures/test-contract.ts';
import {
  Command,
  isDaemon,
  PORT_SHARING,
  privateDirectory,
  runCommand,
  startService,
} from '../../../helpers/command.ts';
import { Control, HELLO } from '../../../helpers/control.ts';
import { eventually } from '../../../helpers/eventually.ts';
import { preamble, RawClient } from '../../../helpers/network/raw-client.ts';
import { type ShownStatus, statusOf } from '../../../helpers/status.ts';

const restart = (directory: string, env: NodeJS.ProcessEnv = {}) =>
  runCommand(PORT_SHARING, ['restart', '--json'], { directory, env });

async function startTestService(directory: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const service = new Command(
    'dist/test/fixtures/test-service.js',
    ['net.tcp://localhost:0/test', JSON.stringify({ portSharing: true })],
    { directory, env },
  );
  return String((await service.ready())['address']);
}

describe.for(['hand-over', 'relay'] as const)('with %s', (transfer) => {
  const env = { NET_TCP_PORT_SHARING_TRANSFER: transfer };

  test('calls go on, everybody is registered with the new daemon, and the old one ends', async () => {
    const directory = privateDirectory();
    const address = await startTestService(directory, env);
    const old = await statusOf(directory);
    const factory = new ChannelFactory(ITest, new NetTcpBinding());
    const proxy = factory.createChannel(address);
    await proxy.open();
    const running = proxy.Slow(1_000);
    const restarted = await restart(directory, env);
    expect(restarted).toMatchObject({ status: 0 });
    const { pid } = JSON.parse(restarted.stdout) as ShownStatus;
    await eventually(async () =>
      expect(await statusOf(directory)).toMatchObject({ pid, registrations: [{ address }] }),
    );
    expect(pid).not.toBe(old.pid);
    // It has the lock, too: there cannot be a third.
    expect(await runCommand(PORT_SHARING, ['run'], { directory, env })).toMatchObject({
      status: 73,
      stderr: expect.stringContaining('already running'),
    });
    expect(await running).toBe(1_000);
    expect(await proxy.Echo('still')).toBe('still');
    await proxy.close();
    // Relayed connections keep the old one; it ends with them.
    factory.close();
    await eventually(() => expect(isDaemon(old.pid)).toBe(false));
    const next = factory.createChannel(address);
    expect(await next.Echo('again')).toBe('again');
    await next.close();
    factory.close();
  });
});

test('a client in the middle of its preamble finishes it with the new daemon', async () => {
  const directory = privateDirectory();
  // A busy machine may take longer for a restart than a client has for its preamble.
  const { port, address } = await startService(directory, ['--port', '0'], {
    NET_TCP_PORT_SHARING_LIMITS: 'preambleTimeoutMs=60000',
  });
  const octets = preamble(address);
  const clients = [1, 5, 20, octets.length - 1].map((cut) => {
    const client = new RawClient(port);
    client.send(octets.slice(0, cut));
    return { client, rest: octets.slice(cut) };
  });
  await eventually(async () =>
    expect(await statusOf(directory)).toMatchObject({ pending: clients.length - 1 }),
  );
  expect(await restart(directory)).toMatchObject({ status: 0 });
  for (const { client, rest } of clients) {
    client.send(rest);
    await client.expect('preamble-ack');
  }
});

test('without a daemon it starts one', async () => {
  const directory = privateDirectory();
  expect(await restart(directory)).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('"event":"started"'),
  });
});

test('services that start meanwhile come in', async () => {
  const directory = privateDirectory();
  const { port } = await startService(directory);
  const restarts = (async () => {
    for (let count = 0; count < 4; count++) {
      expect(await restart(directory)).toMatchObject({ status: 0 });
    }
  })();
  const services = await Promise.all(
    Array.from({ length: 6 }, () => startService(directory, ['--port', port])),
  );
  await restarts;
  await eventually(async () => {
    const { registrations } = await statusOf(directory);
    expect(registrations).toHaveLength(services.length + 1);
  });
});

/** Somebody who says that it wants to take over, and does what a test tells it to. */
function successorTo(directory: string): Control {
  return new Control(directory).say({ ...HELLO, role: 'successor' });
}

test('a second successor is told that there is one', async () => {
  const directory = privateDirectory();
  // The first one says nothing more, for as long as this takes.
  const env = { NET_TCP_PORT_SHARING_LIMITS: 'helloTimeoutMs=60000' };
  await startService(directory, ['--port', '0'], env);
  const first = successorTo(directory);
  await first.heard('welcome');
  await successorTo(directory).heard('succession-refused');
  const { pid } = await statusOf(directory);
  expect(await restart(directory)).toMatchObject({
    status: 80,
    stderr: expect.stringContaining(`(pid ${pid}) is being replaced already`),
  });
  // It fails, and another may try.
  first.socket.destroy();
  await eventually(async () => expect(await restart(directory)).toMatchObject({ status: 0 }));
});

test.for(['inherit', 'ready'])(
  'a successor that says no more than "%s" is given up',
  async (last) => {
    const directory = privateDirectory();
    const env = { NET_TCP_PORT_SHARING_LIMITS: 'daemonStartTimeoutMs=300,helloTimeoutMs=300' };
    const { port, address } = await startService(directory, ['--port', '0'], env);
    const { pid } = await statusOf(directory);
    const successor = successorTo(directory);
    await successor.heard('welcome');
    successor.say({ type: 'inherit' });
    await successor.heard('inheritance');
    if (last === 'ready') {
      successor.say({ type: 'ready' });
      await successor.heard('go');
    }
    await once(successor.socket, 'close');
    expect((await statusOf(directory)).pid).toBe(pid);
    const client = new RawClient(port);
    client.send(preamble(address));
    await client.expect('preamble-ack');
  },
);

test('a successor that takes the name and dies leaves the old daemon where it was', async () => {
  const directory = privateDirectory();
  const { port, address } = await startService(directory);
  const { pid } = await statusOf(directory);
  const successor = successorTo(directory);
  successor.say({ type: 'inherit' });
  successor.say({ type: 'ready' });
  await successor.heard('go');
  const name = path.join(directory, 'control.sock');
  const server = createServer().listen(`${name}.1`);
  await once(server, 'listening');
  renameSync(`${name}.1`, name);
  server.close();
  successor.socket.destroy();
  await eventually(async () => expect((await statusOf(directory)).pid).toBe(pid));
  const second = await startService(directory, ['--port', port]);
  for (const via of [address, second.address]) {
    const client = new RawClient(port);
    client.send(preamble(via));
    await client.expect('preamble-ack');
  }
});
