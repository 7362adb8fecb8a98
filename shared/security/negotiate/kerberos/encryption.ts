import { createCipheriv, createHmac } from 'node:crypto';
import { NetTcpError } from '../../../errors.ts';
import { concat, isSameSecret, viewOf } from '../../bytes.ts';
import { pooledRandom } from '../../random-pool.ts';
import { BLOCK_BYTES, decryptStealing, encryptStealing } from './cipher-text-stealing.ts';
import { nFold } from './n-fold.ts';

/** An encryption type of Kerberos. RFC 3962 (17, 18), RFC 8009 (19, 20) */
export interface EncryptionType {
  readonly number: number;
  readonly name: string;
  readonly keyBytes: number;
  readonly macBytes: number;
  readonly hash: 'sha1' | 'sha256' | 'sha384';
}

// prettier-ignore
const TYPES: readonly EncryptionType[] = [
  { number: 17, name: 'aes128-cts-hmac-sha1-96',    keyBytes: 16, macBytes: 12, hash: 'sha1' },
  { number: 18, name: 'aes256-cts-hmac-sha1-96',    keyBytes: 32, macBytes: 12, hash: 'sha1' },
  { number: 19, name: 'aes128-cts-hmac-sha256-128', keyBytes: 16, macBytes: 16, hash: 'sha256' },
  { number: 20, name: 'aes256-cts-hmac-sha384-192', keyBytes: 32, macBytes: 24, hash: 'sha384' },
];
const REFUSED: Readonly<Record<number, string>> = {
  1: 'des-cbc-crc',
  3: 'des-cbc-md5',
  16: 'des3-cbc-sha1',
  23: 'arcfour-hmac (RC4)',
  24: 'arcfour-hmac-exp (RC4)',
};

/** The type with that number, or `undefined`. */
export function encryptionType(number: number): EncryptionType | undefined {
  return TYPES.find((type) => type.number === number);
}

/**
 * @param what name of the key or message, for the error
 * @throws {NetTcpError} `SecurityNegotiation` for a type that is not accepted: the old ones can be broken
 */
export function requireEncryptionType(number: number, what: string): EncryptionType {
  const type = encryptionType(number);
  if (type !== undefined) return type;
  const name = REFUSED[number] ?? 'unknown';
  throw new NetTcpError(
    'SecurityNegotiation',
    `The ${what} uses Kerberos encryption type ${number} (${name}), which is not accepted: ` +
      'let the service account have AES (types 17 to 20), and make its keytab anew.',
  );
}

/** A key for one usage: the three keys derived from it, each when it is needed. RFC 3961 5.3, 8009 5 */
export class UsageKey {
  readonly type: EncryptionType;
  readonly #base: Uint8Array;
  readonly #usage: number;
  #encryption: Uint8Array | undefined;
  #integrity: Uint8Array | undefined;
  #checksum: Uint8Array | undefined;

  /** @param base as many bytes as the type's keys have */
  constructor(type: EncryptionType, base: Uint8Array, usage: number) {
    this.type = type;
    this.#base = base;
    this.#usage = usage;
  }

  /** Encrypts and authenticates. The result is longer than `plain` by `BLOCK_BYTES` and the MAC. */
  encrypt(plain: Uint8Array, confounder: Uint8Array = pooledRandom(BLOCK_BYTES)): Uint8Array {
    const { type } = this;
    const data = concat(confounder, plain);
    const sealed = encryptStealing(this.#encryptionKey(), data);
    const mac = this.#mac(
      this.#integrityKey(),
      type.hash === 'sha1' ? data : concat(ZERO_IV, sealed),
    );
    return concat(sealed, mac);
  }

  /** @throws {NetTcpError} `Protocol` if it was encrypted with another key, or changed */
  decrypt(sealed: Uint8Array): Uint8Array {
    const { type } = this;
    const end = sealed.length - type.macBytes;
    if (end < BLOCK_BYTES) throw changed();
    const cipher = sealed.subarray(0, end);
    const mac = sealed.subarray(end);
    // The newer types authenticate the ciphertext, the older ones the plaintext.
    if (type.hash !== 'sha1') this.#check(concat(ZERO_IV, cipher), mac);
    const data = decryptStealing(this.#encryptionKey(), cipher);
    if (type.hash === 'sha1') this.#check(data, mac);
    return data.subarray(BLOCK_BYTES);
  }

  /** A checksum of `data`, of the type's own kind. */
  checksum(data: Uint8Array): Uint8Array {
    this.#checksum ??= this.#derive(0x99, macKeyBytes(this.type));
    return this.#mac(this.#checksum, data);
  }

  #check(data: Uint8Array, mac: Uint8Array): void {
    if (!isSameSecret(this.#mac(this.#integrityKey(), data), mac)) throw changed();
  }

  #encryptionKey(): Uint8Array {
    return (this.#encryption ??= this.#derive(0xaa, this.type.keyBytes));
  }

  #integrityKey(): Uint8Array {
    return (this.#integrity ??= this.#derive(0x55, macKeyBytes(this.type)));
  }

  #mac(key: Uint8Array, data: Uint8Array): Uint8Array {
    const { hash, macBytes } = this.type;
    return createHmac(hash, key).update(data).digest().subarray(0, macBytes);
  }

  #derive(purpose: number, size: number): Uint8Array {
    return deriveKey(this.type, this.#base, this.#usage, purpose, size);
  }
}

const ZERO_IV = new Uint8Array(BLOCK_BYTES);
const COUNTER = Uint8Array.of(0, 0, 0, 1);

/** The newer types' MAC keys are half as long as their hash. */
function macKeyBytes({ hash, keyBytes }: EncryptionType): number {
  return hash === 'sha384' ? 24 : keyBytes;
}

/** What a derived key is for. */
function labelOf(usage: number, purpose: number): Uint8Array {
  const label = new Uint8Array(5);
  viewOf(label).setUint32(0, usage);
  label[4] = purpose;
  return label;
}

/** Folded labels, which no key is in: as many as there are usages, by {@link labelOf} as a number. */
const folded = new Map<number, Uint8Array>();

function foldedLabel(usage: number, purpose: number): Uint8Array {
  const number = usage * 0x100 + purpose;
  let block = folded.get(number);
  if (block === undefined)
    folded.set(number, (block = nFold(labelOf(usage, purpose), BLOCK_BYTES)));
  return block;
}

/** DK of RFC 3961 for the older types, KDF-HMAC-SHA2 of RFC 8009 for the newer. */
function deriveKey(
  { hash }: EncryptionType,
  base: Uint8Array,
  usage: number,
  purpose: number,
  size: number,
): Uint8Array {
  if (hash !== 'sha1') {
    const bits = size * 8;
    const length = Uint8Array.of(0, 0, 0, bits >> 8, bits & 0xff);
    const input = concat(COUNTER, labelOf(usage, purpose), length);
    return createHmac(hash, base).update(input).digest().subarray(0, size);
  }
  const blocks: Uint8Array[] = [];
  let block = foldedLabel(usage, purpose);
  // Each block by itself: one cipher makes them all.
  const cipher = createCipheriv(base.length === 32 ? 'aes-256-ecb' : 'aes-128-ecb', base, null);
  cipher.setAutoPadding(false);
  for (let made = 0; made < size; made += BLOCK_BYTES) {
    block = cipher.update(block);
    blocks.push(block);
  }
  return concat(...blocks).subarray(0, size);
}

function changed(): NetTcpError {
  return new NetTcpError(
    'Protocol',
    'A Kerberos message was encrypted with another key, or was changed on its way.',
  );
}
