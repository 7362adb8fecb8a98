// The port-sharing daemon with real services and clients. Every test runs with hand-over and with relay.
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { eventually } from '../../helpers/eventually.ts';
import { ChannelFactory, ICalculator, NetTcpBinding } from '../../../shared/index.ts';
import { ITest } from '../../fixtures/test-contract.ts';
import {
  CLIENT,
  Command,
  isDaemon,
  PORT_SHARING,
  privateDirectory,
  runCommand,
  SERVICE,
  startService,
} from '../../helpers/command.ts';
import { request, unpack } from '../../helpers/msgpack.ts';
import { preamble, RawClient } from '../../helpers/network/raw-client.ts';
import { statusOf } from '../../helpers/status.ts';
import { sleep } from '../../../shared/time.ts';

const addRequest = (id: number): Uint8Array => request(id, 'Add', 100, 15.99);

async function startTestService(
  directory: string,
  options: object,
  env: NodeJS.ProcessEnv = {},
): Promise<{ service: Command; address: string; port: string }> {
  const service = new Command(
    'dist/test/fixtures/test-service.js',
    ['net.tcp://localhost:0/test', JSON.stringify({ portSharing: true, ...options })],
    { directory, env },
  );
  const address = String((await service.ready())['address']);
  return { service, address, port: /:(\d+)\//.exec(address)?.[1] ?? '' };
}

describe.for(['hand-over', 'relay'] as const)('with %s', (transfer) => {
  const env = { NET_TCP_PORT_SHARING_TRANSFER: transfer };

  test('services share a port, and each is reached by its number', async () => {
    const directory = privateDirectory();
    const first = await startService(directory, ['--port', '0'], env);
    const others = await Promise.all(
      [1, 2, 3].map(() => startService(directory, ['--port', first.port], env)),
    );
    for (const { number, port } of [first, ...others]) {
      const client = await runCommand(CLIENT, ['--port', port, number, 'add', '1', '2']);
      expect(client).toMatchObject({ status: 0, stdout: 'Add(1,2) = 3\n' });
    }
    const status = await statusOf(directory);
    expect(status).toMatchObject({ running: true, transfer });
    expect(new Set(status.registrations.map(({ pid }) => pid))).toEqual(
      new Set([first, ...others].map(({ service }) => service.pid)),
    );
    const counts = status.registrations.map(({ handedOver, relayed }) => [handedOver, relayed]);
    expect(counts).toEqual(Array(4).fill(transfer === 'relay' ? [0, 1] : [1, 0]));
  });

  test('fifty services started together make one daemon and fifty registrations', async () => {
    const directory = privateDirectory();
    // A port that is free: the first one finds it, the others are told.
    const { port } = await startService(undefined, ['--port', '0', '--no-port-sharing']).then(
      async (found) => {
        found.service.kill('SIGTERM');
        await found.service.finished;
        return found;
      },
    );
    const services = await Promise.all(
      Array.from({ length: 50 }, () => startService(directory, ['--port', port], env)),
    );
    const { registrations } = await statusOf(directory);
    expect(registrations).toHaveLength(50);
    expect(new Set(services.map(({ number }) => number)).size).toBe(50);
    const starts = readFileSync(path.join(directory, 'daemon.log'), 'utf8').match(/ started /g);
    expect(starts).toHaveLength(1);
  }, 120_000);

  test('a service that ends is unknown from then on, and its caller hears of it', async () => {
    const directory = privateDirectory();
    const { service, address } = await startTestService(directory, {}, env);
    const factory = new ChannelFactory(ITest, new NetTcpBinding());
    const proxy = factory.createChannel(address);
    await proxy.open();
    const call = proxy.Slow(60_000).catch((error: unknown) => error);
    await proxy.Echo('is running');
    service.kill('SIGKILL');
    expect(await call).toMatchObject({ code: 'Communication' });
    await eventually(async () => expect((await statusOf(directory)).registrations).toEqual([]));
    factory.close();
  });

  test('a path that nobody has gets a fault, and so does an absurd one', async () => {
    const directory = privateDirectory();
    const { port } = await startService(directory, ['--port', '0'], env);
    for (const via of ['net.tcp://localhost/nobody', 'no address at all', '']) {
      const client = new RawClient(port);
      client.send(preamble(via));
      expect(await client.next()).toMatchObject({
        type: 'fault',
        fault: expect.stringContaining('/EndpointNotFound'),
      });
      await client.ended();
    }
  });

  test('bytes sent right after the preamble arrive, none lost and none twice', async () => {
    const directory = privateDirectory();
    const { port, address } = await startService(directory, ['--port', '0'], env);
    for (const cut of [1, 30, 70, Infinity]) {
      const client = new RawClient(port);
      const call = addRequest(cut === Infinity ? 0 : cut);
      const envelope = [6, call.length, ...call];
      const stream = [...preamble(address), ...envelope, ...envelope, 7];
      client.send(stream.slice(0, cut));
      if (cut < stream.length) {
        await sleep(20);
        client.send(stream.slice(cut));
      }
      await client.expect('preamble-ack');
      await client.expect('sized-envelope');
      await client.expect('sized-envelope');
      await client.expect('end');
    }
  });

  test('a pooled connection reaches one service after the other', async () => {
    const directory = privateDirectory();
    const first = await startService(directory, ['--port', '0'], env);
    const second = await startService(directory, ['--port', first.port], env);
    let client = new RawClient(first.port);
    for (let round = 0; round < 6; round++) {
      const { address } = round % 2 === 0 ? first : second;
      const answer = await client.session(address, addRequest(round)).catch(() => undefined);
      if (answer === undefined) {
        // A relayed connection cannot be given away: it is closed, and a WCF client connects anew.
        expect(transfer).toBe('relay');
        client = new RawClient(first.port);
        round -= 1;
        continue;
      }
      expect(unpack(answer)).toEqual([1, round, null, 115.99]);
    }
    const status = await statusOf(directory);
    if (transfer === 'hand-over') {
      expect(status.registrations.map(({ handedOver }) => handedOver)).toEqual([3, 3]);
    }
    client.send(preamble('net.tcp://localhost/nobody'));
    const last = await client.next();
    if (transfer === 'hand-over') expect(last).toMatchObject({ type: 'fault' });
    else expect(last).toBeUndefined();
  });

  test('the daemon ends by itself when no service is registered', async () => {
    const directory = privateDirectory();
    const { service } = await startService(directory, ['--port', '0'], {
      ...env,
      NET_TCP_PORT_SHARING_LIMITS: 'idleExitMs=1000',
    });
    const { pid } = await statusOf(directory);
    expect(isDaemon(pid)).toBe(true);
    service.kill('SIGTERM');
    await service.finished;
    await eventually(() => expect(isDaemon(pid)).toBe(false));
    expect(existsSync(path.join(directory, 'control.sock'))).toBe(false);
    expect((await statusOf(directory)).running).toBe(false);
  });

  test('a service that is reached from elsewhere does not expose its neighbour', async () => {
    const directory = privateDirectory();
    const own = Object.values((await import('node:os')).networkInterfaces()).flat();
    const outside = own.find((one) => one?.family === 'IPv4' && !one.internal)?.address;
    if (outside === undefined)
      return console.warn('skipped: this machine has no address but loopback');
    const inner = await startService(directory, ['--port', '0'], env);
    const outer = await startService(
      directory,
      ['--port', inner.port, '--bind', '0.0.0.0', '--security', 'none'],
      env,
    );
    const at = (number: string, host: string) =>
      runCommand(CLIENT, ['--host', host, '--port', inner.port, number, 'add', '1', '2']);
    expect(await at(outer.number, outside)).toMatchObject({ status: 0 });
    expect(await at(outer.number, '127.0.0.1')).toMatchObject({ status: 0 });
    expect(await at(inner.number, '127.0.0.1')).toMatchObject({ status: 0 });
    expect(await at(inner.number, outside)).toMatchObject({ status: 66 });
    outer.service.kill('SIGTERM');
    await outer.service.finished;
    await eventually(async () =>
      expect(await at(outer.number, outside)).toMatchObject({ status: 69 }),
    );
    expect(await at(inner.number, '127.0.0.1')).toMatchObject({ status: 0 });
  });
});

describe('hand-over', () => {
  test('leaves the daemon without a descriptor of the connection, and calls survive its death', async () => {
    const directory = privateDirectory();
    const { address } = await startTestService(directory, {});
    const { pid } = await statusOf(directory);
    const factory = new ChannelFactory(ITest, new NetTcpBinding());
    // The lowest of several counts: the connection that asked for the status may still be closing.
    let before = Infinity;
    for (let look = 0; look < 20; look++) {
      before = Math.min(before, openSockets(pid));
      await sleep(20);
    }
    const proxy = factory.createChannel(address);
    await proxy.open();
    await eventually(() => expect(openSockets(pid)).toBeLessThanOrEqual(before));
    const running = proxy.Slow(300);
    process.kill(pid, 'SIGKILL');
    for (let call = 0; call < 100; call++) expect(await proxy.Echo(`${call}`)).toBe(`${call}`);
    expect(await running).toBe(300);
    // A new client finds a new daemon, without having been refused.
    const next = factory.createChannel(address);
    expect(await next.Echo('again')).toBe('again');
    const { registrations, pid: newPid } = await statusOf(directory);
    expect(newPid).not.toBe(pid);
    expect(registrations.map((one) => one.address)).toEqual([address]);
    await proxy.close();
    await next.close();
    factory.close();
  });

  test('a service without koffi is relayed to by a daemon that could hand over', async () => {
    const directory = privateDirectory();
    const first = await startService(directory, ['--port', '0']);
    const second = await startService(directory, ['--port', first.port], {
      NET_TCP_PORT_SHARING_TRANSFER: 'relay',
    });
    for (const { number, port } of [first, second]) {
      const client = await runCommand(CLIENT, ['--port', port, number, 'add', '1', '2']);
      expect(client).toMatchObject({ status: 0 });
    }
    const { registrations } = await statusOf(directory);
    expect(registrations.map(({ handedOver, relayed }) => [handedOver, relayed])).toEqual([
      [1, 0],
      [0, 1],
    ]);
  });

  function openSockets(pid: number): number {
    const folder = `/proc/${pid}/fd`;
    return readdirSync(folder).filter((fd) => {
      try {
        return readlinkSync(path.join(folder, fd)).startsWith('socket:');
      } catch {
        return false;
      }
    }).length;
  }
});

describe('net-tcp-port-sharing', () => {
  test('status without a daemon', async () => {
    const directory = privateDirectory();
    const status = await runCommand(PORT_SHARING, ['status'], { directory });
    expect(status).toMatchObject({ status: 0, stderr: '' });
    expect(status.stdout).toContain('No port-sharing daemon is running.');
  });

  test('disable keeps services from starting the daemon; enable lets them', async () => {
    const directory = privateDirectory();
    await runCommand(PORT_SHARING, ['disable'], { directory });
    const refused = await runCommand(SERVICE, ['--port', '0'], { directory });
    expect(refused).toMatchObject({ status: 78, stdout: '' });
    expect(refused.stderr).toContain(
      "failed to start the service because it is disabled. An administrator can enable it by running 'npm run port-sharing enable'.",
    );
    await runCommand(PORT_SHARING, ['enable'], { directory });
    await startService(directory);
  });

  test('start, stop; a service that has lost its daemon comes back to the next one', async () => {
    const directory = privateDirectory();
    const { service, number, port } = await startService(directory);
    expect((await runCommand(PORT_SHARING, ['start'], { directory })).stdout).toContain(
      'running already',
    );
    const stopped = await runCommand(PORT_SHARING, ['stop'], { directory });
    expect(stopped.stdout).toContain('has ended');
    await service.said('was stopped');
    expect(await runCommand(CLIENT, ['--port', port, number])).toMatchObject({ status: 69 });
    expect((await statusOf(directory)).running).toBe(false);
    expect((await runCommand(PORT_SHARING, ['start'], { directory })).stdout).toContain(
      'was started',
    );
    await eventually(async () => expect((await statusOf(directory)).registrations).toHaveLength(1));
    expect(await runCommand(CLIENT, ['--port', port, number])).toMatchObject({ status: 0 });
  });

  test('start and stop say in JSON what is so afterwards', async () => {
    const directory = privateDirectory();
    const said = async (command: string): Promise<unknown> => {
      const { stdout } = await runCommand(PORT_SHARING, [command, '--json'], { directory });
      return JSON.parse(stdout) as unknown;
    };
    expect(await said('stop')).toEqual({ event: 'stopped', already: true, running: false });
    await startService(directory);
    const { pid } = await statusOf(directory);
    expect(await said('start')).toEqual({ event: 'started', already: true, pid });
    expect(await said('stop')).toEqual({
      event: 'stopped',
      already: false,
      running: false,
      pid,
      endpoints: 1,
    });
    expect(await said('start')).toMatchObject({ event: 'started', already: false });
  });

  test('run stays in the foreground, and is the only one', async () => {
    const directory = privateDirectory();
    const daemon = new Command(PORT_SHARING, ['run', '--limit', 'idleExitMs=60000'], { directory });
    await daemon.said(' started ');
    const second = await runCommand(PORT_SHARING, ['run'], { directory });
    expect(second).toMatchObject({ status: 73 });
    expect(second.stderr).toContain('already running');
    await startService(directory);
    expect((await statusOf(directory)).pid).toBe(daemon.pid);
    daemon.kill('SIGTERM');
    expect(await daemon.finished).toMatchObject({ status: 0 });
  });

  test('its files are private', async () => {
    const directory = privateDirectory();
    await startService(directory);
    expect(lstatSync(directory).mode & 0o777).toBe(0o700);
    for (const file of ['control.sock', 'daemon.log', 'daemon.lock']) {
      expect(lstatSync(path.join(directory, file)).mode & 0o077, file).toBe(0);
    }
  });
});

test('a service and its channel keep their contract across processes', async () => {
  const { port, number } = await startService(privateDirectory());
  const factory = new ChannelFactory(ICalculator, new NetTcpBinding());
  const proxy = factory.createChannel(`net.tcp://localhost:${port}/calculator/${number}`);
  expect(await proxy.Divide(1, -0)).toBe(-Infinity);
  await proxy.close();
  factory.close();
});
