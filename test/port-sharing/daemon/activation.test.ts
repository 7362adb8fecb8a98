// Listening sockets from systemd: the daemon is given them, and keeps them whichever services come and go.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createSocket } from 'node:dgram';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type RunningProcess } from '../../../scripts/process.ts';
import { run } from '../../../scripts/run.ts';
import { activatedDescriptors } from '../../../shared/port-sharing/machine/activation.ts';
import { descriptorOf } from '../../../shared/transport/node-internals.ts';
import {
  CLIENT,
  PORT_SHARING,
  privateDirectory,
  program,
  runCommand,
  startService,
} from '../../helpers/command.ts';
import { eventually } from '../../helpers/eventually.ts';
import { preamble, RawClient } from '../../helpers/network/raw-client.ts';
import { statusOf } from '../../helpers/status.ts';

test.for<[env: NodeJS.ProcessEnv, found: number[]]>([
  [{}, []],
  [{ LISTEN_PID: '7', LISTEN_FDS: '2' }, [3, 4]],
  [{ LISTEN_PID: '8', LISTEN_FDS: '2' }, []],
  [{ LISTEN_PID: '7' }, []],
  [{ LISTEN_FDS: '2' }, []],
  [{ LISTEN_PID: '7', LISTEN_FDS: '0' }, []],
])('%o are descriptors %o, and nothing is left for children', ([env, found]) => {
  const left = { ...env, LISTEN_FDNAMES: 'a:b', PATH: '/bin' };
  expect(activatedDescriptors(left, 7)).toEqual(found);
  expect(left).toEqual({ PATH: '/bin' });
});

test.for(['-1', 'x', '65', '1.5', ''])('LISTEN_FDS=%s is refused', (count) => {
  expect(() => activatedDescriptors({ LISTEN_PID: '7', LISTEN_FDS: count }, 7)).toThrow(
    expect.objectContaining({ code: 'Usage', message: expect.stringContaining('LISTEN_FDS') }),
  );
});

async function listening(host: string): Promise<{ server: Server; port: number }> {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { server, port: (server.address() as AddressInfo).port };
}

/** A daemon that is started with one descriptor, as systemd starts it. */
function runActivated(
  directory: string,
  descriptor: number | undefined,
  args: readonly string[] = [],
): RunningProcess {
  // The shell's process becomes Node's, so its id is known beforehand.
  const script = 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" "$@"';
  return program(['/bin/sh', '-c', script, process.execPath, PORT_SHARING, 'run', ...args], {
    inherits: descriptor,
    env: { ...process.env, NO_COLOR: '1', NET_TCP_PORT_SHARING_DIR: directory },
  });
}

/** Holds a listening socket and accepts nothing, as systemd does; starts daemons with it, one after the other. */
class Keeper {
  readonly port: number;
  readonly #shell: RunningProcess;

  private constructor(shell: RunningProcess, port: number) {
    this.#shell = shell;
    this.port = port;
    onTestFinished(async () => {
      this.#shell.kill('SIGKILL');
      const last = this.#pids().at(-1);
      if (last !== undefined && !/status \d+\n$/.test(this.said())) process.kill(last, 'SIGKILL');
      await this.#shell.finished;
    });
  }

  static async on(host: string, directory: string, args: readonly string[] = []): Promise<Keeper> {
    const { server, port } = await listening(host);
    const run = `/bin/sh -c 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" "$@"' "$@" </dev/null`;
    const script = `while read -r go; do ${run}; echo "status $?" >&2; done`;
    const command = [process.execPath, PORT_SHARING, 'run', ...args];
    const shell = program(['/bin/sh', '-c', script, 'keeper', ...command], {
      inherits: descriptorOf(server),
      env: { ...process.env, NO_COLOR: '1', NET_TCP_PORT_SHARING_DIR: directory },
    });
    server.close();
    return new Keeper(shell, port);
  }

  /** Starts a daemon as soon as the one before it has ended. @returns its process id */
  async start(): Promise<number> {
    const before = this.#pids().length;
    this.#shell.type('go\n');
    return await eventually(() => {
      const pid = this.#pids()[before];
      if (pid === undefined) throw new Error(`no daemon was started: ${this.said()}`);
      return pid;
    });
  }

  /** What the daemons have said, and with which status they ended. */
  said(): string {
    return this.#shell.stderr;
  }

  async ended(status: number): Promise<void> {
    await eventually(() => expect(this.said()).toMatch(/status \d+\n$/));
    expect(this.said()).toMatch(new RegExp(`status ${status}\n$`));
  }

  #pids(): number[] {
    return [...this.said().matchAll(/ started pid=(\d+)/g)].map(([, pid]) => Number(pid));
  }
}

async function add(port: number, number: string): Promise<unknown> {
  const args = ['--host', '127.0.0.1', '--port', String(port), number, 'add', '1', '2'];
  const { status, stdout, stderr } = await runCommand(CLIENT, args);
  return { status, stdout, stderr };
}
const ADDED = { status: 0, stdout: 'Add(1,2) = 3\n', stderr: '' };

