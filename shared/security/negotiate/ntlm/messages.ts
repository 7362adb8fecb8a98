import { copyOctets } from '../../../octets.ts';
import { concat, utf16, utf8, viewOf } from '../../bytes.ts';
import { malformed } from '../../der.ts';

/** Bits of NegotiateFlags that are used. [MS-NLMP] 2.2.2.5 */
export const Flag = {
  Unicode: 0x0000_0001,
  RequestTarget: 0x0000_0004,
  Sign: 0x0000_0010,
  Seal: 0x0000_0020,
  Ntlm: 0x0000_0200,
  AlwaysSign: 0x0000_8000,
  TargetTypeServer: 0x0002_0000,
  ExtendedSessionSecurity: 0x0008_0000,
  TargetInfo: 0x0080_0000,
  Version: 0x0200_0000,
  Key128: 0x2000_0000,
  KeyExchange: 0x4000_0000,
  Key56: 0x8000_0000 | 0,
} as const;

/** What both sides must set, so that others cannot change the connection; with `Flag.Seal`, nor read it. */
export const REQUIRED =
  Flag.Unicode |
  Flag.Sign |
  Flag.Ntlm |
  Flag.ExtendedSessionSecurity |
  Flag.Key128 |
  Flag.KeyExchange;

/** Ids of AV_PAIRs. [MS-NLMP] 2.2.2.1 */
export const Pair = {
  End: 0,
  ComputerName: 1,
  DomainName: 2,
  DnsComputerName: 3,
  DnsDomainName: 4,
  Flags: 6,
  Timestamp: 7,
  TargetName: 9,
  ChannelBindings: 10,
} as const;

/** The answer to a challenge. */
export interface Authenticate {
  readonly flags: number;
  readonly domain: string;
  readonly user: string;
  /** NTProofStr (16 bytes) and what it proves. */
  readonly response: Uint8Array;
  /** The session key, encrypted. */
  readonly sessionKey: Uint8Array;
  readonly mic: Uint8Array;
}

interface Challenge {
  readonly flags: number;
  readonly challenge: Uint8Array;
  readonly targetInfo: ReadonlyMap<number, Uint8Array>;
}

const SIGNATURE = utf8('NTLMSSP\0');
/** Windows 6.2 without a build number, revision 15 of NTLM. */
const VERSION = Uint8Array.of(6, 2, 0, 0, 0, 0, 0, 15);
const MIC_AT = 72;
const MIC_BYTES = 16;
const AUTHENTICATE_HEADER = MIC_AT + MIC_BYTES;
const CHALLENGE_HEADER = 56;
const UTF16 = new TextDecoder('utf-16le');

/** NEGOTIATE_MESSAGE. [MS-NLMP] 2.2.1.1 */
export function writeNegotiate(flags: number): Uint8Array {
  return concat(SIGNATURE, u32(1), u32(flags), new Uint8Array(16), VERSION);
}

/** @returns its flags */
export function readNegotiate(bytes: Uint8Array): number {
  expectKind(bytes, 1, 16);
  return viewOf(bytes).getInt32(12, true);
}

/** CHALLENGE_MESSAGE. [MS-NLMP] 2.2.1.2 */
export function writeChallenge(
  flags: number,
  challenge: Uint8Array,
  target: string,
  pairs: Uint8Array,
): Uint8Array {
  const name = utf16(target);
  const namePlace = place(name.length, CHALLENGE_HEADER);
  const pairsPlace = place(pairs.length, CHALLENGE_HEADER + name.length);
  const head = [SIGNATURE, u32(2), namePlace, u32(flags), challenge, new Uint8Array(8)];
  return concat(...head, pairsPlace, VERSION, name, pairs);
}

/** @throws {NetTcpError} `Protocol` if it is not such a message */
export function readChallenge(bytes: Uint8Array): Challenge {
  expectKind(bytes, 2, 48);
  return {
    flags: viewOf(bytes).getInt32(20, true),
    challenge: copyOctets(bytes, 24, 32),
    targetInfo: readPairs(placed(bytes, 40)),
  };
}

