// Listening sockets from systemd: the daemon is given them, and keeps them whoever comes and goes.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { activatedDescriptors } from '../../shared/port-sharing/activation.ts';
import { descriptorOf } from '../../shared/transport/socket-handle.ts';
import {
  CLIENT,
  PORT_SHARING,
  privateDirectory,
  runCommand,
  startService,
} from '../helpers/command.ts';
import { eventually } from '../helpers/eventually.ts';
import { preamble, RawClient } from '../helpers/raw-client.ts';

test.for<[env: NodeJS.ProcessEnv, found: number[]]>([
  [{}, []],
  [{ LISTEN_PID: '7', LISTEN_FDS: '2' }, [3, 4]],
  [{ LISTEN_PID: '8', LISTEN_FDS: '2' }, []],
  [{ LISTEN_PID: '7' }, []],
  [{ LISTEN_FDS: '2' }, []],
  [{ LISTEN_PID: '7', LISTEN_FDS: '0' }, []],
])('%o are descriptors %o', ([env, found]) => {
  expect(activatedDescriptors(env, 7)).toEqual(found);
});

test.for(['-1', 'x', '65', '1.5'])('LISTEN_FDS=%s is refused', (count) => {
  expect(() => activatedDescriptors({ LISTEN_PID: '7', LISTEN_FDS: count }, 7)).toThrow(
    'LISTEN_FDS',
  );
});

async function listening(host: string): Promise<{ server: Server; port: number }> {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

/** A daemon that is started with one listening socket, as systemd starts it. */
function runActivated(
  directory: string,
  server: Server,
): { said: () => string; ended: Promise<unknown> } {
  // The shell's process becomes Node's, so that its id is known before.
  const script = 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" "$@"';
  const child = spawn('/bin/sh', ['-c', script, process.execPath, PORT_SHARING, 'run'], {
    stdio: ['ignore', 'ignore', 'pipe', descriptorOf(server) ?? 'ignore'],
    env: { ...process.env, NET_TCP_PORT_SHARING_DIR: directory },
  });
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (more: string) => (text += more));
  const ended = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  return { said: () => text, ended };
}

test('a daemon takes the sockets that it is started with, and keeps them', async () => {
  const directory = privateDirectory();
  const { server, port } = await listening('127.0.0.1');
  const daemon = runActivated(directory, server);
  await eventually(() => expect(daemon.said()).toContain(`listening on=127.0.0.1:${port}`));
  server.close(); // the daemon's copy is another
  for (let round = 0; round < 2; round++) {
    const { service, number } = await startService(directory, [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
    ]);
    const client = await runCommand(CLIENT, [
      '--host',
      '127.0.0.1',
      '--port',
      String(port),
      number,
      'add',
      '1',
      '2',
    ]);
    expect(client).toMatchObject({ status: 0, stdout: 'Add(1,2) = 3\n' });
    service.kill('SIGTERM');
    await service.finished;
    // Nobody is registered, and still nobody is refused by the kernel.
    const raw = new RawClient(port);
    raw.send(preamble('net.tcp://localhost/nobody'));
    expect(await raw.next()).toMatchObject({ type: 'fault' });
  }
});

test('a socket on a wildcard address is refused, with a sentence', async () => {
  const { server } = await listening('0.0.0.0');
  const daemon = runActivated(privateDirectory(), server);
  await daemon.ended;
  expect(daemon.said()).toContain('cannot be shared: it must listen on one address');
  server.close();
});

test('systemd-socket-activate starts it with the first connection', async ({ skip }) => {
  const found = spawnSync('systemd-socket-activate', ['--version']);
  if (found.status !== 0) skip('this machine has no systemd-socket-activate');
  const directory = privateDirectory();
  const { server, port } = await listening('127.0.0.1');
  server.close();
  await once(server, 'close');
  const child = spawn(
    'systemd-socket-activate',
    [
      '-l',
      `127.0.0.1:${port}`,
      '-E',
      `NET_TCP_PORT_SHARING_DIR=${directory}`,
      process.execPath,
      PORT_SHARING,
      'run',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const ended = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (more: string) => (text += more));
  await eventually(() => expect(text).toContain('Listening on'));
  const raw = new RawClient(port);
  raw.send(preamble('net.tcp://localhost/nobody'));
  expect(await raw.next()).toMatchObject({
    type: 'fault',
    fault: expect.stringContaining('EndpointNotFound'),
  });
});