function serviceOn(port: number, directory: string): ReturnType<typeof startService> {
  return startService(directory, ['--port', String(port), '--bind', '127.0.0.1']);
}

function nobody(port: number): RawClient {
  const raw = new RawClient(port);
  raw.send(preamble('net.tcp://localhost/nobody'));
  return raw;
}
const NOT_FOUND = { type: 'fault', fault: expect.stringContaining('EndpointNotFound') };

test('a daemon takes the socket that it is started with, and keeps it whichever services come and go', async () => {
  const directory = privateDirectory();
  const keeper = await Keeper.on('127.0.0.1', directory);
  const { port } = keeper;
  const pid = await keeper.start();
  expect(keeper.said()).toContain(`listening on=127.0.0.1:${port}`);
  for (let round = 0; round < 2; round++) {
    const { service, number } = await serviceOn(port, directory);
    expect(await add(port, number)).toEqual(ADDED);
    service.kill('SIGTERM');
    await service.finished;
    // Nobody is registered, and still nobody is refused by the kernel.
    expect(await nobody(port).next()).toMatchObject(NOT_FOUND);
  }
  const { stdout } = await runCommand(PORT_SHARING, ['status'], { directory });
  expect(stdout).toContain(`sockets from systemd: 127.0.0.1:${port}`);
  process.kill(pid, 'SIGTERM');
  await keeper.ended(0);
});

/** Node keeps the handle of a UDP socket behind a symbol. */
function udpDescriptor(socket: object): number | undefined {
  const states = Object.getOwnPropertySymbols(socket).map(
    (symbol) => Reflect.get(socket, symbol) as { readonly handle?: { readonly fd: number } } | null,
  );
  return states.find((state) => typeof state?.handle?.fd === 'number')?.handle?.fd;
}

describe('a descriptor that is nothing to share', () => {
  const NO_LISTENER = 'was started with descriptor 3, which is not a listening TCP socket';
  test.for<[what: string, open: () => Promise<number | undefined>, text: string]>([
    [
      'a socket on every IPv4 address',
      async () => descriptorOf((await listening('0.0.0.0')).server),
      'which listens on every address',
    ],
    [
      'a socket on every address',
      async () => descriptorOf((await listening('::')).server),
      'which listens on every address',
    ],
    [
      'a Unix socket',
      async () => {
        const server = createServer().listen(path.join(privateDirectory(), 'unix'));
        await once(server, 'listening');
        onTestFinished(() => void server.close());
        return descriptorOf(server);
      },
      NO_LISTENER,
    ],
    [
      'a UDP socket',
      async () => {
        const socket = createSocket('udp4').bind(0, '127.0.0.1');
        await once(socket, 'listening');
        onTestFinished(() => void socket.close());
        return udpDescriptor(socket);
      },
      NO_LISTENER,
    ],
    [
      'a connection',
      async () => {
        const { port } = await listening('127.0.0.1');
        const socket = connect(port, '127.0.0.1');
        await once(socket, 'connect');
        onTestFinished(() => void socket.destroy());
        return descriptorOf(socket);
      },
      NO_LISTENER,
    ],
    ['the null device', async () => await Promise.resolve(undefined), NO_LISTENER],
  ])('%s: a sentence, a status, and nothing that stays', async ([, open, text]) => {
    const directory = privateDirectory();
    const daemon = runActivated(directory, await open());
    expect((await daemon.finished).status).toBe(74);
    expect(daemon.stderr).toMatch(
      /^Communication: The port-sharing daemon was started with .+\.\n$/,
    );
    expect(daemon.stderr).toContain(text);
    expect(await statusOf(directory)).toMatchObject({ running: false });
  });

  test('is left out by a daemon that has taken over before it looks: services depend on it', async () => {
    const directory = privateDirectory();
    const { number, port } = await startService(directory);
    const { server, port: everywhere } = await listening('0.0.0.0');
    const daemon = runActivated(directory, descriptorOf(server));
    await eventually(() => expect(daemon.stderr).toContain(' socket refused '));
    expect(daemon.stderr).toMatch(/ started pid=\d+ .*inPlaceOf=\d+/);
    expect(daemon.stderr).toContain(`with 0.0.0.0:${everywhere}, which listens on every address`);
    expect(await add(Number(port), number)).toEqual(ADDED);
    expect(await statusOf(directory)).toMatchObject({ pid: daemon.pid, activated: [] });
  });
});

test('connections that come between two daemons wait in the socket, and are answered', async () => {
  const directory = privateDirectory();
  const keeper = await Keeper.on('127.0.0.1', directory);
  const { port } = keeper;
  const pid = await keeper.start();
  const { number } = await serviceOn(port, directory);
  process.kill(pid, 'SIGTERM');
  await keeper.ended(0);
  const raw = nobody(port);
  const between = add(port, number);
  await keeper.start();
  expect(await between).toEqual(ADDED);
  expect(await raw.next()).toMatchObject(NOT_FOUND);
});

