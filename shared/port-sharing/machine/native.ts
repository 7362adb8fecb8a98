import { NetTcpError } from '../../errors.ts';

/**
 * What Node cannot do and libc can: passing descriptors between processes that are not parent and
 * child, asking who is at the other end of a Unix socket, and locks that die with their process.
 */
export interface Native {
  /**
   * Sends a descriptor with a number that says what it is for. Never blocks.
   *
   * @returns `'sent'`; `'full'` when the receiver has too many waiting; `'gone'` when it has closed
   */
  sendDescriptor(channel: number, id: number, descriptor: number): 'sent' | 'full' | 'gone';
  /**
   * Takes the next descriptor that was sent. Never blocks.
   *
   * @returns its id, and the descriptor, or `undefined` in its place when this process has no room for one
   *   (the kernel drops it then: `MSG_CTRUNC`); `undefined` when nothing is waiting
   */
  receiveDescriptor(
    channel: number,
  ): { readonly id: number; readonly descriptor: number | undefined } | undefined;
  /** User id of the process at the other end of a Unix socket; `undefined` when the system does not say. */
  peerUid(socket: number): number | undefined;
  /** Takes an exclusive lock on an open file, if nobody has it. */
  tryLock(file: number): boolean;
  /** How many descriptors this process may have: RLIMIT_NOFILE. Infinity for no limit. */
  descriptorLimit(): number;
}

const SCM_RIGHTS = 1;
const LOCK_EX_NB = 2 | 4;
const ID_OCTETS = 4;

/** What differs between the systems: constants, and the layout of `msghdr` and `cmsghdr`. */
const PLATFORMS = {
  linux: {
    solSocket: 1,
    // MSG_DONTWAIT | MSG_NOSIGNAL, MSG_DONTWAIT | MSG_CMSG_CLOEXEC
    sendFlags: 0x40 | 0x4000,
    receiveFlags: 0x40 | 0x4000_0000,
    messageOctets: 56,
    // size_t iovlen at 24, void *control at 32, size_t controllen at 40
    controlAt: 32,
    controlLengthAt: 40,
    // size_t len, int level, int type
    levelAt: 8,
    dataAt: 16,
    controlOctets: 24,
    descriptorResource: 7,
  },
  darwin: {
    solSocket: 0xffff,
    sendFlags: 0x80,
    receiveFlags: 0x80,
    messageOctets: 48,
    // int iovlen at 24, void *control at 32, socklen_t controllen at 40
    controlAt: 32,
    controlLengthAt: 40,
    // socklen_t len, int level, int type
    levelAt: 4,
    dataAt: 12,
    controlOctets: 16,
    descriptorResource: 8,
  },
} as const;

/**
 * Loads it through koffi.
 *
 * @throws {NetTcpError} `Communication` where there is none: on Windows, or when koffi is not installed
 */
