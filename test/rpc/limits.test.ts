// The limits of services and clients, on both sides of each. Times are compared, never measured: what
// has a short one ends while what has a long one goes on.
import { once } from 'node:events';
import { createServer, Socket } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { parseAddress } from '../../shared/address.ts';
import { ChannelFactory, NetTcpBinding, ServiceHost } from '../../shared/index.ts';
import type { LimitName, Limits } from '../../shared/limits.ts';
import { withLimits } from '../../shared/limits.ts';
import { defineContract, operation } from '../../shared/contract/contract.ts';
import { int } from '../../shared/contract/types/types.ts';
import { Connection } from '../../shared/transport/connection.ts';
import { ConnectionPool } from '../../shared/transport/connection-pool.ts';
import { SlowReaders } from '../../shared/transport/slow-readers.ts';
import { eventually } from '../helpers/eventually.ts';
import { preamble, RawClient } from '../helpers/network/raw-client.ts';
import { socketPair } from '../helpers/network/socket-pair.ts';
import { sleep } from '../../shared/time.ts';

const IWait = defineContract({
  name: 'IWait',
  operations: { Wait: operation([['id', int]], int) },
});
const SHORT_MS = 50;
const LONG_MS = 60_000;
const aWhile = (): Promise<void> => sleep(100);

/** A service whose calls wait until they are let go. */
async function service(limits: Partial<Limits>): Promise<{
  readonly host: ServiceHost;
  readonly port: number;
  readonly address: string;
  readonly running: (() => void)[];
}> {
  const running: (() => void)[] = [];
  const host = new ServiceHost(new NetTcpBinding({ limits }));
  const Wait = (id: number): Promise<number> =>
    new Promise((resolve) => running.push(() => resolve(id)));
  host.addEndpoint(IWait, { Wait }, 'net.tcp://127.0.0.1:0/wait');
  await host.open();
  onTestFinished(() => host.abort());
  const [address = ''] = host.addresses;
  return { host, port: parseAddress(address).port, address, running };
}

const ACK = 0x0b;
const END = 0x07;
const UNSUPPORTED = [0, 1, 0, 1, 9]; // a version and a mode that nobody speaks

/** What a client does before the service has to wait for it. */
const BEGIN: Readonly<Record<string, (client: RawClient, address: string) => Promise<void>>> = {
  'before its preamble': async (client) => await Promise.resolve(client.send([0])),
  'after its preamble': async (client, address) => {
    client.send(preamble(address));
    await client.expect('preamble-ack');
  },
  'after its session': async (client, address) => {
    client.send(preamble(address));
    await client.expect('preamble-ack');
    client.send([END]);
    await client.expect('end');
  },
  'after a fault': async (client) => {
    client.send(UNSUPPORTED);
    await client.expect('fault');
  },
};

test.for<[limit: LimitName, when: string]>([
  ['preambleTimeoutMs', 'before its preamble'],
  ['receiveTimeoutMs', 'after its preamble'],
  ['idleTimeoutMs', 'after its session'],
  ['faultDrainMs', 'after a fault'],
])('%s: a client that is silent %s is closed by then, and not before', async ([limit, when]) => {
  const clients: RawClient[] = [];
  for (const limitMs of [LONG_MS, SHORT_MS]) {
    const { port, address } = await service({ [limit]: limitMs });
    const client = new RawClient(port);
    await BEGIN[when]?.(client, address);
    clients.push(client);
  }
  const [patient, hasty] = clients;
  // After a fault the service has ended its half: only bytes that bounce show that it has closed.
  await eventually(() => {
    if (when === 'after a fault') hasty?.send([0]);
    expect(when === 'after a fault' ? hasty?.socket.destroyed : hasty?.closed).toBe(true);
  });
  if (when === 'after a fault') patient?.send([0]);
  await aWhile();
  expect(patient?.socket.destroyed).toBe(false);
});

test('faultDrainBytes: so many bytes after a fault are thrown away, more end the connection', async () => {
  const { port } = await service({ faultDrainBytes: 100, faultDrainMs: LONG_MS });
  const clients = [new RawClient(port), new RawClient(port)];
  for (const client of clients) {
    client.send(UNSUPPORTED);
    await client.expect('fault');
  }
  const [modest, greedy] = clients;
  modest?.send(new Uint8Array(50));
  greedy?.send(new Uint8Array(1_000));
  await eventually(() => {
    greedy?.send([0]);
    expect(greedy?.socket.destroyed).toBe(true);
  });
  modest?.send(new Uint8Array(40));
  await aWhile();
  expect(modest?.socket.destroyed).toBe(false);
});

