import { NetTcpError } from '../../errors.ts';

/** What differs between systems: constants, and the layout of `msghdr` and `cmsghdr`, in bytes. */
interface NativeLayout {
  readonly solSocket: number;
  /** Flags of `sendmsg`: it never blocks, and raises no signal. */
  readonly sendFlags: number;
  /** Flags of `recvmsg`: it never blocks, and on Linux what it takes is not inherited. */
  readonly receiveFlags: number;
  readonly messageBytes: number;
  /** Offsets in `msghdr` of the control data's address and of their length. */
  readonly controlAt: number;
  readonly controlLengthAt: number;
  /** Offsets in `cmsghdr` of the level (the type follows it) and of the data. */
  readonly levelAt: number;
  readonly dataAt: number;
  /** Each `cmsghdr` begins at a multiple of this. */
  readonly alignment: number;
  /** `RLIMIT_NOFILE` */
  readonly descriptorResource: number;
}

const LAYOUTS: Readonly<Record<string, NativeLayout>> = {
  linux: {
    solSocket: 1,
    // MSG_DONTWAIT | MSG_NOSIGNAL, MSG_DONTWAIT | MSG_CMSG_CLOEXEC
    sendFlags: 0x40 | 0x4000,
    receiveFlags: 0x40 | 0x4000_0000,
    messageBytes: 56,
    // size_t iovlen at 24, void *control at 32, size_t controllen at 40. (musl: int iovlen, socklen_t controllen
    // and padding, which is the same as long as the lower half comes first.)
    controlAt: 32,
    controlLengthAt: 40,
    // size_t len, int level, int type
    levelAt: 8,
    dataAt: 16,
    alignment: 8,
    descriptorResource: 7,
  },
  darwin: {
    solSocket: 0xffff,
    sendFlags: 0x80,
    receiveFlags: 0x80,
    messageBytes: 48,
    // int iovlen at 24, void *control at 32, socklen_t controllen at 40
    controlAt: 32,
    controlLengthAt: 40,
    // socklen_t len, int level, int type
    levelAt: 4,
    dataAt: 12,
    alignment: 4,
    descriptorResource: 8,
  },
};

/**
 * Architectures with pointers of 8 bytes, the lower half first, and the table's constants. ppc64 and mips64el have
 * the first two, but number their socket options differently.
 */
const ARCHITECTURES: Readonly<Record<string, readonly string[]>> = {
  linux: ['x64', 'arm64', 'riscv64', 'loong64'],
  darwin: ['x64', 'arm64'],
};

/**
 * The layout for a system, as Node names it: `process.platform`, `process.arch`, `os.endianness()`.
 *
 * @throws {NetTcpError} `Communication` where no layout is known: a wrong one would send garbage
 */
export function layoutOf(
  platform: string,
  architecture: string,
  byteOrder: 'BE' | 'LE',
): NativeLayout {
  const layout = LAYOUTS[platform];
  if (layout === undefined) {
    throw new NetTcpError('Communication', `sockets cannot be handed over on ${platform}`);
  }
  if (byteOrder !== 'LE' || ARCHITECTURES[platform]?.includes(architecture) !== true) {
    const order = byteOrder === 'LE' ? '' : ', highest byte first,';
    throw new NetTcpError(
      'Communication',
      `sockets cannot be handed over on ${platform} with the architecture ${architecture}${order} whose memory layout this suite does not know`,
    );
  }
  return layout;
}

const SCM_RIGHTS = 1;
/** Bytes of the control data for one descriptor: `CMSG_SPACE(sizeof(int))`. */
export function spaceOfOne({ dataAt, alignment }: NativeLayout): number {
  return Math.ceil((dataAt + 4) / alignment) * alignment;
}

/** Writes control data that carry one descriptor. */
export function writeRights(control: Buffer, layout: NativeLayout, descriptor: number): void {
  control.fill(0, 0, spaceOfOne(layout));
  control.writeUInt32LE(layout.dataAt + 4, 0);
  control.writeUInt32LE(layout.solSocket, layout.levelAt);
  control.writeUInt32LE(SCM_RIGHTS, layout.levelAt + 4);
  control.writeInt32LE(descriptor, layout.dataAt);
}

/** Every descriptor that control data carry. From now on this process owns all of them, wanted or not. */
export function readRights(control: Buffer, layout: NativeLayout): readonly number[] {
  const found: number[] = [];
  for (let at = 0; at + layout.dataAt <= control.length;) {
    const length = control.readUInt32LE(at);
    if (length < layout.dataAt) break;
    const end = Math.min(at + length, control.length);
    const isRights =
      control.readUInt32LE(at + layout.levelAt) === layout.solSocket &&
      control.readUInt32LE(at + layout.levelAt + 4) === SCM_RIGHTS;
    for (let data = at + layout.dataAt; isRights && data + 4 <= end; data += 4) {
      found.push(control.readInt32LE(data));
    }
    at += Math.ceil(length / layout.alignment) * layout.alignment;
  }
  return found;
}
