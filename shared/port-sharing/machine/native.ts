import { closeSync } from 'node:fs';
import { endianness } from 'node:os';
import { type Koffi, loadKoffi } from '../../load-later.ts';
import { layoutOf, readRights, spaceOfOne, writeRights } from './native-layout.ts';

/** A process at the other end of a Unix socket. */
export interface Peer {
  readonly uid: number;
  /** Process id; 0 where the system does not say, as when it is in a container. */
  readonly pid: number;
}

/** A listening TCP socket, another TCP socket, or anything else. */
export type DescriptorKind = 'listener' | 'connection' | 'other';

/**
 * What libc can do and Node cannot: pass descriptors between processes that are not parent and child, tell who is
 * at the other end of a Unix socket, and hold locks that end with their process.
 */
export interface Native {
  /**
   * Sends a descriptor with a number by which a message refers to it. Never blocks.
   *
   * @returns `'sent'`; `'full'` when the receiver has too many waiting; `'gone'` when it has closed
   */
  sendDescriptor(channel: number, id: number, descriptor: number): 'sent' | 'full' | 'gone';
  /**
   * Takes the next descriptor that was sent. Never blocks.
   *
   * @returns its id, and the descriptor, or `undefined` in its place if this process has no room for one (then the
   *   kernel drops it: `MSG_CTRUNC`); `undefined` if nothing is waiting, or something that `sendDescriptor` does
   *   not send, whose descriptors are closed
   */
  receiveDescriptor(
    channel: number,
  ): { readonly id: number; readonly descriptor: number | undefined } | undefined;
  /** The process that connected, or listened, at the other end of a Unix socket; `undefined` if unknown. */
  peer(socket: number): Peer | undefined;
  /** The kind of a descriptor that another process sent. Node itself would throw, or listen to it in vain. */
  kindOf(descriptor: number): DescriptorKind;
  /** Takes an exclusive lock on an open file, if nobody has it. @returns whether it was taken */
  tryLock(file: number): boolean;
  /** Sets TCP_MAXSEG of a listening socket, for later connections. Does nothing on systems other than Linux. */
  limitSegments(listener: number, bytes: number): void;
  /** How many descriptors this process may have: RLIMIT_NOFILE. Infinity for no limit. */
  descriptorLimit(): number;
}

const LOCK_EX_NB = 2 | 4;
const ID_BYTES = 4;
/**
 * Room for all descriptors that one message can carry (253 on Linux, fewer than 512 on macOS): a service may send
 * more than one, on purpose or not. Linux drops those without room; on macOS this process has them, without
 * knowing their numbers.
 */
const CONTROL_BYTES = 2_048;

/**
 * Loads libc through koffi.
 *
 * @throws {NetTcpError} `Communication` where that cannot be: on Windows, on an unknown architecture, or if koffi
 *   is not installed
 */
export async function loadNative(): Promise<Native> {
  const platform = process.platform;
  const layout = layoutOf(platform, process.arch, endianness());
  const koffi = await loadKoffi();
  const libc = koffi.load(null);
  type SocketCall = (fd: number, message: Uint8Array, flags: number) => number;
  const sendmsg = libc.func('intptr_t sendmsg(int fd, void *msg, int flags)') as SocketCall;
  const recvmsg = libc.func('intptr_t recvmsg(int fd, void *msg, int flags)') as SocketCall;
  const flock = libc.func('int flock(int fd, int op)') as (fd: number, op: number) => number;
  const getrlimit = libc.func('int getrlimit(int resource, void *limits)') as (
    resource: number,
    limits: Uint8Array,
  ) => number;
  const socketOption = socketOptions(libc);
  const { EAGAIN, ENOBUFS, ETOOMANYREFS, EINTR, EMSGSIZE } = koffi.os.errno;
  const isFull = (errno: number): boolean =>
    [EAGAIN, ENOBUFS, ETOOMANYREFS, EMSGSIZE].includes(errno);

  // One message, laid out once in one piece of memory: its parts point at each other, and so live equally long.
  const memory = Buffer.allocUnsafeSlow(88 + CONTROL_BYTES).fill(0);
  const base = koffi.address(memory);
  const message = memory.subarray(0, layout.messageBytes);
  const vector = memory.subarray(64, 80);
  const id = memory.subarray(80, 80 + ID_BYTES);
  const control = memory.subarray(88);
  const addressOf = (part: Buffer): bigint => base + BigInt(part.byteOffset - memory.byteOffset);
  vector.writeBigUInt64LE(addressOf(id), 0);
  vector.writeBigUInt64LE(BigInt(ID_BYTES), 8);
  message.writeBigUInt64LE(addressOf(vector), 16);
  message.writeUInt32LE(1, 24);
  message.writeBigUInt64LE(addressOf(control), layout.controlAt);
  const setControlLength = (length: number): void => {
    message.writeUInt32LE(length, layout.controlLengthAt);
    message.writeUInt32LE(0, layout.controlLengthAt + 4);
  };

  function retrying(call: () => number): number {
    for (;;) {
      const result = call();
      if (result >= 0 || koffi.errno() !== EINTR) return result;
    }
  }

  return {
    sendDescriptor(channel, number, descriptor) {
      id.writeUInt32LE(number);
      writeRights(control, layout, descriptor);
      setControlLength(spaceOfOne(layout));
      if (retrying(() => sendmsg(channel, message, layout.sendFlags)) === ID_BYTES) return 'sent';
      return isFull(koffi.errno()) ? 'full' : 'gone';
    },

    receiveDescriptor(channel) {
      setControlLength(CONTROL_BYTES);
      const received = retrying(() => recvmsg(channel, message, layout.receiveFlags));
      if (received < 0) return undefined;
      const length = message.readUInt32LE(layout.controlLengthAt);
      const descriptors = readRights(control.subarray(0, length), layout);
      if (received === ID_BYTES && descriptors.length <= 1) {
        return { id: id.readUInt32LE(), descriptor: descriptors[0] };
      }
      for (const each of descriptors) closeSync(each);
      return undefined;
    },

    peer: platform === 'linux' ? linuxPeer(socketOption) : darwinPeer(libc, socketOption),

    kindOf: platform === 'linux' ? linuxKind(socketOption) : darwinKind(libc, socketOption),

    tryLock: (file) => retrying(() => flock(file, LOCK_EX_NB)) === 0,

    limitSegments: platform === 'linux' ? linuxLimitSegments(libc) : () => {},

    descriptorLimit() {
      // rlim_t current, rlim_t maximum
      const limits = Buffer.allocUnsafeSlow(16);
      if (getrlimit(layout.descriptorResource, limits) !== 0) return Infinity;
      const current = limits.readBigUInt64LE();
      return current > BigInt(Number.MAX_SAFE_INTEGER) ? Infinity : Number(current);
    },
  };
}