test('faultDrainBytes 100: 100 bytes are thrown away, one more ends the connection', async () => {
  const [near, far] = await socketPair();
  const handler = { onOctets: vi.fn(), onEnd() {}, onClose() {} };
  new Connection(near, handler).closeDraining({ faultDrainBytes: 100, faultDrainMs: LONG_MS });
  far.write(new Uint8Array(100));
  await eventually(() => expect(near.bytesRead).toBe(100));
  expect(near.destroyed).toBe(false);
  far.write(new Uint8Array(1));
  await eventually(() => expect(near.destroyed).toBe(true));
  expect(near.bytesRead).toBe(101);
  expect(handler.onOctets).not.toHaveBeenCalled();
});

/** A server that acknowledges preambles from the `from`th connection on, and answers nothing else. */
async function mute(from: number): Promise<{ readonly address: string; connections: number }> {
  const seen = { address: '', connections: 0 };
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    seen.connections += 1;
    if (seen.connections >= from) socket.once('data', () => socket.write(Uint8Array.of(ACK)));
    else if (Number.isFinite(from)) socket.destroy();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as { readonly port: number };
  seen.address = `net.tcp://127.0.0.1:${port}/x`;
  return seen;
}

function channelTo(address: string, limits: Partial<Limits>) {
  const factory = new ChannelFactory(IWait, new NetTcpBinding({ limits }));
  onTestFinished(() => factory.close());
  const channel = factory.createChannel(address);
  onTestFinished(() => channel.abort());
  return channel;
}

test.for<[limit: LimitName, from: number, act: 'open' | 'Wait' | 'close']>([
  ['openTimeoutMs', Infinity, 'open'],
  ['sendTimeoutMs', 1, 'Wait'],
  ['closeTimeoutMs', 1, 'close'],
])('%s: what is not answered by then is a Timeout, and not before', async ([limit, from, act]) => {
  const { address } = await mute(from);
  const perform = async (limitMs: number): Promise<unknown> => {
    const channel = channelTo(address, { [limit]: limitMs });
    if (act === 'close') await channel.open();
    return await (act === 'Wait' ? channel.Wait(1) : channel[act]());
  };
  const ended = vi.fn();
  void perform(LONG_MS).then(ended, ended);
  await expect(perform(SHORT_MS)).rejects.toMatchObject({ code: 'Timeout' });
  expect(ended).not.toHaveBeenCalled();
});

test('hostCloseTimeoutMs: a host that closes waits so long for a call, and not longer', async () => {
  const closed: string[] = [];
  for (const [name, hostCloseTimeoutMs] of [
    ['patient', LONG_MS],
    ['hasty', SHORT_MS],
  ] as const) {
    const { host, address, running } = await service({ hostCloseTimeoutMs });
    channelTo(address, {})
      .Wait(1)
      .catch(() => {});
    await eventually(() => expect(running).toHaveLength(1));
    void host.close().then(() => closed.push(name));
  }
  await eventually(() => expect(closed).not.toEqual([]));
  expect(closed).toEqual(['hasty']);
});

test.for([
  [3, 'opens'],
  [4, 'fails'],
])('maxOpenAttempts 3: a service that takes connection %d %s', async ([from, what]) => {
  const server = await mute(Number(from));
  const opening = channelTo(server.address, { maxOpenAttempts: 3 }).open();
  if (what === 'opens') await opening;
  else await expect(opening).rejects.toMatchObject({ name: 'NetTcpError' });
  expect(server.connections).toBe(3);
});

test('maxConcurrentCalls: so many of one connection run, the next when one has ended', async () => {
  const { address, running } = await service({ maxConcurrentCalls: 2 });
  const channel = channelTo(address, {});
  await channel.open();
  const first = channel.Wait(1); // all three in one segment
  const others = [channel.Wait(2), channel.Wait(3)];
  await eventually(() => expect(running).toHaveLength(2));
  await aWhile();
  expect(running).toHaveLength(2);
  running[0]?.();
  expect(await first).toBe(1);
  await eventually(() => expect(running).toHaveLength(3));
  for (const end of running) end();
  expect(await Promise.all(others)).toEqual([2, 3]);
});

