import { NetTcpError } from '../../../errors.ts';
import { copyOctets } from '../../../octets.ts';
import { concat, isSameSecret, viewOf } from '../../bytes.ts';
import type { Protection, SecurityContext } from '../mechanism.ts';
import { BLOCK_BYTES } from './cipher-text-stealing.ts';
import { type EncryptionType, UsageKey } from './encryption.ts';

/** Bits of the third byte of a token. RFC 4121 4.2.2 */
const Flag = { SentByAcceptor: 0x01, Sealed: 0x02, AcceptorSubkey: 0x04 } as const;
/** Key usages of each side, for sealing and signing. RFC 4121 2 */
const Usage = { acceptorSeal: 22, acceptorSign: 23, initiatorSeal: 24, initiatorSign: 25 } as const;
const HEADER_BYTES = 16;
const FILLER = 0xff;

interface KerberosContextOptions {
  readonly isAcceptor: boolean;
  readonly encryption: EncryptionType;
  /** Subkey of the acceptor; where it has none, that of the initiator or the session key. */
  readonly key: Uint8Array;
  /** Whether `key` is the acceptor's. Default: true. */
  readonly isAcceptorSubkey?: boolean;
  /** First sequence numbers, of 32 bits. */
  readonly sendSequence: number;
  readonly receiveSequence: number;
  /** `seal`: a token that is only signed is refused. `sign`: such a token is answered in kind. */
  readonly protection: Protection;
}

/**
 * Per-message tokens of Kerberos. RFC 4121 4.2
 *
 *     Wrap  05 04 flags FF EC(16) RRC(16) sequence(64), then sealed: data, filler of EC bytes, header again;
 *           or only signed: data, checksum of EC bytes.   All after the header is rotated right by RRC bytes.
 *     MIC   04 04 flags FF FF FF FF FF sequence(64), checksum of data and header
 */
export class KerberosContext implements SecurityContext {
  readonly #ours: Direction;
  readonly #theirs: Direction;
  readonly #protection: Protection;
  #isSealing: boolean;

  constructor(options: KerberosContextOptions) {
    const { isAcceptor, encryption, key, isAcceptorSubkey = true, protection } = options;
    const whoseKey = isAcceptorSubkey ? Flag.AcceptorSubkey : 0;
    const acceptor = new Direction(
      Flag.SentByAcceptor | whoseKey,
      new UsageKey(encryption, key, Usage.acceptorSeal),
      new UsageKey(encryption, key, Usage.acceptorSign),
      isAcceptor ? options.sendSequence : options.receiveSequence,
    );
    const initiator = new Direction(
      whoseKey,
      new UsageKey(encryption, key, Usage.initiatorSeal),
      new UsageKey(encryption, key, Usage.initiatorSign),
      isAcceptor ? options.receiveSequence : options.sendSequence,
    );
    this.#ours = isAcceptor ? acceptor : initiator;
    this.#theirs = isAcceptor ? initiator : acceptor;
    this.#protection = protection;
    this.#isSealing = protection === 'seal';
  }

  wrap(data: Uint8Array): Uint8Array {
    const { flags, seal } = this.#ours;
    if (this.#isSealing) {
      const header = this.#ours.header(5, flags | Flag.Sealed, 0);
      return concat(header, seal.encrypt(concat(data, header)));
    }
    const header = this.#ours.header(5, flags, 0);
    const checksum = seal.checksum(concat(data, header));
    // The checksum covers the header before its own length is written there.
    header[5] = checksum.length;
    return concat(header, data, checksum);
  }