/** AUTHENTICATE_MESSAGE with zeros for the MIC, until that is known. [MS-NLMP] 2.2.1.3 */
export function writeAuthenticate(
  message: Omit<Authenticate, 'mic'>,
  workstation: string,
): Uint8Array {
  const lmResponse = new Uint8Array(24);
  const names = [message.domain, message.user, workstation].map(utf16);
  const parts = [lmResponse, message.response, ...names, message.sessionKey];
  let offset = AUTHENTICATE_HEADER;
  const places = parts.map((part) => {
    offset += part.length;
    return place(part.length, offset - part.length);
  });
  const head = [SIGNATURE, u32(3), ...places, u32(message.flags), VERSION];
  return concat(...head, new Uint8Array(MIC_BYTES), ...parts);
}

/** @throws {NetTcpError} `Protocol` if it is not such a message, or has no MIC */
export function readAuthenticate(bytes: Uint8Array): Authenticate {
  expectKind(bytes, 3, AUTHENTICATE_HEADER);
  const view = viewOf(bytes);
  for (let at = 12; at <= 52; at += 8) {
    if (view.getUint16(at, true) > 0 && view.getUint32(at + 4, true) < AUTHENTICATE_HEADER) {
      throw malformed(WHAT, 'it has no MIC');
    }
  }
  return {
    flags: view.getInt32(60, true),
    domain: readText(placed(bytes, 28)),
    user: readText(placed(bytes, 36)),
    response: placed(bytes, 20),
    sessionKey: placed(bytes, 52),
    mic: copyOctets(bytes, MIC_AT, AUTHENTICATE_HEADER),
  };
}

/** A copy of such a message with another MIC. */
export function withMic(bytes: Uint8Array, mic: Uint8Array): Uint8Array {
  const changed = new Uint8Array(bytes);
  changed.set(mic, MIC_AT);
  return changed;
}

/** A list of AV_PAIRs, with the one that ends it. */
export function writePairs(pairs: ReadonlyMap<number, Uint8Array>): Uint8Array {
  const written = [...pairs].map(([id, value]) => concat(u16(id), u16(value.length), value));
  return concat(...written, new Uint8Array(4));
}

/** @throws {NetTcpError} `Protocol` if the list does not end */
export function readPairs(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const pairs = new Map<number, Uint8Array>();
  const view = viewOf(bytes);
  for (let at = 0; at + 4 <= bytes.length;) {
    const id = view.getUint16(at, true);
    const end = at + 4 + view.getUint16(at + 2, true);
    if (id === Pair.End) return pairs;
    if (end > bytes.length) break;
    pairs.set(id, bytes.subarray(at + 4, end));
    at = end;
  }
  throw malformed(WHAT, 'its target information does not end');
}

const WHAT = 'NTLM message';

function expectKind(bytes: Uint8Array, kind: number, atLeast: number): void {
  const isNtlm = SIGNATURE.every((byte, index) => bytes[index] === byte);
  if (!isNtlm || bytes.length < atLeast) throw malformed(WHAT, 'it is not a whole one');
  if (viewOf(bytes).getUint32(8, true) !== kind) throw malformed(WHAT, 'it is another one');
}

/** The bytes that the length and the offset at `at` point to. */
function placed(bytes: Uint8Array, at: number): Uint8Array {
  const view = viewOf(bytes);
  const length = view.getUint16(at, true);
  const start = view.getUint32(at + 4, true);
  if (length > 0 && start + length > bytes.length) throw malformed(WHAT, 'it is cut short');
  return bytes.subarray(start, start + length);
}

function place(length: number, offset: number): Uint8Array {
  return concat(u16(length), u16(length), u32(offset));
}

/** Without the NUL that gss-ntlmssp writes after a name. */
function readText(bytes: Uint8Array): string {
  return UTF16.decode(bytes).replace(/\0+$/, '');
}

function u16(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, value >> 8);
}

function u32(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, value >>> 24);
}