/** A connection whose other end reads nothing, with more to send than the kernel takes. */
async function unread(limits: Partial<Limits>) {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { readonly port: number };
  const far = new Socket().connect(port, '127.0.0.1').pause();
  const [near] = (await once(server, 'connection')) as [Socket];
  onTestFinished(() => {
    near.destroy();
    far.destroy();
    server.close();
  });
  const handler = { onOctets() {}, onEnd() {}, onClose() {} };
  const connection = new Connection(near, handler, new SlowReaders(withLimits(limits)));
  const send = (count: number): void => {
    connection.writer().append(new Uint8Array(count));
    connection.flush();
  };
  // The kernel takes some at once, and more (up to tcp_rmem, 32 MiB in places) while it widens its window.
  for (let unsent = 0; !near.destroyed && (unsent === 0 || unsent !== near.writableLength);) {
    send(4_000_000);
    unsent = near.writableLength;
    await aWhile();
  }
  return { connection, near, send };
}

test('maxUnsentBytes: a connection is behind when more is unsent, not before', async () => {
  const { connection, near, send } = await unread({
    maxUnsentBytes: 20_000_000,
    slowReaderTimeoutMs: LONG_MS,
  });
  expect(connection.isBehind).toBe(false);
  while (near.writableLength + 1_000_000 <= 20_000_000) send(1_000_000);
  expect(connection.isBehind).toBe(false);
  send(1_000_000);
  expect(connection.isBehind).toBe(true);
});

test('slowReaderTimeoutMs: who is behind and reads nothing is cut off by then, and not before', async () => {
  const patient = await unread({ maxUnsentBytes: 0, slowReaderTimeoutMs: LONG_MS });
  const hasty = await unread({ maxUnsentBytes: 0, slowReaderTimeoutMs: SHORT_MS });
  expect(patient.connection.isBehind && hasty.connection.isBehind).toBe(true);
  await eventually(() => expect(hasty.near.destroyed).toBe(true));
  expect(patient.near.destroyed).toBe(false);
});

test('slowReaderTimeoutMs: who is not behind, and reads nothing either, is cut off by then, too', async () => {
  const limits = { maxUnsentBytes: 100_000_000 };
  const patient = await unread({ ...limits, slowReaderTimeoutMs: LONG_MS });
  const hasty = await unread({ ...limits, slowReaderTimeoutMs: SHORT_MS });
  expect(hasty.connection.isBehind).toBe(false);
  await eventually(() => expect(hasty.near.destroyed).toBe(true));
  expect(patient.near.destroyed).toBe(false);
});

const ADDRESS = parseAddress('net.tcp://localhost:9000/x');

function pool(limits: Partial<Limits>): ConnectionPool {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const made = new ConnectionPool(withLimits(limits));
  onTestFinished(() => made.close());
  return made;
}

test('maxOutboundConnectionsPerEndpoint: so many are kept, one more is closed', () => {
  const kept = pool({ maxOutboundConnectionsPerEndpoint: 2 });
  const sockets = [new Socket(), new Socket(), new Socket()];
  for (const socket of sockets) kept.put(ADDRESS, socket);
  expect([1, 2, 3].map(() => kept.take(ADDRESS))).toEqual([sockets[1], sockets[0], undefined]);
});

test('leaseTimeoutMs: a connection of that age is kept, an older one is closed', async () => {
  const kept = pool({ leaseTimeoutMs: 1_000, idleTimeoutMs: LONG_MS });
  kept.put(ADDRESS, new Socket());
  await vi.advanceTimersByTimeAsync(1_000);
  const socket = kept.take(ADDRESS) ?? expect.fail('it was not kept');
  kept.put(ADDRESS, socket);
  expect(kept.take(ADDRESS)).toBe(socket);
  await vi.advanceTimersByTimeAsync(1);
  kept.put(ADDRESS, socket);
  expect(kept.take(ADDRESS)).toBeUndefined();
});

test('idleTimeoutMs: a kept connection is closed by then, and not before', async () => {
  const kept = pool({ idleTimeoutMs: 800 });
  for (const [ms, isThere] of [
    [700, true],
    [1_000, false],
  ] as const) {
    kept.put(ADDRESS, new Socket());
    await vi.advanceTimersByTimeAsync(ms);
    expect(kept.take(ADDRESS) !== undefined).toBe(isThere);
  }
});