test('a daemon that ends because no service is registered loses no connection either', async () => {
  const limits = ['--limit', 'idleExitMs=100', '--limit', 'recoveryGraceMs=50'];
  const keeper = await Keeper.on('127.0.0.1', privateDirectory(), limits);
  const clients = [nobody(keeper.port)];
  await keeper.start();
  await keeper.ended(0);
  expect(keeper.said()).toContain('no service is registered');
  clients.push(nobody(keeper.port), nobody(keeper.port));
  await keeper.start();
  for (const client of clients) expect(await client.next()).toMatchObject(NOT_FOUND);
});

test('it takes over from a daemon that a service has started meanwhile', async () => {
  const directory = privateDirectory();
  const keeper = await Keeper.on('127.0.0.1', directory);
  const { port } = keeper;
  const first = await keeper.start();
  const { number } = await serviceOn(port, directory);
  process.kill(first, 'SIGKILL');
  // The service keeps a copy of the socket, and starts a daemon for it.
  expect(await add(port, number)).toEqual(ADDED);
  const second = await keeper.start();
  expect(keeper.said()).toMatch(/ started pid=\d+ .*inPlaceOf=\d+/);
  expect(await add(port, number)).toEqual(ADDED);
  expect(await statusOf(directory)).toMatchObject({
    pid: second,
    activated: [`127.0.0.1:${port}`],
  });
});

test('restart and stop say whose daemon it is', async () => {
  const directory = privateDirectory();
  const keeper = await Keeper.on('127.0.0.1', directory);
  await keeper.start();
  const restart = await runCommand(PORT_SHARING, ['restart'], { directory });
  expect(restart).toMatchObject({ status: 64, stdout: '' });
  expect(restart.stderr).toContain('systemctl --user restart net-tcp-port-sharing.service');
  const stop = await runCommand(PORT_SHARING, ['stop'], { directory });
  expect(stop).toMatchObject({ status: 0, stderr: '' });
  expect(stop.stdout).toContain('systemd starts another one');
  await keeper.ended(0);
});

test('systemd-socket-activate starts it with the first connection', async ({ skip }) => {
  const found = await run(['systemd-socket-activate', '--version']);
  if (found.status !== 0) skip('this machine has no systemd-socket-activate');
  const directory = privateDirectory();
  const { server, port } = await listening('127.0.0.1');
  server.close();
  await once(server, 'close');
  const environment = ['-E', `NET_TCP_PORT_SHARING_DIR=${directory}`];
  const command = [process.execPath, PORT_SHARING, 'run'];
  const listen = ['-l', `127.0.0.1:${port}`];
  const activator = program(['systemd-socket-activate', ...listen, ...environment, ...command]);
  await eventually(() => expect(activator.stderr).toContain('Listening on'));
  expect(await nobody(port).next()).toMatchObject(NOT_FOUND);
  expect(activator.stderr).toContain(`listening on=127.0.0.1:${port}`);
});

describe('the units', () => {
  const SOCKET = 'scripts/systemd/net-tcp-port-sharing.socket';
  const SERVICE = 'scripts/systemd/net-tcp-port-sharing.service';
  const SYSTEM = 'scripts/systemd/system/net-tcp-port-sharing';
  const EXAMPLE = 'docs/examples/calculator.service';

  test.for<[whose: string, words: string[]]>([
    ["a user's", ['--user', 'verify', SOCKET, SERVICE]],
    ["the system's", ['verify', `${SYSTEM}.socket`, `${SYSTEM}.service`]],
    [
      "a service's, in docs/sharing.md",
      ['verify', EXAMPLE, `${SYSTEM}.socket`, `${SYSTEM}.service`],
    ],
  ])('systemd-analyze finds nothing wrong with %s', async ([, words], { skip }) => {
    const found = await run(['systemd-analyze', '--version']);
    if (found.status !== 0) skip('this machine has no systemd-analyze');
    const { status, stderr } = await run(['systemd-analyze', ...words], {
      env: { ...process.env, XDG_RUNTIME_DIR: privateDirectory() },
    });
    const ours = stderr.split('\n').filter((line) => /net-tcp-port-sharing|calculator/.test(line));
    expect({ status, ours }).toEqual({ status: 0, ours: [] });
  });

  test.for<[unit: string, directory: string]>([
    [`${SYSTEM}.service`, 'RuntimeDirectory=net-tcp-port-sharing'],
    [EXAMPLE, 'Environment=NET_TCP_PORT_SHARING_DIR=%t/net-tcp-port-sharing'],
  ])('%s is of an account of its own, and confined', async ([file, directory], { skip }) => {
    const unit = readFileSync(file, 'utf8');
    for (const line of ['User=net-tcp', directory]) {
      expect(unit.split('\n')).toContain(line);
    }
    const words = ['security', '--offline=true', '--threshold=25', file];
    const { status, stderr } = await run(['systemd-analyze', ...words]);
    if (/No such file|unrecognized option|not found/.test(stderr)) skip(stderr.trim());
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  test('are in the package, and are those that docs/sharing.md installs', () => {
    const { files } = JSON.parse(readFileSync('package.json', 'utf8')) as { files: string[] };
    expect(files).toContain('scripts/systemd');
    const page = readFileSync('docs/sharing.md', 'utf8');
    for (const unit of [SOCKET, SERVICE]) expect(page).toContain(path.basename(unit));
  });
});
