// What services tell the daemon of their calls, and when.
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { CallCounts } from '../../../shared/transport/listener.ts';
import { CallReports } from '../../../shared/port-sharing/service/call-reports.ts';
import type { DaemonLink } from '../../../shared/port-sharing/handshake/link.ts';
import { ChannelFactory, NetTcpBinding, ServiceHost } from '../../../shared/index.ts';
import { ITest, testImplementation } from '../../fixtures/test-contract.ts';
import { PORT_SHARING, privateDirectory, runCommand } from '../../helpers/command.ts';
import { eventually } from '../../helpers/eventually.ts';
import { statusOf } from '../../helpers/status.ts';

interface Said {
  readonly endpoints: readonly object[];
}

/** A link to a daemon that reads, or does not. */
function link(welcome: object) {
  const said: (readonly object[])[] = [];
  const socket = { writableLength: 0 };
  const control = {
    isOpen: true,
    socket,
    send: ({ endpoints }: Said) => said.push(endpoints),
  };
  return { said, control, link: { control, welcome } as unknown as DaemonLink };
}

describe('one host', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const counts = (...all: (readonly [number, number])[]): CallCounts[] =>
    all.map(([calls, faults]) => ({ calls, faults }));

  test('a daemon hears all of it at once, then from time to time what has changed', () => {
    const now = counts([0, 0], [7, 1]);
    const reports = new CallReports(() => now, 1_000);
    const daemon = link({ calls: true });
    reports.use(daemon.link, [4, 9]);
    const first = { request: 4, calls: 0, faults: 0 };
    expect(daemon.said).toEqual([[first, { request: 9, calls: 7, faults: 1 }]]);
    vi.advanceTimersByTime(60_000);
    expect(daemon.said).toHaveLength(1);
    now[1] = { calls: 8, faults: 1 };
    expect(daemon.said).toHaveLength(1);
    vi.advanceTimersByTime(60_000);
    expect(daemon.said.slice(1)).toEqual([[{ request: 9, calls: 8, faults: 1 }]]);
    now[1] = { calls: 8, faults: 2 };
    vi.advanceTimersByTime(60_000);
    expect(daemon.said.slice(2)).toEqual([[{ request: 9, calls: 8, faults: 2 }]]);

    // The next daemon knows nothing of that, and the last one is told no more.
    const next = link({ calls: true });
    reports.use(next.link, [1, 2]);
    expect(next.said).toEqual([
      [
        { ...first, request: 1 },
        { request: 2, calls: 8, faults: 2 },
      ],
    ]);
    now[0] = { calls: 1, faults: 0 };
    vi.advanceTimersByTime(60_000);
    expect(daemon.said).toHaveLength(3);
    expect(next.said.slice(1)).toEqual([[{ request: 1, calls: 1, faults: 0 }]]);
    reports.close();
    now[0] = { calls: 2, faults: 0 };
    vi.advanceTimersByTime(60_000);
    expect(next.said).toHaveLength(2);
  });

  test('one that does not want to know is told nothing: it would end the connection', () => {
    const daemon = link({});
    new CallReports(() => counts([1, 1]), 1_000).use(daemon.link, [1]);
    vi.advanceTimersByTime(60_000);
    expect(daemon.said).toEqual([]);
  });

  test('one that does not read is told when it does', () => {
    const now = counts([0, 0]);
    const daemon = link({ calls: true });
    new CallReports(() => now, 1_000).use(daemon.link, [1]);
    daemon.control.socket.writableLength = 1;
    now[0] = { calls: 5, faults: 0 };
    vi.advanceTimersByTime(60_000);
    expect(daemon.said).toHaveLength(1);
    daemon.control.socket.writableLength = 0;
    vi.advanceTimersByTime(60_000);
    expect(daemon.said.slice(1)).toEqual([[{ request: 1, calls: 5, faults: 0 }]]);
  });

  test('what is too long for one message comes in several', () => {
    const daemon = link({ calls: true });
    const many = Array.from({ length: 100 }, (_, index) => index + 1);
    const all = counts(...many.map((calls) => [calls, 0] as const));
    new CallReports(() => all, 1_000).use(daemon.link, many);
    expect(daemon.said.length).toBeGreaterThan(1);
    expect(daemon.said.flat()).toEqual(many.map((calls) => ({ request: calls, calls, faults: 0 })));
  });
});

test('calls of every encoding are counted by address, and a new daemon knows them', async () => {
  const directory = privateDirectory();
  vi.stubEnv('NET_TCP_PORT_SHARING_DIR', directory);
  onTestFinished(() => void vi.unstubAllEnvs());
  const host = new ServiceHost(new NetTcpBinding({ portSharing: true, onNotice() {} }), {
    onOperationError() {},
  });
  host.addEndpoint(ITest, testImplementation(), 'net.tcp://localhost:0/quiet');
  host.addEndpoint(ITest, testImplementation(), 'net.tcp://localhost:0/busy');
  await host.open();
  onTestFinished(() => host.abort());
  const [quiet = '', busy = ''] = host.addresses;
  const said = async (): Promise<unknown> => {
    const { registrations } = await statusOf(directory);
    return registrations.map(({ address, calls, faults }) => [address, calls, faults]);
  };
  await eventually(async () =>
    expect(await said()).toEqual([
      [quiet, 0, 0],
      [busy, 0, 0],
    ]),
  );

  for (const options of [
    {},
    { encoding: 'soap' },
    { encoding: 'soap', transferMode: 'streamed' },
  ] as const) {
    const factory = new ChannelFactory(ITest, new NetTcpBinding(options));
    onTestFinished(() => factory.close());
    const channel = factory.createChannel(busy);
    await channel.Echo('x');
    await channel.Note('x');
    await channel.Slow(1);
    // The last of them ends a session of SOAP.
    for (const kind of ['fault', 'detail', 'wrong detail']) {
      await expect(channel.Fail(kind)).rejects.toThrow();
    }
    await channel.close();
  }
  const counted = [
    [quiet, 0, 0],
    [busy, 18, 9],
  ];
  await eventually(async () => expect(await said()).toEqual(counted));

  const { pid } = await statusOf(directory);
  process.kill(pid, 'SIGKILL');
  await eventually(async () => {
    expect((await statusOf(directory)).pid).not.toBe(pid);
    expect(await said()).toEqual(counted);
  });
  await host.close();
  await runCommand(PORT_SHARING, ['stop'], { directory });
}, 60_000);
