// Limits that take processes: a daemon with a small one and a daemon with a large one.
import { connect } from 'node:net';
import { once } from 'node:events';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ChannelFactory, ICalculator, NetTcpBinding, ServiceHost } from '../../shared/index.ts';
import { Command, PORT_SHARING, privateDirectory } from '../helpers/command.ts';
import { eventually } from '../helpers/eventually.ts';

async function daemonWith(limit: string): Promise<{ daemon: Command; directory: string }> {
  const directory = privateDirectory();
  const daemon = new Command(PORT_SHARING, ['run', '--limit', limit], { directory });
  await daemon.said(' started ');
  return { daemon, directory };
}

test('helloTimeoutMs: a control connection that says nothing is closed by then, and not before', async () => {
  const closed: string[] = [];
  for (const limitMs of [60_000, 50]) {
    const { directory } = await daemonWith(`helloTimeoutMs=${limitMs}`);
    const socket = connect(path.join(directory, 'control.sock'));
    await once(socket, 'connect');
    onTestFinished(() => void socket.destroy());
    socket.resume().on('end', () => closed.push(`${limitMs}`));
  }
  await eventually(() => expect(closed).toEqual(['50']));
});

test('idleExitMs: a daemon that nobody needs ends by then, and not before', async () => {
  const ended: string[] = [];
  for (const limitMs of [60_000, 50]) {
    const { daemon } = await daemonWith(`idleExitMs=${limitMs}`);
    void daemon.finished.then(() => ended.push(`${limitMs}`));
  }
  await eventually(() => expect(ended).toEqual(['50']));
});

test('serviceReservedDescriptors: with none left for clients they are told ServerTooBusy', async () => {
  const { directory } = await daemonWith('maxPendingConnections=10');
  const before = process.env['NET_TCP_PORT_SHARING_DIR'];
  process.env['NET_TCP_PORT_SHARING_DIR'] = directory;
  onTestFinished(() => {
    if (before === undefined) delete process.env['NET_TCP_PORT_SHARING_DIR'];
    else process.env['NET_TCP_PORT_SHARING_DIR'] = before;
  });
  const calculator = { Add: () => 3, Subtract: () => 0, Multiply: () => 0, Divide: () => 0 };
  for (const [serviceReservedDescriptors, outcome] of [
    [0, 3],
    [0x7fff_ffff, 'ServerTooBusy'],
  ] as const) {
    const limits = { serviceReservedDescriptors, openTimeoutMs: 20_000, maxOpenAttempts: 1 };
    const host = new ServiceHost(new NetTcpBinding({ portSharing: true, limits }));
    host.addEndpoint(ICalculator, calculator, 'net.tcp://127.0.0.1:0/calculator');
    await host.open();
    onTestFinished(() => host.abort());
    const factory = new ChannelFactory(ICalculator, new NetTcpBinding({ limits }));
    onTestFinished(() => factory.close());
    const channel = factory.createChannel(host.addresses[0] ?? '');
    const answer = await channel.Add(1, 2).catch((error: { code: string }) => error.code);
    expect(answer).toBe(outcome);
  }
});
