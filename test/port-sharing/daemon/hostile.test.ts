// A faulty, or hostile, service of the same user: it costs its own connection, and nobody else anything.
import { closeSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { usageOf } from '../../../scripts/proc.ts';
import {
  CLIENT,
  Command,
  PORT_SHARING,
  privateDirectory,
  runCommand,
  SERVICE,
  startService,
} from '../../helpers/command.ts';
import { Control, HELLO } from '../../helpers/control.ts';
import { eventually } from '../../helpers/eventually.ts';
import { descriptorsOf, HostileService, OTHER_KINDS, TCP_KINDS } from '../../helpers/hostile.ts';
import { statusOf } from '../../helpers/status.ts';
import { sleep } from '../../../shared/time.ts';

beforeEach(({ skip }) => {
  if (process.platform !== 'linux') skip('it looks into /proc');
});

/** A daemon with a good service, which must notice nothing. */
async function daemonWithService(limits: readonly string[] = []) {
  const directory = privateDirectory();
  const args = limits.flatMap((limit) => ['--limit', limit]);
  const daemon = new Command(PORT_SHARING, ['run', ...args], { directory });
  await daemon.said(' started ');
  const { port, number } = await startService(directory);
  const pid = daemon.pid ?? 0;
  let before = descriptorsOf(pid);
  return {
    directory,
    daemon,
    pid,
    port,
    dial: () => new Control(directory),
    /** Notes what the daemon has open now, for `isWell` to compare with. */
    mark: () => void (before = descriptorsOf(pid)),
    /** The good service answers, and the daemon has open what it had. */
    isWell: async (more = 0): Promise<void> => {
      const client = await runCommand(CLIENT, ['--port', port, number, 'add', '1', '2']);
      expect(client).toMatchObject({ status: 0, stdout: 'Add(1,2) = 3\n' });
      expect(descriptorsOf(pid)).toBeLessThanOrEqual(before + more);
    },
  };
}

// Two connections, and two sockets that listen.
const DESCRIPTORS_OF_SERVICE = 4;

const register = (request: number, address: string, hosts: readonly string[] = ['127.0.0.1']) => ({
  type: 'register',
  request,
  address,
  hosts,
  queueLength: 1,
});

const refused = (control: Control): number =>
  control.said.filter(({ type }) => type === 'refused').length;

describe('a descriptor that is not what was announced is closed, and its link with it', () => {
  test.for(['listener', 'redispatch'] as const)('%s with any kind', async (type) => {
    const { directory, isWell } = await daemonWithService();
    for (const [what, open] of OTHER_KINDS) {
      const descriptor = await open();
      expect(descriptor, what).toBeGreaterThan(2);
      const hostile = await HostileService.open(directory);
      await hostile.sendAs(type, descriptor).control.closed();
      hostile.close();
      closeSync(descriptor);
    }
    await isWell();
  });

  test('a listener that does not listen, and one that listens somewhere else', async () => {
    const { directory, isWell, port } = await daemonWithService();
    const [connected] = await TCP_KINDS.connected();
    const [listening] = await TCP_KINDS.listening();
    const fresh = TCP_KINDS.fresh();
    for (const descriptor of [connected, listening, fresh]) {
      const hostile = await HostileService.open(directory);
      await hostile.sendAs('listener', descriptor, Number(port) + 1).control.closed();
      hostile.close();
    }
    closeSync(fresh);
    await isWell();
  });

  test('a listening socket that comes back as a connection', async () => {
    const { directory, isWell } = await daemonWithService();
    const [listening] = await TCP_KINDS.listening();
    const hostile = await HostileService.open(directory);
    await hostile.sendAs('redispatch', listening).control.closed();
    hostile.close();
    await isWell();
  });

  test('fifty listeners that are what they should be, for a port that is known', async () => {
    const { directory, isWell, mark } = await daemonWithService();
    const [listening, port] = await TCP_KINDS.listening();
    const hostile = await HostileService.open(directory);
    hostile.sendAs('listener', listening, port);
    // Before the daemon closes what nobody has registered for.
    hostile.control.say(register(1, `net.tcp://localhost:${port}/x`));
    await hostile.control.heard('registered');
    mark();
    for (let count = 0; count < 50; count++) hostile.sendAs('listener', listening, port);
    hostile.control.say(register(2, 'x'));
    await hostile.control.heard('refused');
    await isWell();
  });

  test('one under a wrong number, and a message without one', async () => {
    const { directory, isWell } = await daemonWithService();
    for (const skipped of [1, -1]) {
      const [connected] = await TCP_KINDS.connected();
      const hostile = await HostileService.open(directory);
      const descriptor = hostile.send(connected) + skipped;
      hostile.control.say({ type: 'redispatch', descriptor, octets: new Uint8Array(0) });
      await hostile.control.closed();
      hostile.close();
    }
    const hostile = await HostileService.open(directory);
    hostile.control.say({ type: 'listener', descriptor: 1, host: '127.0.0.1', port: 1 });
    await hostile.control.closed();
    hostile.close();
    await isWell();
  });

  test('a connection that was never made, and one that is gone, are closed', async () => {
    const { directory, isWell, mark } = await daemonWithService();
    const hostile = await HostileService.open(directory);
    mark();
    const fresh = TCP_KINDS.fresh();
    hostile.sendAs('redispatch', fresh);
    closeSync(fresh);
    const [connected, peer] = await TCP_KINDS.connected();
    peer.resetAndDestroy();
    hostile.sendAs('redispatch', connected);
    await hostile.control.heard('taken');
    await eventually(isWell);
  });
});

describe('a registration that cannot be', () => {
  test('closes every socket that it opened', async () => {
    const { dial, isWell, mark } = await daemonWithService();
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    onTestFinished(() => void taken.close());
    const { port } = taken.address() as { readonly port: number };
    const control = dial().say(HELLO);
    await control.heard('welcome');
    mark();
    const free = Array.from({ length: 63 }, (_, index) => `127.0.1.${index + 1}`);
    control.say(register(1, `net.tcp://localhost:${port}/x`, [...free, '127.0.0.1']));
    expect(await control.heard('refused')).toMatchObject({ status: 'failed-to-listen' });
    const many = Array.from({ length: 4_000 }, (_, index) => `127.1.${index >> 8}.${index & 255}`);
    control.say(register(2, 'net.tcp://localhost:0/x', many));
    await eventually(() => expect(refused(control)).toBe(2));
    await isWell();
  });

  test('holds up nobody: neither another port, nor those that queue after it', async () => {
    const { directory, dial, isWell, mark } = await daemonWithService();
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    onTestFinished(() => void taken.close());
    const { port } = taken.address() as { readonly port: number };
    const control = dial().say(HELLO);
    await control.heard('welcome');
    mark();
    control.say(
      ...Array.from({ length: 300 }, (_, index) =>
        register(index, `net.tcp://localhost:${port}/${index}`),
      ),
    );
    const other = dial().say(HELLO, register(1, 'net.tcp://localhost:0/x'));
    await other.heard('registered');
    expect(refused(control)).toBe(0);
    other.socket.destroy();
    await eventually(() => expect(refused(control)).toBe(300));
    control.socket.destroy();
    await eventually(isWell);
    expect((await statusOf(directory)).registrations).toHaveLength(1);
  });

  test('the service says what it waits for, and both end in order meanwhile', async () => {
    const { daemon, directory, pid } = await daemonWithService();
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    onTestFinished(() => void taken.close());
    const { port } = taken.address() as { readonly port: number };
    // A daemon that is stopped answers nobody.
    const waiting = new Command(SERVICE, ['--port', port.toString()], { directory });
    await waiting.said('another program has it');
    waiting.kill('SIGTERM');
    expect(await waiting.finished).toMatchObject({ signal: null });
    const before = descriptorsOf(pid);
    const first = new Command(SERVICE, ['--port', port.toString()], { directory });
    // Its connection to the daemon: it has asked, and is not answered yet.
    await eventually(() => expect(descriptorsOf(pid)).toBeGreaterThan(before));
    first.kill('SIGTERM');
    expect(await first.finished).toMatchObject({ signal: null });
    const pending = new Control(directory).say(HELLO, register(1, `net.tcp://localhost:${port}/x`));
    await pending.heard('welcome');
    daemon.kill('SIGTERM');
    expect(await daemon.finished).toMatchObject({ status: 0, signal: null });
  });
});

test('answers that nobody reads are bounded: who does not read is closed', async () => {
  const { dial, pid, isWell, mark } = await daemonWithService();
  const control = dial().say(HELLO);
  await control.heard('welcome');
  control.socket.pause();
  const before = usageOf(pid).residentKiB;
  let isOpen = true;
  control.socket.once('close', () => (isOpen = false));
  // Each is refused in many more bytes than it takes to ask.
  const asked = register(1, 'x', [`${'y'.repeat(64)}`]);
  for (let round = 0; round < 500 && isOpen; round++) {
    control.say(...Array<object>(200).fill(asked));
    await sleep(5);
  }
  // A peer that reads nothing notices the end only when it writes.
  await eventually(() => {
    control.say(asked);
    expect(isOpen).toBe(false);
  });
  expect(usageOf(pid).residentKiB - before).toBeLessThan(100 * 1024);
  mark();
  await isWell();
});

test('one process has its share of connections, of paths and of listening sockets; others find room', async () => {
  const { directory, pid, isWell, mark } = await daemonWithService([
    'maxDescriptorsPerProcess=50',
    'maxRegistrationsPerService=100',
  ]);
  const before = descriptorsOf(pid);
  const silent = Array.from({ length: 664 }, () => new Control(directory).say(HELLO));
  const outcomes = await Promise.all(
    silent.map((control) =>
      Promise.race([control.heard('welcome').catch(() => {}), control.closed()]),
    ),
  );
  expect(outcomes.filter((said) => said !== undefined && 'type' in said)).toHaveLength(50);
  expect(descriptorsOf(pid) - before).toBeLessThanOrEqual(50);
  await startService(directory);
  for (const control of silent) control.socket.destroy();
  await eventually(() => expect(descriptorsOf(pid)).toBeLessThan(before + 10));
  mark();
  // Over several connections: it is the process that counts.
  const paths = [0, 1, 2].map((index) => {
    const control = new Control(directory).say(HELLO);
    const one = (request: number) => register(request, `net.tcp://localhost:9/${index}/${request}`);
    control.say(...Array.from({ length: 100 }, (_, request) => one(request)));
    return control;
  });
  const ports = new Control(directory).say(HELLO);
  ports.say(
    ...Array.from({ length: 100 }, (_, index) => register(index, 'net.tcp://localhost:0/x')),
  );
  await eventually(async () => {
    const { registrations } = await statusOf(directory);
    expect(registrations.length).toBeLessThanOrEqual(102);
    expect(registrations.length).toBeGreaterThan(40);
  });
  await startService(directory);
  for (const control of [...paths, ports]) control.socket.destroy();
  await eventually(() => isWell(DESCRIPTORS_OF_SERVICE));
});

test('the process is the one that the system names, whatever it says', async () => {
  const { dial, directory } = await daemonWithService();
  await dial().say(HELLO, register(1, 'net.tcp://localhost:0/x')).heard('registered');
  const { registrations } = await statusOf(directory);
  expect(registrations.at(-1)).toMatchObject({ pid: process.pid });
});

test('it can close at every step', async () => {
  const { directory, dial, isWell, daemon } = await daemonWithService();
  const steps: readonly (object | string)[] = [HELLO, register(1, 'net.tcp://localhost:0/x')];
  for (let count = 0; count < 100; count++) {
    const control = dial().say(...steps.slice(0, count % 3));
    if (count % 2 === 0) await once(control.socket, 'connect');
    control.socket.destroy();
  }
  for (let count = 0; count < 30; count++) {
    const hostile = await HostileService.open(directory);
    const [connected] = await TCP_KINDS.connected();
    if (count % 3 === 0) hostile.send(connected);
    if (count % 3 === 1) hostile.sendAs('redispatch', connected);
    if (count % 3 === 2) hostile.sendAs('listener', connected);
    hostile.close();
  }
  await eventually(isWell);
  daemon.kill('SIGTERM');
  expect(await daemon.finished).toMatchObject({ status: 0 });
});

test('lengths without a message, and messages that drip, keep nobody waiting', async () => {
  const { dial, isWell, mark } = await daemonWithService();
  const before = Array.from({ length: 20 }, () => dial().say(HELLO, Uint8Array.of(0, 1, 0xff, 0)));
  await Promise.all(before.map((control) => control.heard('welcome')));
  const dripping = dial().say(HELLO);
  await dripping.heard('welcome');
  mark();
  for (let count = 0; count < 200; count++) dripping.say(Uint8Array.of(0));
  await isWell();
});
