// What all clients of a host take together. What one may take is tested elsewhere.
import type { Socket } from 'node:net';
import { existsSync } from 'node:fs';
import { expect, onTestFinished, test, vi } from 'vitest';
import { parseAddress } from '../../shared/address.ts';
import { ChannelFactory, NetTcpBinding, ServiceHost } from '../../shared/index.ts';
import { type Limits, withLimits } from '../../shared/limits.ts';
import {
  SessionLimit,
  type SessionHolder,
  sourceOf,
} from '../../shared/rpc/service/session-limit.ts';
import { SlowReaders } from '../../shared/transport/slow-readers.ts';
import { ITest, testImplementation } from '../fixtures/test-contract.ts';
import { Command, privateDirectory } from '../helpers/command.ts';
import { eventually } from '../helpers/eventually.ts';
import { request } from '../helpers/msgpack.ts';
import { preamble, RawClient } from '../helpers/network/raw-client.ts';
import { sleep } from '../../shared/time.ts';

/** A connection with that many bytes unsent, and the memory that holds them. */
function sender(unsent: number, held = unsent) {
  const socket = { _handle: { writeQueueSize: 0 } } as unknown as Socket;
  return { socket, unsentBytes: unsent, heldBytes: held, destroy: vi.fn() };
}

test.for<[bytes: number, what: string, gone: readonly boolean[]]>([
  [1_000, 'nobody has to go', [false, false]],
  [1_001, 'the one with the most does', [false, true]],
])('maxTotalUnsentBytes 1000: at %i in all, %s', ([bytes, , gone]) => {
  const readers = new SlowReaders(withLimits({ maxTotalUnsentBytes: 1_000 }));
  const senders = [sender(400), sender(bytes - 400)];
  for (const one of senders) readers.wrote(one, one.unsentBytes);
  expect(senders.map(({ destroy }) => destroy.mock.calls.length > 0)).toEqual(gone);
  for (const one of senders) readers.forget(one);
});

test.for<[others: number, isBehind: boolean]>([
  [51_000, false],
  [51_001, true],
])(
  'one that has a byte unsent, of the 16000 it may, is behind when all have half: %i more, %s',
  ([others, isBehind]) => {
    const limits = { maxUnsentBytes: 16_000, maxTotalUnsentBytes: 102_002 };
    const readers = new SlowReaders(withLimits(limits));
    const [one, other] = [sender(1), sender(others)];
    readers.wrote(other, others);
    expect(readers.wrote(one, 1)).toBe(isBehind);
    for (const each of [one, other]) readers.forget(each);
  },
);

test.for<[held: number, gone: boolean]>([
  [900, false],
  [901, true],
])('100 bytes in memory of %i count as much as that: %s', ([held, gone]) => {
  const readers = new SlowReaders(withLimits({ maxTotalUnsentBytes: 1_000 }));
  const [roomy, other] = [sender(100, held), sender(100)];
  readers.wrote(roomy, 100);
  readers.wrote(other, 100);
  expect([roomy, other].map(({ destroy }) => destroy.mock.calls.length > 0)).toEqual([gone, false]);
  for (const each of [roomy, other]) readers.forget(each);
});

test('bytes that the client has read since are not counted', () => {
  const readers = new SlowReaders(withLimits({ maxTotalUnsentBytes: 1_000 }));
  const [first, second] = [sender(900), sender(800)];
  readers.wrote(first, 900);
  Object.assign(first, { unsentBytes: 0, heldBytes: 0 });
  readers.wrote(second, 800);
  expect(first.destroy).not.toHaveBeenCalled();
  expect(second.destroy).not.toHaveBeenCalled();
  for (const one of [first, second]) readers.forget(one);
});

async function listening(limits: Partial<Limits>) {
  const errors: string[] = [];
  const host = new ServiceHost(new NetTcpBinding({ limits }), {
    onConnectionError: ({ message }) => errors.push(message),
  });
  host.addEndpoint(ITest, testImplementation(), 'net.tcp://127.0.0.1:0/test');
  await host.open();
  onTestFinished(() => host.abort());
  const [address = ''] = host.addresses;
  return { host, address, port: parseAddress(address).port, errors };
}

