// A process of the same user that says what it likes to the daemon, descriptors included.
import { closeSync, openSync, readdirSync } from 'node:fs';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import koffi from 'koffi';
import { onTestFinished } from 'vitest';
import { loadNative, type Native } from '../../shared/port-sharing/machine/native.ts';
import { descriptorOf, stopReading } from '../../shared/transport/node-internals.ts';
import { Control, HELLO } from './control.ts';

/** A service that can hand over, and has said hello. */
export class HostileService {
  readonly control: Control;
  readonly #native: Native;
  readonly #channel: Control;
  #nextId = 1;

  private constructor(control: Control, channel: Control, native: Native) {
    this.control = control;
    this.#channel = channel;
    this.#native = native;
  }

  static async open(directory: string): Promise<HostileService> {
    const control = new Control(directory).say({ ...HELLO, pid: process.pid, handOver: true });
    const { token } = await control.heard('welcome');
    const channel = new Control(directory).say({ type: 'attach', token });
    await control.heard('attached');
    stopReading(channel.socket);
    return new HostileService(control, channel, await loadNative());
  }

  /** Sends a descriptor, and says nothing of it. @returns the id that it went under */
  send(descriptor: number): number {
    const id = this.#nextId++;
    const channel = descriptorOf(this.#channel.socket) ?? -1;
    if (this.#native.sendDescriptor(channel, id, descriptor) !== 'sent')
      throw new Error('not sent');
    return id;
  }

  /** Sends a descriptor as a listening socket, or as a connection that comes back. */
  sendAs(type: 'listener' | 'redispatch', descriptor: number, port = 9_999): this {
    const id = this.send(descriptor);
    const details =
      type === 'listener' ? { host: '127.0.0.1', port } : { octets: new Uint8Array(0) };
    this.control.say({ type, descriptor: id, ...details });
    return this;
  }

  close(): void {
    this.control.socket.destroy();
    this.#channel.socket.destroy();
  }
}

/** A kind of descriptor, and how to have one. */
export type Kind = readonly [what: string, open: () => number | Promise<number>];

const libc = koffi.load(null);
const call = (signature: string, ...args: unknown[]): number =>
  (libc.func(signature) as (...all: unknown[]) => number)(...args);

/** Kinds that Linux has, none of them a TCP socket; the caller closes what it opens. */
export const OTHER_KINDS: readonly Kind[] = [
  ['a file', () => openSync('/etc/hostname', 'r')],
  ['a directory', () => openSync('/', 'r')],
  ['a device', () => openSync('/dev/null', 'r')],
  ['a terminal', () => openSync('/dev/ptmx', 'r+')],
  ['an epoll', () => call('int epoll_create1(int)', 0)],
  ['an eventfd', () => call('int eventfd(int, int)', 0, 0)],
  ['a timerfd', () => call('int timerfd_create(int, int)', 1, 0)],
  ['a memfd', () => call('int memfd_create(const char *, int)', 'x', 0)],
  ['a pipe', () => pair('int pipe(_Out_ int *)')],
  ['a Unix socket', () => pair('int socketpair(int, int, int, _Out_ int *)', 1, 1, 0)],
  ['a raw UDP socket', () => call('int socket(int, int, int)', 2, 2, 0)],
  ['a netlink socket', () => call('int socket(int, int, int)', 16, 3, 0)],
  ['a UDP socket that is bound', () => boundUdp()],
];

/** TCP sockets that are not what a message says they are. */
export const TCP_KINDS = {
  /** Neither connected nor listening. */
  fresh: (): number => call('int socket(int, int, int)', 2, 1, 0),
  async listening(): Promise<readonly [descriptor: number, port: number]> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as { readonly port: number };
    return [descriptorOf(server) ?? -1, port];
  },
  async connected(): Promise<readonly [descriptor: number, peer: Socket]> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { readonly port: number };
    const near = connect(port, '127.0.0.1').on('error', () => {});
    const [far] = (await once(server, 'connection')) as [Socket];
    server.close();
    onTestFinished(() => {
      near.destroy();
      far.destroy();
    });
    stopReading(near);
    return [descriptorOf(near) ?? -1, far.on('error', () => {})];
  },
};

/** A copy, which is the caller's to close. */
export const copyOf = (descriptor: number): number => call('int dup(int)', descriptor);

function pair(signature: string, ...args: unknown[]): number {
  const ends = [-1, -1];
  call(signature, ...args, ends);
  const [near = -1, far = -1] = ends;
  closeSync(far);
  return near;
}

async function boundUdp(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  onTestFinished(() => void socket.close());
  // A copy: the caller closes what it is given.
  const handle = (socket as unknown as Readonly<Record<symbol, { handle: { fd: number } }>>)[
    Object.getOwnPropertySymbols(socket).find((each) => String(each).includes('state')) ??
      Symbol.iterator
  ];
  return copyOf(handle?.handle.fd ?? -1);
}

/** How many descriptors a process has. */
export function descriptorsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}