export async function loadNative(): Promise<Native> {
  const platform = process.platform;
  if (platform !== 'linux' && platform !== 'darwin') {
    throw new NetTcpError('Communication', `sockets cannot be handed over on ${platform}`);
  }
  let koffi: typeof import('koffi');
  try {
    koffi = (await import('koffi')).default as unknown as typeof import('koffi');
  } catch (cause) {
    throw new NetTcpError('Communication', 'koffi cannot be loaded', { cause });
  }
  const libc = koffi.load(null);
  const layout = PLATFORMS[platform];
  type SocketCall = (fd: number, message: Uint8Array, flags: number) => number;
  const sendmsg = libc.func('intptr_t sendmsg(int fd, void *msg, int flags)') as SocketCall;
  const recvmsg = libc.func('intptr_t recvmsg(int fd, void *msg, int flags)') as SocketCall;
  const flock = libc.func('int flock(int fd, int op)') as (fd: number, op: number) => number;
  const getrlimit = libc.func('int getrlimit(int resource, void *limits)') as (
    resource: number,
    limits: Uint8Array,
  ) => number;
  const { EAGAIN, ENOBUFS, ETOOMANYREFS, EINTR, EMSGSIZE } = koffi.os.errno;
  const isFull = (errno: number): boolean =>
    [EAGAIN, ENOBUFS, ETOOMANYREFS, EMSGSIZE].includes(errno);

  // One message, laid out once, in one piece of memory: its parts point at each other, and live
  // exactly as long as each other.
  const memory = Buffer.allocUnsafeSlow(128).fill(0);
  const base = koffi.address(memory);
  const message = memory.subarray(0, layout.messageOctets);
  const vector = memory.subarray(64, 80);
  const id = memory.subarray(80, 80 + ID_OCTETS);
  const control = memory.subarray(88, 88 + layout.controlOctets);
  const addressOf = (part: Buffer): bigint => base + BigInt(part.byteOffset - memory.byteOffset);
  vector.writeBigUInt64LE(addressOf(id), 0);
  vector.writeBigUInt64LE(BigInt(ID_OCTETS), 8);
  message.writeBigUInt64LE(addressOf(vector), 16);
  message.writeUInt32LE(1, 24);
  message.writeBigUInt64LE(addressOf(control), layout.controlAt);
  const reset = (): void => {
    message.writeUInt32LE(layout.controlOctets, layout.controlLengthAt);
    message.writeUInt32LE(0, layout.controlLengthAt + 4);
  };
  const controlLength = layout.dataAt + 4;

  function retrying(call: () => number): number {
    for (;;) {
      const result = call();
      if (result >= 0 || koffi.errno() !== EINTR) return result;
    }
  }

  return {
    sendDescriptor(channel, number, descriptor) {
      id.writeUInt32LE(number);
      control.fill(0);
      control.writeUInt32LE(controlLength, 0);
      control.writeUInt32LE(layout.solSocket, layout.levelAt);
      control.writeUInt32LE(SCM_RIGHTS, layout.levelAt + 4);
      control.writeInt32LE(descriptor, layout.dataAt);
      reset();
      if (retrying(() => sendmsg(channel, message, layout.sendFlags)) === ID_OCTETS) return 'sent';
      return isFull(koffi.errno()) ? 'full' : 'gone';
    },

    receiveDescriptor(channel) {
      control.fill(0);
      reset();
      const received = retrying(() => recvmsg(channel, message, layout.receiveFlags));
      if (received !== ID_OCTETS) return undefined;
      const hasDescriptor =
        message.readUInt32LE(layout.controlLengthAt) >= controlLength &&
        control.readUInt32LE(0) === controlLength &&
        control.readUInt32LE(layout.levelAt + 4) === SCM_RIGHTS;
      return {
        id: id.readUInt32LE(),
        descriptor: hasDescriptor ? control.readInt32LE(layout.dataAt) : undefined,
      };
    },

    peerUid: platform === 'linux' ? linuxPeerUid(libc) : darwinPeerUid(libc),

    tryLock: (file) => retrying(() => flock(file, LOCK_EX_NB)) === 0,

    descriptorLimit() {
      // rlim_t current, rlim_t maximum
      const limits = Buffer.allocUnsafeSlow(16);
      if (getrlimit(layout.descriptorResource, limits) !== 0) return Infinity;
      const current = limits.readBigUInt64LE();
      return current > BigInt(Number.MAX_SAFE_INTEGER) ? Infinity : Number(current);
    },
  };
}

type Library = ReturnType<typeof import('koffi').load>;

/** `SO_PEERCRED`: pid, uid and gid of whoever connected, or listened. */
function linuxPeerUid(libc: Library): Native['peerUid'] {
  const getsockopt = libc.func(
    'int getsockopt(int fd, int level, int name, void *value, void *length)',
  ) as (fd: number, level: number, name: number, value: Uint8Array, length: Uint8Array) => number;
  const credentials = Buffer.allocUnsafeSlow(12);
  const length = Buffer.allocUnsafeSlow(4);
  return (socket) => {
    length.writeUInt32LE(12);
    return getsockopt(socket, 1, 17, credentials, length) === 0
      ? credentials.readUInt32LE(4)
      : undefined;
  };
}

function darwinPeerUid(libc: Library): Native['peerUid'] {
  const getpeereid = libc.func('int getpeereid(int fd, void *uid, void *gid)') as (
    fd: number,
    uid: Uint8Array,
    gid: Uint8Array,
  ) => number;
  const uid = Buffer.allocUnsafeSlow(4);
  const gid = Buffer.allocUnsafeSlow(4);
  return (socket) => (getpeereid(socket, uid, gid) === 0 ? uid.readUInt32LE() : undefined);
}
