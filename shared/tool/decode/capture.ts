import { NetTcpError } from '../../errors.ts';

/** A captured frame, as it was on its link. */
export interface Frame {
  /** Kind of its link: a LINKTYPE_ value of https://www.tcpdump.org/linktypes.html. */
  readonly linkType: number;
  /** The bytes that were captured of it. */
  readonly octets: Uint8Array;
}

const PCAP = 0xa1b2_c3d4;
const PCAP_NANOSECONDS = 0xa1b2_3c4d;
const PCAP_HEADER = 24;
const PCAP_RECORD_HEADER = 16;

/** Types of pcapng's blocks: https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-02.html. */
const Block = {
  Section: 0x0a0d_0d0a,
  Interface: 1,
  /** In old files: as an enhanced one, with 16 bits for the interface. */
  Packet: 2,
  SimplePacket: 3,
  EnhancedPacket: 6,
} as const;
const BYTE_ORDER_MAGIC = 0x1a2b_3c4d;
const BLOCK_HEADER = 8;
// The header, and the length at the end.
const SMALLEST_BLOCK = 12;

/** Whether bytes are a capture of tcpdump or Wireshark. No net.tcp stream begins that way. */
export function isCapture(octets: Uint8Array): boolean {
  if (octets.length < 4) return false;
  const magic = viewOf(octets).getUint32(0);
  return magic === Block.Section || isLittleEndian(magic) !== undefined;
}

/**
 * The frames of a capture in pcap or pcapng, in the order in which they were captured. A capture that was cut, as
 * when `tcpdump` was killed, ends with its last whole frame.
 *
 * @throws {NetTcpError} `Usage` if it is damaged: a pcapng block has an impossible length, or names an interface
 *   that was not described
 */
export function* framesOf(octets: Uint8Array): Generator<Frame> {
  const view = viewOf(octets);
  if (view.getUint32(0) === Block.Section) yield* framesOfPcapng(octets, view);
  else yield* framesOfPcap(octets, view);
}

function isLittleEndian(magic: number): boolean | undefined {
  if (magic === PCAP || magic === PCAP_NANOSECONDS) return false;
  return magic === swapped(PCAP) || magic === swapped(PCAP_NANOSECONDS) ? true : undefined;
}

function* framesOfPcap(octets: Uint8Array, view: DataView): Generator<Frame> {
  const little = isLittleEndian(view.getUint32(0));
  if (octets.length < PCAP_HEADER) return;
  // The upper bits give the length of the link's checksum.
  const linkType = view.getUint32(20, little) & 0x0fff_ffff;
  let at = PCAP_HEADER;
  while (at + PCAP_RECORD_HEADER <= octets.length) {
    const captured = view.getUint32(at + 8, little);
    at += PCAP_RECORD_HEADER;
    if (captured > octets.length - at) return;
    yield { linkType, octets: octets.subarray(at, at + captured) };
    at += captured;
  }
}

function* framesOfPcapng(octets: Uint8Array, view: DataView): Generator<Frame> {
  let little = false;
  let interfaces: { readonly linkType: number; readonly maxOctets: number }[] = [];
  let at = 0;
  while (at + SMALLEST_BLOCK <= octets.length) {
    if (view.getUint32(at) === Block.Section) {
      // Each section has a byte order and interfaces of its own.
      const magic = view.getUint32(at + BLOCK_HEADER);
      if (magic !== BYTE_ORDER_MAGIC && magic !== swapped(BYTE_ORDER_MAGIC)) throw damaged(at);
      little = magic !== BYTE_ORDER_MAGIC;
      interfaces = [];
    }
    const type = view.getUint32(at, little);
    const length = view.getUint32(at + 4, little);
    if (length < SMALLEST_BLOCK || length % 4 !== 0) throw damaged(at);
    if (length > octets.length - at) return;
    const body = octets.subarray(at + BLOCK_HEADER, at + length - 4);
    const bodyView = viewOf(body);
    if (type === Block.Interface) {
      if (body.length < 8) throw damaged(at);
      const snapLength = bodyView.getUint32(4, little);
      interfaces.push({
        linkType: bodyView.getUint16(0, little),
        maxOctets: snapLength === 0 ? Infinity : snapLength,
      });
    } else if (type === Block.EnhancedPacket || type === Block.Packet) {
      if (body.length < 20) throw damaged(at);
      const index =
        type === Block.Packet ? bodyView.getUint16(0, little) : bodyView.getUint32(0, little);
      const captured = bodyView.getUint32(12, little);
      const from = interfaces[index];
      if (from === undefined || captured > body.length - 20) throw damaged(at);
      yield { linkType: from.linkType, octets: body.subarray(20, 20 + captured) };
    } else if (type === Block.SimplePacket) {
      const [from] = interfaces;
      if (from === undefined || body.length < 4) throw damaged(at);
      const captured = Math.min(bodyView.getUint32(0, little), from.maxOctets, body.length - 4);
      yield { linkType: from.linkType, octets: body.subarray(4, 4 + captured) };
    }
    at += length;
  }
}

function viewOf(octets: Uint8Array): DataView {
  return new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
}

function swapped(value: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, value);
  return view.getUint32(0, true);
}

function damaged(at: number): NetTcpError {
  return new NetTcpError(
    'Usage',
    `The capture is damaged at byte ${at}. Capture again, or repair it: editcap, of Wireshark, reads what can be read.`,
  );
}
