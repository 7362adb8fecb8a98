// Connections that are open, but through which nothing comes any more.
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { once } from 'node:events';
import { expect, onTestFinished, test, vi } from 'vitest';
import { parseAddress } from '../../shared/address.ts';
import { ChannelFactory, NetTcpBinding, ServiceHost } from '../../shared/index.ts';
import type { Limits } from '../../shared/limits.ts';
import { Silence } from '../../shared/rpc/calls/silence.ts';
import { sleep } from '../../shared/time.ts';
import { isSelfConnected } from '../../shared/transport/dialer.ts';
import { ITest, testImplementation } from '../fixtures/test-contract.ts';
import { kernelTimers } from '../helpers/network/kernel-timers.ts';
import { program } from '../helpers/command.ts';
import { eventually } from '../helpers/eventually.ts';
import { socketPair } from '../helpers/network/socket-pair.ts';
import { TcpProxy } from '../helpers/network/tcp-proxy.ts';

const SHORT_MS = 100;
const LONG_MS = 60_000;

async function listening(limits: Partial<Limits> = {}): Promise<number> {
  const host = new ServiceHost(new NetTcpBinding({ limits }));
  host.addEndpoint(ITest, testImplementation(), 'net.tcp://127.0.0.1:0/test');
  await host.open();
  onTestFinished(() => host.abort());
  return parseAddress(host.addresses[0] ?? '').port;
}

function factoryWith(limits: Partial<Limits>): ChannelFactory<ITest> {
  const factory = new ChannelFactory(ITest, new NetTcpBinding({ limits }));
  onTestFinished(() => factory.close());
  return factory;
}

function channelOf(factory: ChannelFactory<ITest>, address: string) {
  const channel = factory.createChannel(address);
  onTestFinished(() => channel.abort());
  return channel;
}

test('keptAckTimeoutMs: a kept connection that says nothing is given up by then, and not before', async () => {
  const port = await listening();
  const proxy = await TcpProxy.listen(port);
  const address = `net.tcp://127.0.0.2:${port}/test`;
  const factories = [LONG_MS, SHORT_MS].map((keptAckTimeoutMs) =>
    factoryWith({ keptAckTimeoutMs }),
  );
  for (const factory of factories) {
    // Two are kept: the second must not cost the same time again.
    const channels = [channelOf(factory, address), channelOf(factory, address)];
    await Promise.all(channels.map((channel) => channel.open()));
    await Promise.all(channels.map((channel) => channel.close()));
  }
  proxy.freeze();
  const [patient, hasty] = factories.map((factory) => channelOf(factory, address).Echo('x'));
  const isPatientDone = vi.fn();
  patient?.then(isPatientDone, isPatientDone);
  expect(await hasty).toBe('x');
  expect(proxy.connections).toBe(5);
  expect(isPatientDone).not.toHaveBeenCalled();
});

test('silentPeerTimeoutMs: a channel whose calls wait in vain for so long is faulted, and not before', async () => {
  const port = await listening();
  const proxy = await TcpProxy.listen(port);
  const address = `net.tcp://127.0.0.2:${port}/test`;
  const [patient, hasty] = [LONG_MS, SHORT_MS].map((silentPeerTimeoutMs) =>
    channelOf(factoryWith({ sendTimeoutMs: 30, silentPeerTimeoutMs }), address),
  );
  await patient?.Echo('x', { timeoutMs: LONG_MS });
  await hasty?.Echo('x', { timeoutMs: LONG_MS });
  const waiting = hasty?.Slow(1, { timeoutMs: 0 });
  await waiting;
  proxy.freeze();
  await expect(hasty?.Echo('x')).rejects.toMatchObject({ code: 'Timeout' });
  expect(hasty?.state).toBe('opened'); // one call that times out proves nothing
  const endless = hasty?.Echo('x', { timeoutMs: 0 });
  endless?.catch(() => {});
  await eventually(async () => {
    await patient?.Echo('x').catch(() => {});
    await hasty?.Echo('x').catch(() => {});
    expect(hasty?.state).toBe('faulted');
  });
  expect(patient?.state).toBe('opened');
  const reason = expect.stringContaining('silentPeerTimeoutMs') as string;
  await expect(endless).rejects.toMatchObject({ code: 'Communication', message: reason });
  await expect(hasty?.Echo('x')).rejects.toMatchObject({
    code: 'CommunicationObjectFaulted',
    message: reason,
  });
});

type Said = readonly [at: number, timedOut: number, heard?: 'heard' | 'calls begin'];