async function opened(port: number, address: string): Promise<RawClient> {
  const client = new RawClient(port);
  client.send(preamble(address));
  await client.expect('preamble-ack');
  return client;
}

function envelope(id: number, operation: string, ...args: unknown[]): Uint8Array {
  const payload = request(id, operation, ...args);
  const size = [
    (payload.length & 0x7f) | 0x80,
    ((payload.length >> 7) & 0x7f) | 0x80,
    payload.length >> 14,
  ];
  return Uint8Array.from([6, ...size, ...payload]);
}

test('maxTotalUnsentBytes: many that never read cost somebody who does nothing', async () => {
  const { host, address, port, errors } = await listening({
    maxUnsentBytes: 1_000_000,
    maxTotalUnsentBytes: 100_000,
  });
  const factory = new ChannelFactory(ITest, new NetTcpBinding());
  const channel = factory.createChannel(address);
  onTestFinished(() => {
    channel.abort();
    factory.close();
  });
  const text = 'x'.repeat(60_000);
  const clients = await Promise.all(Array.from({ length: 3 }, () => opened(port, address)));
  for (const client of clients) client.socket.pause();
  await eventually(async () => {
    for (const client of clients) {
      for (let count = 0; count < 20 && client.socket.writableLength === 0; count++) {
        client.send(envelope(1, 'Echo', text));
      }
    }
    expect(await channel.Echo('still here')).toBe('still here');
    expect(errors.filter((error) => error.includes('maxTotalUnsentBytes')).length).toBeGreaterThan(
      0,
    );
  });
  expect(host.connectionCount).toBeGreaterThan(1); // beside the one that reads
});

test.for<[count: number, refused: number]>([
  [3, 0],
  [4, 1],
])(
  'maxTotalPartialBytes: of %d messages that do not end, %d are refused',
  async ([count, refused]) => {
    const { address, port } = await listening({ maxTotalPartialBytes: 3 * 60_010 });
    const half = envelope(1, 'Echo', 'x'.repeat(59_980)).subarray(0, 30_000);
    const clients: RawClient[] = [];
    for (let index = 0; index < count; index++) {
      const client = await opened(port, address);
      client.send(half);
      clients.push(client);
    }
    const other = await opened(port, address);
    if (refused > 0) {
      await eventually(() => expect(clients.filter(({ closed }) => closed)).toHaveLength(refused));
      const gone = clients.find(({ closed }) => closed);
      expect(await gone?.next()).toMatchObject({ fault: expect.stringContaining('ServerTooBusy') });
    }
    other.send(envelope(1, 'Echo', 'x'));
    await other.expect('sized-envelope');
    expect(clients.filter(({ closed }) => closed)).toHaveLength(refused);
  },
);

test('maxConcurrentSessions 2: a third is told ServerTooBusy while the others are busy', async () => {
  const { address, port } = await listening({ maxConcurrentSessions: 2, giveWayAfterMs: 0 });
  for (let count = 0; count < 2; count++) {
    (await opened(port, address)).send(envelope(1, 'Slow', 60_000));
  }
  // They have been read when one that came after them is.
  const third = new RawClient(port);
  third.send(preamble(address));
  expect(await third.next()).toMatchObject({ fault: expect.stringContaining('ServerTooBusy') });
});

test('maxConcurrentSessions 2: a third takes the place of the one that was idle for longest', async () => {
  const { address, port, errors } = await listening({
    maxConcurrentSessions: 2,
    giveWayAfterMs: 0,
    preambleTimeoutMs: 640, // for a look every 10 ms
  });
  const first = await opened(port, address);
  const second = await opened(port, address);
  await sleep(100);
  first.send(envelope(1, 'Echo', 'x'));
  await first.expect('sized-envelope');
  await sleep(100);
  const third = await opened(port, address);
  await eventually(() => expect(second.closed).toBe(true));
  expect([first.closed, third.closed]).toEqual([false, false]);
  expect(errors).toEqual([expect.stringContaining('gave way')]);
  // A session that is over leaves its place.
  third.send([7]);
  await third.expect('end');
  await opened(port, address);
  expect(first.closed).toBe(false);
});

