import { NetTcpError } from '../../errors.ts';
import { OctetWriter } from '../../octets.ts';
import { ipv4Text, ipv6Text } from './ip-text.ts';

/** What a front says of a connection before its first byte: a header of the PROXY protocol, version 2. */
interface ProxyHeader {
  /** Bytes that it takes; those of the client follow. */
  readonly size: number;
  /** The client's IP address; `undefined` where the front does not say, or the connection is its own (a check). */
  readonly source: string | undefined;
}

const SIGNATURE = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];
const VERSION_1 = 'PROXY ';
/** Signature, version and command, family and transport, length of the rest. */
const FIXED_BYTES = 16;
const IPV4 = { family: 1, addressBytes: 4, blockBytes: 12, text: ipv4Text } as const;
const IPV6 = { family: 2, addressBytes: 16, blockBytes: 36, text: ipv6Text } as const;
const UNIX = 3;
const STREAM = 1;
const DATAGRAM = 2;

/**
 * Reads the header with which `bytes` begin. What follows the addresses (TLVs) is skipped.
 *
 * @param maxBytes what the whole header may have
 * @returns `undefined` while it is not complete
 * @throws {NetTcpError} `Protocol` for anything else, `QuotaExceeded` for one that is too long; as soon as that shows
 */
function readProxyHeader(bytes: Uint8Array, maxBytes: number): ProxyHeader | undefined {
  const start = String.fromCharCode(...bytes.subarray(0, VERSION_1.length));
  if (start === VERSION_1) throw unsigned('version 1 of the PROXY protocol');
  if (start !== '' && VERSION_1.startsWith(start)) return undefined;
  const isSigned = SIGNATURE.every((byte, at) => at >= bytes.length || bytes[at] === byte);
  if (!isSigned) throw unsigned('no PROXY protocol header');
  const [versionAndCommand, familyAndTransport] = bytes.subarray(SIGNATURE.length);
  if (versionAndCommand === undefined) return undefined;
  const command = versionAndCommand & 15;
  if (versionAndCommand >> 4 !== 2) {
    throw invalid(`version ${versionAndCommand >> 4} of the PROXY protocol, not 2`);
  }
  if (command > 1) throw invalid(`command ${command}, which is neither LOCAL nor PROXY`);
  if (familyAndTransport === undefined) return undefined;
  const family = familyAndTransport >> 4;
  const transport = familyAndTransport & 15;
  if (family > UNIX || transport > DATAGRAM) {
    throw invalid(`address family ${family} and transport ${transport}, which do not exist`);
  }
  if (bytes.length < FIXED_BYTES) return undefined;
  const length = ((bytes[14] ?? 0) << 8) | (bytes[15] ?? 0);
  const size = FIXED_BYTES + length;
  if (size > maxBytes) {
    const text = `a front sent a PROXY protocol header of ${size} bytes: ${maxBytes} are allowed (maxProxyHeaderBytes)`;
    throw new NetTcpError('QuotaExceeded', text);
  }
  const isLocal = command === 0;
  const form = isLocal ? undefined : [IPV4, IPV6].find((one) => one.family === family);
  if (form !== undefined && transport !== STREAM) {
    throw invalid(`a connection of transport ${transport}, which is not TCP`);
  }
  if (form !== undefined && length < form.blockBytes) {
    throw invalid(`${length} bytes of addresses, where ${form.blockBytes} are due`);
  }
  if (bytes.length < size) return undefined;
  const address = bytes.subarray(FIXED_BYTES, FIXED_BYTES + (form?.addressBytes ?? 0));
  return { size, source: form?.text(address) };
}

/** Reads the header of one connection, however it is cut. */
export class ProxyHeaderReader {
  readonly #maxBytes: number;
  readonly #read = new OctetWriter(64);

  /** @param maxBytes the limit `maxProxyHeaderBytes` */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** What was read of the header so far. */
  get bytes(): Uint8Array {
    return this.#read.bytes.subarray(0, this.#read.length);
  }

  /**
   * Takes bytes until the header is complete.
   *
   * @returns the header, and how many of `bytes` belong to it; `undefined` while it is not complete
   * @throws {NetTcpError} `Protocol`, `QuotaExceeded`: what was read is no header that is taken
   */
  take(bytes: Uint8Array): (ProxyHeader & { readonly taken: number }) | undefined {
    const before = this.#read.length;
    // More than that is never a part of it, and one read may bring 64 KiB.
    this.#read.append(bytes.subarray(0, Math.max(FIXED_BYTES, this.#maxBytes) - before));
    const header = readProxyHeader(this.bytes, this.#maxBytes);
    if (header === undefined) return undefined;
    this.#read.length = header.size;
    return { ...header, taken: header.size - before };
  }
}

/** For a front that sends something else. */
function unsigned(what: string): NetTcpError {
  const text = `a front that is trusted (trust-proxy) sent ${what}: it has to send version 2 (HAProxy: send-proxy-v2; in checks check-send-proxy)`;
  return new NetTcpError('Protocol', text);
}

function invalid(what: string): NetTcpError {
  return new NetTcpError('Protocol', `a front sent a PROXY protocol header with ${what}`);
}