// Looks at a peer: when, how many calls had timed out since the last one, and what was before it.
test.for<[silentMs: number, said: readonly Said[], isOver: boolean]>([
  [
    100,
    [
      [1, 0],
      [101, 2],
    ],
    true,
  ],
  [
    100,
    [
      [1, 0],
      [100, 2],
    ],
    false,
  ],
  [
    100,
    [
      [1, 0],
      [101, 1],
    ],
    false,
  ],
  [
    100,
    [
      [1, 0],
      [50, 1],
      [101, 1],
    ],
    true,
  ],
  [
    100,
    [
      [1, 0],
      [101, 1],
      [102, 1],
    ],
    true,
  ],
  [
    100,
    [
      [1, 0],
      [90, 2],
      [101, 0, 'heard'],
    ],
    false,
  ],
  [
    100,
    [
      [1, 0],
      [90, 2],
      [101, 0, 'heard'],
      [201, 1],
    ],
    false,
  ],
  [
    100,
    [
      [1, 0],
      [90, 2],
      [1_000, 2, 'calls begin'],
    ],
    false,
  ],
  [
    100,
    [
      [1, 0],
      [90, 2],
      [1_000, 2, 'calls begin'],
      [1_011, 0],
    ],
    true,
  ],
  [
    0,
    [
      [1, 0],
      [1_000, 9],
    ],
    false,
  ],
])('silent for %s: %o', ([silentMs, said, isOver]) => {
  const silence = new Silence();
  silence.callsBegin();
  for (const [at, timedOut, before] of said) {
    if (before === 'heard') silence.heard();
    if (before === 'calls begin') silence.callsBegin();
    silence.look(at, timedOut);
  }
  expect(silence.isLonger(silentMs)).toBe(isOver);
});

test.skipIf(process.platform !== 'linux').for([
  [60_000, 'asks whether the peer is there'],
  [0, 'does not'],
] as const)('keepAliveAfterMs %i: the kernel %s, on both sides', async ([keepAliveAfterMs]) => {
  const port = await listening({ keepAliveAfterMs });
  const channel = channelOf(factoryWith({ keepAliveAfterMs }), `net.tcp://127.0.0.1:${port}/test`);
  await channel.Echo('x');
  const lines = readFileSync('/proc/net/tcp', 'utf8').split('\n');
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  const line = lines.find((one) => new RegExp(`^\\s*\\d+: \\S+ \\S+:${hexPort} 01 `).test(one));
  const clientPort = Number.parseInt(
    /:([0-9A-F]{4}) \S+:[0-9A-F]{4} 01 /.exec(line ?? '')?.[1] ?? '',
    16,
  );
  const expected = keepAliveAfterMs > 0 ? ['02'] : ['00'];
  // It is asked for half a second later.
  if (keepAliveAfterMs === 0) await sleep(700);
  // An answer that is not acknowledged yet has another timer for a moment.
  await eventually(() => {
    expect(kernelTimers(clientPort, port)).toEqual(expected);
    expect(kernelTimers(port, clientPort)).toEqual(expected);
  });
});

test('a channel that was idle for too long says so when it is used again', async () => {
  const port = await listening({ receiveTimeoutMs: SHORT_MS });
  const channel = channelOf(factoryWith({}), `net.tcp://127.0.0.1:${port}/test`);
  await channel.Echo('x');
  await eventually(() => expect(channel.state).toBe('faulted'));
  await expect(channel.Echo('x')).rejects.toMatchObject({
    code: 'CommunicationObjectFaulted',
    message: expect.stringMatching(/no call was running.*receiveTimeout/),
    cause: { code: 'Communication' },
  });
});

test('a socket that is connected to itself is told from one that is not', async () => {
  const [near, far] = await socketPair();
  expect([isSelfConnected(near), isSelfConnected(far)]).toEqual([false, false]);
  const { port } = near.address() as { readonly port: number };
  near.destroy();
  far.destroy();
  await eventually(async () => {
    const free = port + 1 + Math.floor(Math.random() * 100);
    const itself = connect({ port: free, localPort: free, host: '127.0.0.1' });
    onTestFinished(() => void itself.destroy());
    await once(itself, 'connect');
    expect(isSelfConnected(itself)).toBe(true);
  });
});

test.for(['msgpack', 'soap', 'streamed'])(
  'a %s channel that is unreferenced lets the process end, others do not',
  async (kind) => {
    const port = await listening();
    const start = (unref: string) => {
      const code = script(kind, port, unref);
      return program([process.execPath, '--input-type=module', '--eval', code]);
    };
    const referenced = start('');
    await referenced.said(/./);
    expect((await start('.unref()').finished).status).toBe(0);
    expect(referenced.isRunning).toBe(true);
  },
);

function script(kind: string, port: number, unref: string): string {
  return `
    import { ChannelFactory, NetTcpBinding } from './dist/shared/index.js';
    import { ITest } from './dist/test/fixtures/test-contract.js';
    const [encoding, transferMode] = ${JSON.stringify(kind === 'msgpack' ? ['msgpack', 'buffered'] : ['soap', kind === 'soap' ? 'buffered' : 'streamed'])};
    const factory = new ChannelFactory(ITest, new NetTcpBinding({ encoding, transferMode }));
    const channel = factory.createChannel('net.tcp://127.0.0.1:${port}/test');
    console.log('called', await channel.Echo('x'));
    channel${unref};
    channel.Slow(60_000).catch(() => {});
  `;
}

test('await using closes channels and hosts', async () => {
  const host = new ServiceHost(new NetTcpBinding());
  host.addEndpoint(ITest, testImplementation(), 'net.tcp://127.0.0.1:0/test');
  await host.open();
  const factory = factoryWith({});
  const channel = factory.createChannel(host.addresses[0] ?? '');
  await channel.open();
  await channel[Symbol.asyncDispose]();
  expect(channel.state).toBe('closed');
  factory[Symbol.dispose]();
  await host[Symbol.asyncDispose]();
  expect(host.state).toBe('closed');
});
