import { showEndpoint } from '../../address.ts';
import type { Frame } from './capture.ts';

/** The part of a TCP stream that a frame carries. */
export interface Segment {
  /** `host:port` */
  readonly from: string;
  readonly to: string;
  /** Sequence number of its first byte, 0 to 2^32−1; where `syn` is set, one less. */
  readonly sequence: number;
  readonly syn: boolean;
  readonly ack: boolean;
  readonly payload: Uint8Array;
}

/** By LINKTYPE_ value, how many bytes precede a frame's IP packet; the last two of them name its protocol. */
const LINK_HEADERS: Readonly<Record<number, number>> = {
  0: 4, // BSD's loopback
  1: 14, // Ethernet
  12: 0, // raw IP, as some systems write it
  14: 0,
  101: 0, // raw IP
  108: 4, // OpenBSD's loopback
  113: 16, // Linux "any"
  228: 0, // IPv4
  229: 0, // IPv6
};
const ETHERNET = 1;
const LINUX_ANY_2 = 276; // the protocol comes first, after it 18 bytes
const VLAN_TAGS = [0x8100, 0x88a8];

/**
 * The TCP segment in a frame; `undefined` for anything else, a fragment, or one that was cut before its payload.
 */
export function segmentOf({ linkType, octets }: Frame): Segment | undefined {
  let start = linkType === LINUX_ANY_2 ? 20 : LINK_HEADERS[linkType];
  if (start === undefined) return undefined;
  if (linkType === ETHERNET) {
    while (VLAN_TAGS.includes(uint16(octets, start - 2))) start += 4;
  }
  const packet = octets.subarray(start);
  switch ((packet[0] ?? 0) >> 4) {
    case 4:
      return ofIPv4(packet);
    case 6:
      return ofIPv6(packet);
    default:
      return undefined;
  }
}

const TCP = 6;

function ofIPv4(packet: Uint8Array): Segment | undefined {
  const headerLength = ((packet[0] ?? 0) & 0x0f) * 4;
  const isFragment = (uint16(packet, 6) & 0x3fff) !== 0;
  if (packet.length < 20 || headerLength < 20 || isFragment || packet[9] !== TCP) return undefined;
  // The length is 0 if the network card was to split the packet. Behind it a frame may have padding.
  const length = uint16(packet, 2) || packet.length;
  const host = (at: number): string => packet.subarray(at, at + 4).join('.');
  return ofTcp(packet.subarray(headerLength, length), host(12), host(16));
}

const IPV6_HEADER = 40;
/** Headers that may precede TCP's, each with its length in units of 8 bytes: hop-by-hop, routing, destination. */
const EXTENSIONS = [0, 43, 60];

function ofIPv6(packet: Uint8Array): Segment | undefined {
  if (packet.length < IPV6_HEADER) return undefined;
  const length = uint16(packet, 4);
  const end = length === 0 ? packet.length : IPV6_HEADER + length;
  let next = packet[6] ?? 0;
  let at = IPV6_HEADER;
  while (EXTENSIONS.includes(next) && at < packet.length) {
    next = packet[at] ?? 0;
    at += ((packet[at + 1] ?? 0) + 1) * 8;
  }
  if (next !== TCP) return undefined;
  const host = (from: number): string => showIPv6(packet.subarray(from, from + 16));
  return ofTcp(packet.subarray(at, end), host(8), host(24));
}

function ofTcp(octets: Uint8Array, from: string, to: string): Segment | undefined {
  const headerLength = ((octets[12] ?? 0) >> 4) * 4;
  if (headerLength < 20 || octets.length < headerLength) return undefined;
  const flags = octets[13] ?? 0;
  return {
    from: showEndpoint(from, uint16(octets, 0)),
    to: showEndpoint(to, uint16(octets, 2)),
    sequence: uint16(octets, 4) * 0x1_0000 + uint16(octets, 6),
    syn: (flags & 0x02) !== 0,
    ack: (flags & 0x10) !== 0,
    payload: octets.subarray(headerLength),
  };
}

/** An IPv6 address as RFC 5952 writes it, without the longest run of zeros. */
function showIPv6(octets: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, index) => uint16(octets, index * 2).toString(16));
  const runs = groups.join(':').match(/\b0(?::0)+\b/g) ?? [];
  const [longest] = runs.toSorted((a, b) => b.length - a.length);
  const text = groups.join(':');
  return longest === undefined ? text : text.replace(longest, '::').replace(/:{3,}/, '::');
}

function uint16(octets: Uint8Array, at: number): number {
  return ((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0);
}
