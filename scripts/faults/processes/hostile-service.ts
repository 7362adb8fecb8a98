// A service of the same user that does what no service should.
import type { Received } from '../../../shared/printable.ts';
import { closeSync, openSync } from 'node:fs';
import { once } from 'node:events';
import { connect } from 'node:net';
import { ControlChannel } from '../../../shared/port-sharing/handshake/channel.ts';
import type { DaemonControl } from '../../../shared/port-sharing/handshake/link.ts';
import {
  type DaemonMessage,
  PROTOCOL_VERSION,
} from '../../../shared/port-sharing/handshake/messages.ts';
import { checkDaemonMessage } from '../../../shared/port-sharing/handshake/shapes.ts';
import { nativeFor } from '../../../shared/port-sharing/machine/load-native.ts';
import { sleep } from '../../../shared/time.ts';
import { descriptorOf, stopReading } from '../../../shared/transport/node-internals.ts';
import { serve } from '../../serve.ts';

interface Options {
  readonly path: string;
  readonly port: number;
  readonly count: number;
}

/** A connection to the control socket, and what was said on it. */
interface Caller {
  readonly control: DaemonControl;
  readonly said: Received<DaemonMessage>[];
  readonly isOpen: () => boolean;
}

const ANSWER_MS = 5_000;
const DRIPS = 20;

const callers = new Set<Caller>();

serve({
  /** Connections that say hello and nothing else. @returns how many were welcomed */
  async silent({ path, count }: Options) {
    const all = await Promise.all(Array.from({ length: count }, () => hello(path)));
    return all.filter(({ said }) => said.some(({ type }) => type === 'welcome')).length;
  },
  /** As many paths as it can get, over ten connections. @returns how many */
  async paths({ path, port, count }: Options) {
    const all = await Promise.all(Array.from({ length: 10 }, () => hello(path)));
    all.forEach((caller, index) => {
      for (let each = 0; each < count / all.length; each++) {
        register(caller, each, `net.tcp://localhost:${port}/hostile/${index}/${each}`);
      }
    });
    return await registered(all, count);
  },
  /** As many ports as it can get. @returns how many */
  async ports({ path, count }: Options) {
    const caller = await hello(path);
    for (let each = 0; each < count; each++) register(caller, each, 'net.tcp://localhost:0/x');
    return await registered([caller], count);
  },
  /** Registrations for a port that another program has. @returns how many were refused */
  async taken({ path, port, count }: Options) {
    const caller = await hello(path);
    for (let each = 0; each < count; each++) {
      register(caller, each, `net.tcp://localhost:${port}/x/${each}`, ['127.0.0.2', '127.0.0.1']);
    }
    await registered([caller], count);
    return caller.said.filter(({ type }) => type === 'refused').length;
  },
  /** Descriptors that are not what their messages say, each over its own link. @returns how many links closed */
  async descriptors({ path }: Options) {
    let closed = 0;
    for (const type of ['listener', 'redispatch'] as const) {
      for (const name of ['/etc/hostname', '/', '/dev/null', '/dev/ptmx']) {
        const caller = await hello(path, true);
        await sendAs(caller, path, type, name);
        await within(() => !caller.isOpen());
        if (!caller.isOpen()) closed += 1;
        caller.control.socket.destroy();
      }
    }
    return closed;
  },
  /** Registers without end, and reads no answer. @returns whether it was closed */
  async deaf({ path, count }: Options) {
    const caller = await hello(path);
    caller.control.socket.pause();
    for (let each = 0; each < count && caller.isOpen(); each++) {
      register(caller, each, 'x', ['y'.repeat(64)]);
      if (each % 200 === 0) await sleep(2);
    }
    await within(() => !caller.isOpen());
    return !caller.isOpen();
  },
  /** Leaves in the middle of a registration, at each of its steps. */
  async storm({ path, port, count }: Options) {
    for (let each = 0; each < count; each++) {
      const caller = await hello(path);
      if (each % 3 > 0) register(caller, 1, `net.tcp://localhost:${port}/storm/${each}`);
      if (each % 3 > 1) await registered([caller], 1);
      caller.control.socket.destroy();
    }
  },
  /** Announces a long message, of which a few bytes drip in. */
  async drip({ path, count }: Options) {
    const all = await Promise.all(Array.from({ length: count }, () => hello(path)));
    for (const { control } of all) control.socket.write(Uint8Array.of(0, 1, 0xff, 0));
    for (let each = 0; each < DRIPS; each++) {
      for (const { control } of all) control.socket.write(Uint8Array.of(0));
      await sleep(5);
    }
  },
  /** Closes everything. */
  drop() {
    for (const { control } of callers) control.socket.destroy();
    callers.clear();
  },
});

async function hello(path: string, handOver = false): Promise<Caller> {
  const socket = connect(path);
  const said: Received<DaemonMessage>[] = [];
  let isOpen = true;
  const control: DaemonControl = new ControlChannel(socket, {
    maxMessageBytes: 131_072,
    check: checkDaemonMessage,
  });
  control.onMessage = (message) => void said.push(message);
  control.onClose = () => (isOpen = false);
  const caller = { control, said, isOpen: () => isOpen };
  callers.add(caller);
  await once(socket, 'connect').catch(() => {});
  const version = { protocol: PROTOCOL_VERSION, version: '0', pid: process.pid };
  control.send({ type: 'hello', ...version, role: 'service', handOver, newline: '\n' });
  await within(() => said.length > 0 || !isOpen);
  return caller;
}

function register(
  { control }: Caller,
  request: number,
  address: string,
  hosts: readonly string[] = ['127.0.0.1'],
): void {
  control.send({ type: 'register', request, address, hosts, queueLength: 1 });
}

/** Waits for answers. @returns how many registrations were made */
async function registered(all: readonly Caller[], count: number): Promise<number> {
  const answers = (): readonly Received<DaemonMessage>[] =>
    all.flatMap(({ said }) => said.filter(({ type }) => ['registered', 'refused'].includes(type)));
  await within(() => answers().length >= count || !all.some(({ isOpen }) => isOpen()));
  return answers().filter(({ type }) => type === 'registered').length;
}

/** Opens the connection that descriptors travel on, sends one, and says that it is a socket. */
async function sendAs(
  { control, said }: Caller,
  path: string,
  type: 'listener' | 'redispatch',
  name: string,
): Promise<void> {
  const native = await nativeFor();
  const welcome = said.find((message) => message.type === 'welcome');
  if (native === undefined || welcome === undefined) return;
  const socket = connect(path);
  const channel: DaemonControl = new ControlChannel(socket, {
    maxMessageBytes: 131_072,
    check: checkDaemonMessage,
  });
  await once(socket, 'connect');
  channel.send({ type: 'attach', token: welcome.token });
  await within(() => said.some((message) => message.type === 'attached'));
  stopReading(socket);
  const file = openSync(name, 'r');
  native.sendDescriptor(descriptorOf(socket) ?? -1, 1, file);
  closeSync(file);
  if (type === 'listener') {
    control.send({ type, descriptor: 1, host: '127.0.0.1', port: 9 });
  } else control.send({ type, descriptor: 1, octets: new Uint8Array(0) });
  control.socket.once('close', () => socket.destroy());
}

async function within(isDone: () => boolean): Promise<void> {
  const deadline = performance.now() + ANSWER_MS;
  while (!isDone() && performance.now() < deadline) await sleep(5);
}