type Library = ReturnType<Koffi['load']>;

/** `getsockopt`: the first bytes of the value, valid until the next call; `undefined` if there is none. */
type SocketOption = (fd: number, level: number, name: number) => Buffer | undefined;

// The longest is `struct ucred`.
const OPTION_BYTES = 12;

function socketOptions(libc: Library): SocketOption {
  const getsockopt = libc.func(
    'int getsockopt(int fd, int level, int name, void *value, void *length)',
  ) as (fd: number, level: number, name: number, value: Uint8Array, length: Uint8Array) => number;
  const value = Buffer.allocUnsafeSlow(OPTION_BYTES);
  const length = Buffer.allocUnsafeSlow(4);
  return (fd, level, name) => {
    length.writeUInt32LE(OPTION_BYTES);
    return getsockopt(fd, level, name, value, length) === 0 ? value : undefined;
  };
}

/** `SO_PEERCRED`: pid, uid and gid of the process that connected, or listened. */
function linuxPeer(socketOption: SocketOption): Native['peer'] {
  return (socket) => {
    const credentials = socketOption(socket, 1, 17);
    if (credentials === undefined) return undefined;
    return { pid: credentials.readInt32LE(), uid: credentials.readUInt32LE(4) };
  };
}

// Of `getsockopt`: IPPROTO_TCP, TCP_INFO. Its first byte is the state of the connection.
const TCP = 6;
const TCP_INFO = 11;
const TCP_LISTEN = 10;

/** One system call for each connection that is handed over: only TCP sockets have that option. */
function linuxKind(socketOption: SocketOption): Native['kindOf'] {
  return (descriptor) => {
    const state = socketOption(descriptor, TCP, TCP_INFO)?.[0];
    if (state === undefined) return 'other';
    return state === TCP_LISTEN ? 'listener' : 'connection';
  };
}

// SOL_SOCKET, SO_TYPE, SO_ACCEPTCONN, SOCK_STREAM, AF_INET, AF_INET6.
const DARWIN = { socket: 0xffff, type: 0x1008, listens: 2, stream: 1, ipv4: 2, ipv6: 30 } as const;
// sockaddr_storage
const NAME_BYTES = 128;

function darwinKind(libc: Library, socketOption: SocketOption): Native['kindOf'] {
  const getsockname = libc.func('int getsockname(int fd, void *name, void *length)') as (
    fd: number,
    name: Uint8Array,
    length: Uint8Array,
  ) => number;
  const name = Buffer.allocUnsafeSlow(NAME_BYTES);
  const length = Buffer.allocUnsafeSlow(4);
  return (descriptor) => {
    const valueOf = (option: number): number | undefined =>
      socketOption(descriptor, DARWIN.socket, option)?.readUInt32LE();
    if (valueOf(DARWIN.type) !== DARWIN.stream) return 'other';
    length.writeUInt32LE(name.length);
    if (getsockname(descriptor, name, length) !== 0) return 'other';
    // uint8 length, uint8 family
    if (name[1] !== DARWIN.ipv4 && name[1] !== DARWIN.ipv6) return 'other';
    return valueOf(DARWIN.listens) === 0 ? 'connection' : 'listener';
  };
}

function linuxLimitSegments(libc: Library): Native['limitSegments'] {
  const setsockopt = libc.func(
    'int setsockopt(int fd, int level, int name, void *value, uint32_t length)',
  ) as (fd: number, level: number, name: number, value: Uint8Array, length: number) => number;
  const value = Buffer.allocUnsafeSlow(4);
  return (listener, bytes) => {
    value.writeInt32LE(bytes);
    // IPPROTO_TCP, TCP_MAXSEG. If the kernel refuses, connections are as slow as before.
    setsockopt(listener, 6, 2, value, value.length);
  };
}

/** `getpeereid`, and `LOCAL_PEERPID` of `SOL_LOCAL`. */
function darwinPeer(libc: Library, socketOption: SocketOption): Native['peer'] {
  const getpeereid = libc.func('int getpeereid(int fd, void *uid, void *gid)') as (
    fd: number,
    uid: Uint8Array,
    gid: Uint8Array,
  ) => number;
  const uid = Buffer.allocUnsafeSlow(4);
  const gid = Buffer.allocUnsafeSlow(4);
  return (socket) => {
    if (getpeereid(socket, uid, gid) !== 0) return undefined;
    return { uid: uid.readUInt32LE(), pid: socketOption(socket, 0, 2)?.readInt32LE() ?? 0 };
  };
}
