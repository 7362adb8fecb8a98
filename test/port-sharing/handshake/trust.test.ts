// What daemon and service believe of each other, and what they make sure of first.
import { closeSync, mkdirSync, openSync, readdirSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import path from 'node:path';
import koffi from 'koffi';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { DescriptorChannel } from '../../../shared/port-sharing/handshake/descriptor-channel.ts';
import type { DaemonLink } from '../../../shared/port-sharing/handshake/link.ts';
import type { DaemonMessage } from '../../../shared/port-sharing/handshake/messages.ts';
import { loadNative } from '../../../shared/port-sharing/machine/native.ts';
import {
  ServiceLink,
  type ServiceLinkHandler,
} from '../../../shared/port-sharing/service/service-link.ts';
import { withLimits } from '../../../shared/limits.ts';
import {
  PORT_SHARING,
  privateDirectory,
  program,
  runCommand,
  SERVICE,
} from '../../helpers/command.ts';
import { copyOf, TCP_KINDS } from '../../helpers/hostile.ts';

const NOBODY = 65_534;

beforeEach(({ skip }) => {
  if (process.platform !== 'linux') skip('descriptors are made as Linux has them');
});

test('a service says nothing to a daemon that belongs to somebody else', async ({ skip }) => {
  if (process.getuid?.() !== 0) skip('only root can become another user');
  const directory = privateDirectory();
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  // The socket is ours, and whoever listens there is not.
  const script = `
import os, socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1]); os.chmod(sys.argv[1], 0o600)
os.setgroups([]); os.setgid(${NOBODY}); os.setuid(${NOBODY})
s.listen(); print('listening', flush=True)
while True:
    c, _ = s.accept(); print('heard', len(c.recv(1000)), flush=True)`;
  const impostor = program(['python3', '-c', script, path.join(directory, 'control.sock')]);
  expect(await impostor.nextLine()).toBe('listening');
  for (const [command, ...args] of [
    [SERVICE, '--port', '0'],
    [PORT_SHARING, 'status'],
  ] as const) {
    const { status, stderr } = await runCommand(command, args, { directory });
    expect(stderr).toContain(`belongs to user ${NOBODY}`);
    expect(status).toBe(77);
    expect(await impostor.nextLine()).toBe('heard 0');
  }
});

test('a service says that it has a connection before it serves it', async () => {
  const [descriptor] = await TCP_KINDS.connected();
  const order: string[] = [];
  const control: { onMessage?: (message: DaemonMessage) => void; send(message: object): boolean } =
    {
      send: ({ type }: { readonly type?: string }) => order.push(String(type)) > 0,
    };
  const link = {
    control,
    lost: new Promise(() => {}),
    receiveDescriptor: () => copyOf(descriptor),
  } as unknown as DaemonLink;
  const handler = {
    onConnection: ({ socket }: { readonly socket: Socket }) => {
      order.push('served');
      socket.on('error', () => {}).destroy();
    },
  } as unknown as ServiceLinkHandler;
  const native = await loadNative();
  const service = new ServiceLink(link, native, withLimits({}), handler);
  expect(service).toBeDefined();
  const octets = new Uint8Array(0);
  control.onMessage?.({ type: 'dispatch', dispatch: 1, via: '', octets, descriptor: 1 });
  expect(order).toEqual(['accepted', 'served']);
});

const open = (): readonly string[] => readdirSync('/proc/self/fd').toSorted();

test('a descriptor that is not what was announced is closed', async () => {
  const native = await loadNative();
  const ends = [-1, -1];
  const socketpair = koffi.load(null).func('int socketpair(int, int, int, _Out_ int *)') as (
    ...args: unknown[]
  ) => number;
  expect(socketpair(1, 1, 0, ends)).toBe(0);
  const [near = -1, far = -1] = ends;
  const socket = new Socket({ fd: near });
  const file = openSync('/dev/null', 'r');
  onTestFinished(() => {
    socket.destroy();
    for (const each of [far, file]) closeSync(each);
  });
  const [connection] = await TCP_KINDS.connected();
  const [listener] = await TCP_KINDS.listening();
  const channel = new DescriptorChannel(native);
  channel.attach(socket);
  const before = open();
  const send = (id: number, descriptor: number): void =>
    expect(native.sendDescriptor(far, id, descriptor)).toBe('sent');

  for (const kind of ['listener', 'connection', 'other'] as const) {
    send(1, { listener, connection, other: file }[kind]);
    expect(channel.receive(2, kind), `${kind} under another number`).toBe('wrong');
    for (const other of ['listener', 'connection', 'other'] as const) {
      send(1, { listener, connection, other: file }[kind]);
      const received = channel.receive(1, other);
      expect(typeof received, `${kind} as ${other}`).toBe(kind === other ? 'number' : 'string');
      if (typeof received === 'number') closeSync(received);
    }
  }
  expect(channel.receive(1, 'other'), 'nothing').toBe('wrong');
  // Where the kernel had no room, the number comes alone.
  writeSync(far, Uint8Array.of(7, 0, 0, 0));
  expect(channel.receive(7, 'other')).toBe('lost');
  expect(open()).toEqual(before);
});
