// Limits that take processes: a daemon with a small one and a daemon with a large one.
import { existsSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { once } from 'node:events';
import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { parseAddress } from '../../shared/address.ts';
import type { FramingRecord } from '../../shared/framing/records.ts';
import { ChannelFactory, ICalculator, NetTcpBinding, ServiceHost } from '../../shared/index.ts';
import { withLimits } from '../../shared/limits.ts';
import { tryLock } from '../../shared/port-sharing/machine/lock.ts';
import { resolvePaths, secureRunDirectory } from '../../shared/port-sharing/machine/paths.ts';
import { connectOrStart, startDaemon } from '../../shared/port-sharing/service/start-daemon.ts';
import { nativeFor } from '../../shared/port-sharing/machine/load-native.ts';
import { Command, PORT_SHARING, privateDirectory, runCommand } from '../helpers/command.ts';
import { eventually } from '../helpers/eventually.ts';
import { preamble, RawClient } from '../helpers/network/raw-client.ts';
import { statusOf } from '../helpers/status.ts';

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

// The kernel gives out the lowest number that is free, so numbers tell how many there are.
test('serviceReservedDescriptors 20 of 64: clients get descriptor 43, and not 44', async ({
  skip,
}) => {
  if (!existsSync('/proc/self/fd')) skip('the system does not show the descriptors of a process');
  const { directory } = await daemonWith('maxPendingConnections=10');
  const options = { portSharing: true, limits: { serviceReservedDescriptors: 20 } };
  const service = new Command(
    'dist/test/fixtures/test-service.js',
    ['net.tcp://localhost:0/test', JSON.stringify(options)],
    { directory, descriptors: 64 },
  );
  const address = String((await service.ready())['address']);
  const inUse = (): readonly number[] => readdirSync(`/proc/${service.pid}/fd`).map(Number);
  const before = new Set(inUse());
  const open = async (): Promise<FramingRecord | undefined> => {
    const client = new RawClient(parseAddress(address).port);
    client.send(preamble(address));
    return await client.next();
  };
  let answer = await open();
  while (answer?.type === 'preamble-ack') answer = await open();
  expect(answer).toMatchObject({ type: 'fault', fault: expect.stringContaining('ServerTooBusy') });
  expect(Math.max(...inUse().filter((descriptor) => !before.has(descriptor)))).toBe(43);
});

test('daemonStartTimeoutMs: a service waits so long for a daemon that does not start, and no longer', async () => {
  const paths = resolvePaths({ NET_TCP_PORT_SHARING_DIR: privateDirectory() });
  secureRunDirectory(paths);
  const native = await nativeFor();
  const lock = tryLock(paths.startLock, native); // somebody who is to start it, and does not
  onTestFinished(() => lock?.release());
  const connected = vi.fn();
  const patient = connectOrStart(paths, native, withLimits({ daemonStartTimeoutMs: 60_000 }));
  void patient.then(connected, connected);
  await expect(
    connectOrStart(paths, native, withLimits({ daemonStartTimeoutMs: 50 })),
  ).rejects.toMatchObject({
    code: 'Communication',
    message: expect.stringContaining('another process tried to start it, and failed'),
  });
  expect(connected).not.toHaveBeenCalled();
  const daemon = new Command(PORT_SHARING, ['run'], { directory: paths.runDirectory });
  const link = await patient;
  expect(link.welcome.pid).toBe(daemon.pid);
  link.close();
});

test('idleExitMs: a service that is held up for longer than the daemon waits starts another', async () => {
  vi.stubEnv('NET_TCP_PORT_SHARING_LIMITS', 'idleExitMs=50');
  onTestFinished(() => void vi.unstubAllEnvs());
  const paths = resolvePaths({ NET_TCP_PORT_SHARING_DIR: privateDirectory() });
  const nobody = () => Promise.resolve(undefined);
  expect(await startDaemon(paths, nobody, performance.now() + 60_000)).toBeUndefined();
  await expect(startDaemon(paths, nobody, performance.now())).rejects.toMatchObject({
    code: 'Communication',
    message: expect.stringContaining('failed to start the service'),
  });
});

test('daemonStartTimeoutMs: a new daemon that takes longer to take over is ended', async () => {
  const { daemon, directory } = await daemonWith('idleExitMs=60000');
  for (const [limitMs, outcome] of [
    [0, { status: 75, stderr: expect.stringContaining('was not ready in time, and was ended') }],
    [60_000, { status: 0, stderr: '' }],
  ] as const) {
    const env = { NET_TCP_PORT_SHARING_LIMITS: `daemonStartTimeoutMs=${limitMs}` };
    const restart = await runCommand(PORT_SHARING, ['restart'], { directory, env });
    expect(restart).toMatchObject(outcome);
    const { pid } = await statusOf(directory);
    expect(pid === daemon.pid).toBe(limitMs === 0);
  }
});
