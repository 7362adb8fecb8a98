// The daemon's own path: whether clients should be sent to it.
import { expect, onTestFinished, test } from 'vitest';
import { EXIT_STATUS, REASON_EXIT_STATUS } from '../../../../shared/errors.ts';
import { ChannelFactory, NetTcpBinding } from '../../../../shared/index.ts';
import { sleep } from '../../../../shared/time.ts';
import { ITest } from '../../../fixtures/test-contract.ts';
import {
  Command,
  isDaemon,
  PORT_SHARING,
  runCommand,
  startService,
} from '../../../helpers/command.ts';
import { eventually } from '../../../helpers/eventually.ts';
import { loggedDaemon } from '../../../helpers/logged-daemon.ts';
import { octets } from '../../../helpers/octets.ts';
import { preamble, RawClient } from '../../../helpers/network/raw-client.ts';
import { statusOf } from '../../../helpers/status.ts';

async function stage(limits: readonly string[] = []) {
  const daemon = await loggedDaemon(limits.flatMap((limit) => ['--limit', limit]));
  const { service, port, address } = await startService(daemon.directory);
  const open = (encoding?: string | number, mode?: number, path = '/-/health'): RawClient => {
    const client = new RawClient(port);
    client.send(preamble(`net.tcp://localhost:${port}${path}`, encoding, mode));
    return client;
  };
  return { ...daemon, service, port, address, open };
}

test('a session there begins and ends, is not logged, and counts nowhere', async () => {
  const { open, read, directory, port } = await stage();
  const before = read();
  for (const client of [open(), open(8), open(7, 1), open(8, 2, '//-/HEALTH/?x')]) {
    await client.expect('preamble-ack');
    client.send([7]);
    await client.expect('end');
    expect(await client.next()).toBe(undefined);
  }
  // As bytes, for checks that can send only those: docs/sharing has them.
  const bytes = '000100 0102 02 19 6e65742e7463703a2f2f6865616c74682f2d2f6865616c7468 0308 0c';
  for (const piece of [100, 1]) {
    const client = new RawClient(port);
    const all = octets(bytes);
    for (let at = 0; at < all.length; at += piece) {
      client.send(all.subarray(at, at + piece));
      if (piece === 1) await sleep(2);
    }
    await client.expect('preamble-ack');
    client.socket.resetAndDestroy();
  }
  // Our own client, as a WCF client would.
  const factory = new ChannelFactory(ITest, new NetTcpBinding());
  onTestFinished(() => factory.close());
  const channel = factory.createChannel(`net.tcp://localhost:${port}/-/health`);
  await channel.open();
  await channel.close();
  expect(read()).toBe(before);
  const { notFound, pending, dropped, registrations } = await statusOf(directory);
  expect({ notFound, pending, dropped }).toEqual({ notFound: 0, pending: 0, dropped: 0 });
  expect(registrations.map(({ handedOver }) => handedOver)).toEqual([0]);
});

test.for(['/-/health', '/-/HEALTH/', '//-/health'])('%s cannot be registered', async (path) => {
  const { directory, port } = await stage();
  const address = `net.tcp://localhost:${port}${path}`;
  const args = [address, '{"portSharing":true}'];
  const service = new Command('dist/test/fixtures/test-service.js', args, { directory });
  const { status, stderr } = await service.finished;
  expect(status).not.toBe(0);
  expect(stderr).toContain("the path /-/health is the daemon's own");
  const add = ['route', 'add', path, '127.0.0.1:1', '--port', port];
  const route = await runCommand(PORT_SHARING, add, { directory });
  expect(route.status).not.toBe(0);
  expect(route.stderr).toContain("the path /-/health is the daemon's own");
});

test('who is at the root gets what is below the path, and not the path', async () => {
  const { directory, port, open } = await stage();
  const args = [`net.tcp://localhost:${port}/`, '{"portSharing":true}'];
  const service = new Command('dist/test/fixtures/test-service.js', args, { directory });
  await service.ready();
  await open().expect('preamble-ack');
  await open(undefined, 2, '/-/health/deeper').expect('preamble-ack');
  const { registrations } = await statusOf(directory);
  expect(registrations.map(({ handedOver }) => handedOver)).toEqual([0, 1]);
});

test('a session there has no messages, and a time limit', async () => {
  const { open } = await stage(['preambleTimeoutMs=300']);
  const talks = open();
  await talks.expect('preamble-ack');
  talks.send([6, 1, 0]);
  expect(await talks.next()).toBe(undefined);
  const stays = open();
  await stays.expect('preamble-ack');
  expect(await stays.next()).toBe(undefined);
});

test('it fails as soon as the daemon is told to stop; everything else goes on for leaveMs', async () => {
  const { open, port, address, directory, command, logged } = await stage(['leaveMs=60000']);
  const stop = new Command(PORT_SHARING, ['stop'], { directory });
  await logged(/ leaving reason=\S.* forMs=60000$/);
  expect(await open().expect('fault')).toMatchObject({
    fault: expect.stringContaining('EndpointUnavailable') as string,
  });
  const client = new RawClient(port);
  client.send(preamble(address));
  await client.expect('preamble-ack');
  client.send([7]);
  await client.expect('end');
  // A second time it is over at once.
  command.kill('SIGTERM');
  expect((await stop.finished).status).toBe(0);
  expect((await command.finished).status).toBe(0);
  await logged(/ ended /);
});

test('the command health says what the path does, with a status for probes', async () => {
  const { port, directory, logged, command, service } = await stage(['leaveMs=60000']);
  const ask = (...words: string[]) =>
    runCommand(PORT_SHARING, ['health', ...words, '--port', port], { directory });
  const well = await ask();
  expect(well).toMatchObject({ status: 0, stderr: '' });
  expect(well.stdout).toBe(`The daemon at localhost:${port} is well.\n`);
  const json = await ask('127.0.0.1', '--json');
  expect(JSON.parse(json.stdout)).toEqual({ event: 'healthy', at: `127.0.0.1:${port}` });
  command.kill('SIGTERM');
  await logged(/ leaving /);
  const leaving = await ask();
  expect(leaving).toMatchObject({ status: EXIT_STATUS.EndpointNotFound, stdout: '' });
  expect(leaving.stderr).toContain(`Send no clients to localhost:${port}: the daemon was told`);
  // Nobody is left who would start another daemon.
  service.kill('SIGTERM');
  await service.finished;
  command.kill('SIGTERM');
  await command.finished;
  const gone = await ask();
  expect(gone).toMatchObject({ status: REASON_EXIT_STATUS['connection-refused'], stdout: '' });
  expect(gone.stderr).not.toContain('Send no clients');
  expect((await ask('not a host')).status).toBe(EXIT_STATUS.Usage);
});

test('it keeps no daemon alive that nobody needs', async () => {
  const { open, service, command } = await stage(['idleExitMs=1000']);
  service.kill('SIGTERM');
  await service.finished;
  await eventually(async () => {
    void open().next();
    await sleep(20);
    expect(isDaemon(command.pid)).toBe(false);
  });
});

test('while a daemon is replaced it never fails', async () => {
  const { open, directory } = await stage();
  let isOver = false;
  const restart = runCommand(PORT_SHARING, ['restart'], { directory }).finally(
    () => (isOver = true),
  );
  let count = 0;
  while (!isOver) {
    await open().expect('preamble-ack');
    count += 1;
  }
  expect((await restart).status).toBe(0);
  expect(count).toBeGreaterThan(0);
});