/** Holders of sessions that come one after another, and which of them is let in. */
function holders(limits: Limits) {
  const connections = new Set<SessionHolder>();
  const sessions = new SessionLimit(limits, connections);
  return {
    sessions,
    enter(source: string | undefined, idleMs: number) {
      const giveWay = vi.fn(() => {
        holder.hasSession = false;
        sessions.leave();
      });
      const holder = { source, idleMs: () => idleMs, giveWay, hasSession: false };
      connections.add(holder);
      holder.hasSession = sessions.enter(holder);
      return holder;
    },
  };
}

test.for<[what: string, sources: readonly (string | undefined)[], isTaken: boolean]>([
  ['a machine that has two gets no third, where they are short', ['a', 'a', 'b'], false],
  ['one that has fewer gets one', ['a', 'b', 'b'], true],
  ['this machine has no share', [undefined, undefined, undefined], true],
])('maxSessionsPerSource 2: %s', ([, sources, isTaken]) => {
  const limits = withLimits({
    maxConcurrentSessions: 3,
    maxSessionsPerSource: 2,
    giveWayAfterMs: 0,
  });
  const short = holders(limits);
  for (const source of sources) expect(short.enter(source, 5).hasSession).toBe(true);
  expect(short.enter(sources[0], 5).hasSession).toBe(isTaken);
  expect(short.sessions.size).toBe(3);
  // Where there is room, there are no shares.
  const roomy = holders(withLimits({ maxSessionsPerSource: 2 }));
  for (let count = 0; count < 5; count++) expect(roomy.enter('a', 0).hasSession).toBe(true);
});

test.for<[idleMs: number, what: string, isTaken: boolean]>([
  [99, 'stays', false],
  [100, 'gives way', true],
])('giveWayAfterMs 100: after %i the longest idle %s', ([idleMs, , isTaken]) => {
  const short = holders(withLimits({ maxConcurrentSessions: 3, giveWayAfterMs: 100 }));
  const three = [-1, idleMs - 1, idleMs].map((ms) => short.enter('a', ms));
  expect(short.enter('b', 0).hasSession).toBe(isTaken);
  const gaveWay = three.map(({ giveWay }) => giveWay.mock.calls.length);
  expect(gaveWay).toEqual([0, 0, isTaken ? 1 : 0]);
});

test.for([
  [{ remoteAddress: '10.0.0.1', localAddress: '10.0.0.2' }, '10.0.0.1'],
  [{ remoteAddress: '10.0.0.2', localAddress: '10.0.0.2' }, undefined],
  [{ remoteAddress: '127.0.0.9', localAddress: '127.0.0.1' }, undefined],
  [{}, undefined],
] as const)('the source of %o is %s', ([socket, source]) => {
  expect(sourceOf(socket)).toBe(source);
});

test.skipIf(!existsSync('/proc/self/fd')).for([false, true])(
  'with few descriptors idle sessions give way, and nobody is turned away (shared port: %s)',
  async (portSharing) => {
    const options = { portSharing, limits: { giveWayAfterMs: 0, serviceReservedDescriptors: 8 } };
    const service = new Command(
      'dist/test/fixtures/test-service.js',
      ['net.tcp://localhost:0/test', JSON.stringify(options)],
      { descriptors: 128, directory: privateDirectory() },
    );
    const address = String((await service.ready())['address']);
    const { port } = parseAddress(address);
    for (let count = 0; count < 200; count++) {
      const client = await opened(port, address);
      client.send(envelope(1, 'Echo', 'x'));
      await client.expect('sized-envelope');
    }
  },
);
