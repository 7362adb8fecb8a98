import { NetTcpError } from '../../../errors.ts';
import { viewOf } from '../../bytes.ts';

/** A key of a service. */
export interface KeytabEntry {
  /** `host/server.example.org`, without the realm. */
  readonly name: string;
  readonly realm: string;
  /** Version of the key: the next one comes with a new password. */
  readonly version: number;
  /** Number of the encryption type. */
  readonly encryption: number;
  readonly key: Uint8Array;
}

// A keytab of a service has a dozen entries.
const MAX_ENTRIES = 10_000;
const UTF8 = new TextDecoder();

/**
 * The keys in a keytab file, format 0x0502 of MIT (Heimdal, ktpass and Samba write the same). Big-endian:
 *
 *     0502, then entries: size(32, signed: negative is a hole) count(16) realm name… type(32) time(32)
 *     version(8) encryption(16) key [version(32)]     texts and key: length(16) bytes
 *
 * @param file what the error calls the file
 * @throws {NetTcpError} `Usage` if it is not such a file, or has no keys
 */
export function parseKeytab(bytes: Uint8Array, file: string): readonly KeytabEntry[] {
  if (bytes.length === 0) throw unusable(file, 'it is empty');
  if (bytes[0] !== 5 || bytes[1] !== 2) {
    throw unusable(file, 'it does not begin with 05 02, as a keytab does');
  }
  const view = viewOf(bytes);
  const entries: KeytabEntry[] = [];
  let at = 2;
  while (at + 4 <= bytes.length) {
    const size = view.getInt32(at);
    at += 4;
    if (size === 0) break;
    const end = at + Math.abs(size);
    if (end > bytes.length) throw unusable(file, 'an entry is cut short');
    if (size > 0) entries.push(readEntry(bytes.subarray(at, end), file));
    if (entries.length > MAX_ENTRIES) throw unusable(file, `it has over ${MAX_ENTRIES} keys`);
    at = end;
  }
  if (entries.length === 0) throw unusable(file, 'it has no keys');
  return entries;
}

function readEntry(bytes: Uint8Array, file: string): KeytabEntry {
  const reader = new EntryReader(bytes, file);
  const count = reader.number(2);
  const realm = UTF8.decode(reader.bytes());
  const names: string[] = [];
  for (let index = 0; index < count; index++) names.push(UTF8.decode(reader.bytes()));
  reader.number(4); // type of the name
  reader.number(4); // when the key was written
  const short = reader.number(1);
  const encryption = reader.number(2);
  const key = Uint8Array.from(reader.bytes());
  // The version in 32 bits, where eight are too few; otherwise absent, or 0.
  const long = reader.left >= 4 ? reader.number(4) : 0;
  return { name: names.join('/'), realm, version: long === 0 ? short : long, encryption, key };
}

class EntryReader {
  readonly #bytes: Uint8Array;
  readonly #file: string;
  #at = 0;

  constructor(bytes: Uint8Array, file: string) {
    this.#bytes = bytes;
    this.#file = file;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  number(size: number): number {
    let value = 0;
    for (const byte of this.#take(size)) value = value * 0x100 + byte;
    return value;
  }

  bytes(): Uint8Array {
    return this.#take(this.number(2));
  }

  #take(size: number): Uint8Array {
    if (size > this.left) throw unusable(this.#file, 'an entry is cut short');
    const start = this.#at;
    this.#at += size;
    return this.#bytes.subarray(start, this.#at);
  }
}

function unusable(file: string, why: string): NetTcpError {
  return new NetTcpError('Usage', `${file} cannot be used: ${why}.`);
}
