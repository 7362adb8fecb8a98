// Several processes at one address: who gets a connection, and what becomes of it when one of them stops, dies,
// or has no room. Every test runs with hand-over and with relay.
import { describe, expect, onTestFinished, test } from 'vitest';
import { sleep } from '../../../shared/time.ts';
import { ChannelFactory, NetTcpBinding, type Proxy } from '../../../shared/index.ts';
import { ITest } from '../../fixtures/test-contract.ts';
import { Command, privateDirectory } from '../../helpers/command.ts';
import { eventually } from '../../helpers/eventually.ts';
import { statusOf } from '../../helpers/status.ts';

interface Replica {
  readonly service: Command;
  readonly address: string;
}

async function startReplica(
  directory: string,
  env: NodeJS.ProcessEnv,
  address = 'net.tcp://localhost:0/test',
  options: object = {},
): Promise<Replica> {
  const binding = { portSharing: true, replicas: true, ...options };
  const service = new Command(
    'dist/test/fixtures/test-service.js',
    [address, JSON.stringify(binding)],
    { directory, env },
  );
  return { service, address: String((await service.ready())['address']) };
}

/** A client that keeps no connections. */
function testFactory(): ChannelFactory<typeof ITest> {
  const limits = { maxOutboundConnectionsPerEndpoint: 0 };
  const factory = new ChannelFactory(ITest, new NetTcpBinding({ limits }));
  onTestFinished(() => factory.close());
  return factory;
}

/** Opens channels one after the other, and leaves them open. */
async function open(address: string, count: number): Promise<readonly Proxy<typeof ITest>[]> {
  const factory = testFactory();
  const channels: Proxy<typeof ITest>[] = [];
  for (let index = 0; index < count; index++) {
    const channel = factory.createChannel(address);
    expect(await channel.Echo('x')).toBe('x');
    channels.push(channel);
  }
  onTestFinished(() => channels.forEach((channel) => channel.abort()));
  return channels;
}

/** How many connections each process has got so far. */
async function got(directory: string, replicas: readonly Replica[]): Promise<readonly number[]> {
  const { registrations } = await statusOf(directory);
  return replicas.map(({ service }) => {
    const own = registrations.find(({ pid }) => pid === service.pid);
    return (own?.handedOver ?? 0) + (own?.relayed ?? 0);
  });
}

describe.for(['hand-over', 'relay'] as const)('with %s', (transfer) => {
  const env = { NET_TCP_PORT_SHARING_TRANSFER: transfer };

  test('connections are spread, nobody misses one that ends, and one that comes gets the next', async () => {
    const directory = privateDirectory();
    const first = await startReplica(directory, env);
    const { address } = first;
    const second = await startReplica(directory, env, address);
    const channels = await open(address, 8);
    expect(await got(directory, [first, second])).toEqual([4, 4]);
    // Connections that have ended do not count any more.
    for (const channel of channels) await channel.close();
    await sleep(100);
    const third = await startReplica(directory, env, address);
    await open(address, 6);
    expect(await got(directory, [first, second, third])).toEqual([6, 6, 2]);

    first.service.kill('SIGKILL');
    await first.service.finished;
    await open(address, 10);
    const { registrations } = await statusOf(directory);
    expect(registrations.map(({ pid }) => pid)).toEqual([second.service.pid, third.service.pid]);
    const [two = 0, three = 0] = await got(directory, [second, third]);
    expect([two + three, two - three]).toEqual([18, 4]);
  });

  test('one that is stopped loses what it has not taken, and takes nothing twice when it goes on', async () => {
    const directory = privateDirectory();
    const first = await startReplica(directory, env);
    const second = await startReplica(directory, env, first.address);
    first.service.kill('SIGSTOP');
    await open(first.address, 6);
    expect(await got(directory, [first, second])).toEqual([0, 6]);
    first.service.kill('SIGCONT');
    await eventually(async () => {
      await open(first.address, 1);
      expect((await got(directory, [first, second]))[0]).toBeGreaterThan(0);
    });
  });

  test('one that is full is passed over', async () => {
    const directory = privateDirectory();
    const limits = { maxConcurrentSessions: 2 };
    const first = await startReplica(directory, env, undefined, { limits });
    const second = await startReplica(directory, env, first.address);
    await open(first.address, 8);
    expect(await got(directory, [first, second])).toEqual([2, 6]);
  });

  test('when the daemon dies all come back, and their connections still count', async () => {
    const directory = privateDirectory();
    const first = await startReplica(directory, env);
    const second = await startReplica(directory, env, first.address);
    await open(first.address, 4);
    const { pid } = await statusOf(directory);
    process.kill(pid, 'SIGKILL');
    await eventually(async () => {
      const status = await statusOf(directory);
      expect(status.registrations).toHaveLength(2);
      expect(status.pid).not.toBe(pid);
    });
    const third = await startReplica(directory, env, first.address);
    const before = await got(directory, [first, second]);
    await open(first.address, 2);
    const after = await got(directory, [first, second, third]);
    // With relay the connections died with the daemon.
    const expected = transfer === 'hand-over' ? [0, 0, 2] : expect.anything();
    expect(after.map((count, index) => count - (before[index] ?? 0))).toEqual(expected);
  });
});

test('a pooled connection that comes back for another path goes to one of its replicas', async () => {
  const directory = privateDirectory();
  const first = await startReplica(directory, {});
  const { address } = first;
  const second = await startReplica(directory, {}, address);
  const other = address.replace('/test', '/other');
  await startReplica(directory, {}, other);
  const factory = new ChannelFactory(ITest, new NetTcpBinding());
  onTestFinished(() => factory.close());
  for (let round = 0; round < 4; round++) {
    for (const via of [address, other]) {
      const channel = factory.createChannel(via);
      expect(await channel.Via()).toBe(via);
      await channel.close();
    }
  }
  const [one = 0, two = 0] = await got(directory, [first, second]);
  expect(one + two).toBe(4);
  expect(Math.min(one, two)).toBeGreaterThan(0);
});

test.for([
  [true, false, /which shares it only with services that have replicas, too/],
  [false, true, /which shares it with nobody \(replicas\)/],
] as const)('replicas: %s, then %s: the second is refused', async ([first, second, why]) => {
  const directory = privateDirectory();
  const { address } = await startReplica(directory, {}, undefined, { replicas: first });
  const binding = JSON.stringify({ portSharing: true, replicas: second });
  const refused = new Command('dist/test/fixtures/test-service.js', [address, binding], {
    directory,
  });
  const { stderr } = await refused.finished;
  expect(stderr).toMatch(why);
  expect(stderr).toContain('AddressAlreadyInUse');
});