  unwrap(token: Uint8Array): Uint8Array {
    const { flags, seal } = this.#theirs;
    const found = this.#theirs.check(token, 5);
    const isSealed = found === (flags | Flag.Sealed);
    if (!isSealed && found !== flags) throw refused('it was not sent by the peer to us');
    if (!isSealed && this.#protection === 'seal') throw refused('it is signed, but not sealed');
    const view = viewOf(token);
    const extra = view.getUint16(4);
    const body = turnLeft(token.subarray(HEADER_BYTES), view.getUint16(6));
    const header = copyOctets(token, 0, HEADER_BYTES);
    header.fill(0, isSealed ? 6 : 4, 8);
    this.#theirs.count();
    // A peer that only signs is answered in kind; .NET on Linux seals all the same.
    this.#isSealing = isSealed;
    return isSealed ? openSealed(seal, body, header, extra) : openSigned(seal, body, header, extra);
  }

  sign(data: Uint8Array): Uint8Array {
    const header = this.#ours.header(4, this.#ours.flags, FILLER);
    return concat(header, this.#ours.sign.checksum(concat(data, header)));
  }

  verify(data: Uint8Array, signature: Uint8Array): void {
    const { flags, sign } = this.#theirs;
    if (this.#theirs.check(signature, 4) !== flags)
      throw refused('it was not sent by the peer to us');
    const header = signature.subarray(0, HEADER_BYTES);
    const checksum = sign.checksum(concat(data, header));
    if (!isSameSecret(checksum, signature.subarray(HEADER_BYTES))) throw refused('it was changed');
    this.#theirs.count();
  }

  startData(): void {
    // The keys of Kerberos have no state: nothing begins anew.
  }
}

function openSealed(
  seal: UsageKey,
  body: Uint8Array,
  header: Uint8Array,
  extra: number,
): Uint8Array {
  const plain = seal.decrypt(body);
  const end = plain.length - HEADER_BYTES;
  if (end < extra || !isSameSecret(plain.subarray(end), header)) {
    throw refused('its header was changed');
  }
  return plain.subarray(0, end - extra);
}

function openSigned(
  seal: UsageKey,
  body: Uint8Array,
  header: Uint8Array,
  extra: number,
): Uint8Array {
  const end = body.length - extra;
  if (end < 0) throw refused('it is cut short');
  const data = body.subarray(0, end);
  if (!isSameSecret(seal.checksum(concat(data, header)), body.subarray(end))) {
    throw refused('it was changed');
  }
  return data;
}

/** Undoes a rotation to the right, which Windows makes so that it can encrypt in place. */
function turnLeft(body: Uint8Array, count: number): Uint8Array {
  const turn = body.length === 0 ? 0 : count % body.length;
  return turn === 0 ? body : concat(body.subarray(turn), body.subarray(0, turn));
}

/** One of the two directions: its keys, its flags, and the number of the next token. */
class Direction {
  readonly flags: number;
  readonly seal: UsageKey;
  readonly sign: UsageKey;
  #sequence: bigint;

  constructor(flags: number, seal: UsageKey, sign: UsageKey, sequence: number) {
    this.flags = flags;
    this.seal = seal;
    this.sign = sign;
    this.#sequence = BigInt(sequence);
  }

  /** Header of the next token that we send. @param filler what stands in place of EC and RRC */
  header(kind: number, flags: number, filler: number): Uint8Array {
    const header = new Uint8Array(HEADER_BYTES).fill(filler, 4, 8);
    header.set([kind, 4, flags, FILLER]);
    viewOf(header).setBigUint64(8, this.#sequence++);
    return header;
  }

  /** @returns the flags of a received token, which must be the next one */
  check(token: Uint8Array, kind: number): number {
    if (token.length < HEADER_BYTES + BLOCK_BYTES / 2 || token[0] !== kind || token[1] !== 4) {
      throw refused('it is not such a token');
    }
    if (viewOf(token).getBigUint64(8) !== this.#sequence) throw refused('it is not the next one');
    return token[2] ?? 0;
  }

  count(): void {
    this.#sequence += 1n;
  }
}

function refused(why: string): NetTcpError {
  return new NetTcpError('Protocol', `A Kerberos token of the peer is refused: ${why}.`);
}
