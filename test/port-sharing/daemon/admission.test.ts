// Who may wait at the door: silent clients, busy services, and the last descriptor.
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { withLimits } from '../../../shared/limits.ts';
import { Admission } from '../../../shared/port-sharing/daemon/admission.ts';
import { run } from '../../../scripts/run.ts';
import { Command, PORT_SHARING, privateDirectory, startService } from '../../helpers/command.ts';
import { preamble, RawClient } from '../../helpers/network/raw-client.ts';
import { statusOf } from '../../helpers/status.ts';
import { rawText } from '../../../shared/printable.ts';

/** A daemon with these limits. */
async function daemonWith(limits: Readonly<Record<string, number>>): Promise<string> {
  const directory = privateDirectory();
  const args = Object.entries(limits).flatMap(([name, value]) => ['--limit', `${name}=${value}`]);
  const daemon = new Command(PORT_SHARING, ['run', ...args], { directory });
  await daemon.said(' started ');
  return directory;
}

/** What a client is told: `ack`, the name of a fault, or `end`. */
async function told(client: RawClient): Promise<string> {
  const record = await client.next();
  if (record?.type === 'preamble-ack') return 'ack';
  return record?.type === 'fault' ? (rawText(record.fault).split('/').at(-1) ?? '') : 'end';
}

test('however many are silent, a client that speaks is served; the silent ones are bounded', async () => {
  const directory = await daemonWith({
    silentAfterMs: 50,
    earlyDropPreambles: 3,
    maxPendingPreambles: 3,
  });
  const { port, address } = await startService(directory);
  const silent = Array.from({ length: 10 }, () => new RawClient(port));
  const ends: string[] = [];
  for (const client of silent) void told(client).then((what) => ends.push(what));
  await vi.waitFor(() => expect(ends).toEqual(Array(7).fill('ServerTooBusy')));
  for (let count = 0; count < 5; count++) {
    const client = new RawClient(port);
    client.send(preamble(address));
    expect(await told(client)).toBe('ack');
  }
});

test('beyond its share of descriptors a connection is told ServerTooBusy, and closed at once', async () => {
  const limits = withLimits({ daemonReservedDescriptors: 10 });
  const shares = { total: 0 };
  const admission = new Admission(limits, {
    descriptorLimit: 14, // nine tenths of four
    handsOver: true,
    shares,
  });
  const verdicts: boolean[] = [];
  const admitted: Socket[] = [];
  const server = createServer((socket) => {
    const isAdmitted = admission.admit(socket);
    verdicts.push(isAdmitted);
    if (isAdmitted) admitted.push(socket.on('error', () => {}));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of admitted) socket.destroy();
    server.close();
  });
  const { port } = server.address() as { readonly port: number };
  const knock = async (): Promise<RawClient> => {
    const client = new RawClient(port);
    const before = verdicts.length;
    await vi.waitFor(() => expect(verdicts.length).toBe(before + 1));
    return client;
  };
  for (let count = 0; count < 3; count++) await knock();
  const turnedAway = await knock();
  expect(verdicts).toEqual([true, true, true, false]);
  expect(await told(turnedAway)).toBe('ServerTooBusy');
  admitted[0]?.destroy();
  await vi.waitFor(() => expect(admission.open).toBe(2));
  await knock();
  expect(verdicts.at(-1)).toBe(true);
  // Descriptors that others use are not free for connections.
  admitted[1]?.destroy();
  await vi.waitFor(() => expect(admission.open).toBe(2));
  shares.total = 2;
  await knock();
  expect(verdicts.at(-1)).toBe(false);
});

const NARROW = { maxUnacknowledged: 1, maxPendingConnections: 1 };

test('a burst is no reason to turn anybody away: the service takes them one by one', async () => {
  const { port, address } = await startService(await daemonWith(NARROW));
  const clients = Array.from({ length: 30 }, () => new RawClient(port));
  for (const client of clients) client.send(preamble(address));
  expect(await Promise.all(clients.map(told))).toEqual(Array(30).fill('ack'));
});

test('clients of a stopped service wait up to its limits, the next is told ServerTooBusy', async () => {
  const directory = await daemonWith({ ...NARROW, busyAfterMs: 50 });
  const { port, address, service } = await startService(directory);
  service.kill('SIGSTOP');
  onTestFinished(() => service.kill('SIGCONT'));
  const clients = Array.from({ length: 5 }, () => new RawClient(port));
  const ends: string[] = [];
  for (const client of clients) {
    client.send(preamble(address));
    void told(client).then((what) => ends.push(what));
  }
  await vi.waitFor(() => expect(ends).toEqual(Array(3).fill('ServerTooBusy')));
  const late = new RawClient(port);
  late.send(preamble(address));
  expect(await told(late)).toBe('ServerTooBusy');
  service.kill('SIGCONT');
  await vi.waitFor(() => expect(ends.slice(3)).toEqual(['ack', 'ack']));
});

test('a service without descriptors has its clients told ServerTooBusy, and takes them again later', async ({
  skip,
}) => {
  if (!existsSync('/usr/bin/prlimit')) skip('there is no prlimit here');
  const { port, address, service } = await startService(await daemonWith({}));
  const limit = async (soft: number) =>
    (await run(['prlimit', '--pid', `${service.pid}`, `--nofile=${soft}:`])).status;
  const inUse = readdirSync(`/proc/${service.pid}/fd`).map(Number);
  // Every number from there on is refused by the kernel; what is in use is not taken away, and some
  // below may be free. (Whoever started the tests may have left a few with high numbers.)
  expect(await limit(Math.max(...inUse.filter((number) => number < 100)) + 1)).toBe(0);
  const open = async (): Promise<string> => {
    const client = new RawClient(port);
    client.send(preamble(address));
    return await told(client);
  };
  const answers = new Set<string>();
  for (let count = 0; count < 40; count++) answers.add(await open());
  expect([...answers].filter((answer) => answer !== 'ack')).toEqual(['ServerTooBusy']);
  expect(await limit(1_000)).toBe(0);
  expect(await open()).toBe('ack');
});

test('a socket that a daemon took over and nobody wants any more is closed', async () => {
  const directory = privateDirectory();
  const env = { NET_TCP_PORT_SHARING_LIMITS: 'recoveryGraceMs=200' };
  const first = await startService(directory, ['--port', '0', '--bind', '127.0.0.1'], env);
  const second = await startService(directory, ['--port', first.port, '--bind', '::1'], env);
  const { pid } = await statusOf(directory);
  process.kill(pid, 'SIGKILL');
  second.service.kill('SIGKILL');
  await vi.waitFor(async () => expect((await statusOf(directory)).pid).not.toBe(pid), 10_000);
  await vi.waitFor(
    async () => expect(await connects(first.port, '::1')).toBe('ECONNREFUSED'),
    5_000,
  );
  expect(await connects(first.port, '127.0.0.1')).toBe('connected');
});

function connects(port: string, host: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(port), host);
    socket.on('connect', () => {
      socket.destroy();
      resolve('connected');
    });
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
  });
}
