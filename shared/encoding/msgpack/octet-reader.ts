import type { ObjectShape } from '../../contract/types/types.ts';
import { NetTcpError } from '../../errors.ts';
import type { UnknownPart } from '../unknown.ts';
import * as format from './formats.ts';

/**
 * A place in a message: reads the heads of MessagePack values and refuses a length that the message
 * cannot hold before anyone allocates for it.
 *
 * One reader serves all sessions of a process: a message is read in one go, and a reader of its own
 * would keep a session's last chunk (64 KiB) alive while the session idles.
 */
export class OctetReader {
  bytes = new Uint8Array(0);
  view = new DataView(this.bytes.buffer);
  /** Offset of the next byte. */
  at = 0;
  end = 0;
  maxDepth = 0;
  /** Objects of the message that others refer to, by their numbers; `undefined` until there is one. */
  objects: Map<number, { readonly object: object; readonly type: ObjectShape }> | undefined;

  /** What was passed over in the message. */
  unknown: UnknownPart[] | undefined;

  /** Goes to the start of a message. */
  open(bytes: Uint8Array, start: number, end: number, maxDepth: number): void {
    // A chunk carries many messages. Its view is made only once: that costs as much as reading a call.
    if (bytes !== this.bytes) {
      this.bytes = bytes as Uint8Array<ArrayBuffer>;
      this.view = new DataView(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
    }
    this.at = start;
    this.end = end;
    this.maxDepth = maxDepth;
    this.objects = undefined;
    this.unknown = undefined;
  }

  /** @throws {NetTcpError} `Protocol` when bytes follow the message */
  finish(): void {
    if (this.at !== this.end) throw malformed(`has bytes after its end (${this.end - this.at})`);
  }

  /** Whether the next value is a map. */
  get mapAhead(): boolean {
    const octet = this.peek();
    return (octet & 0xf0) === format.FIXMAP || octet === format.MAP16 || octet === format.MAP32;
  }

  /** The first byte of the next value. */
  peek(): number {
    const octet = this.at < this.end ? this.bytes[this.at] : undefined;
    if (octet === undefined) throw cutShort();
    return octet;
  }

  /** @throws {NetTcpError} `Protocol` when fewer than `count` bytes are left */
  need(count: number): void {
    if (count > this.end - this.at) throw cutShort();
  }

  /** Number of elements of an array, or −1 (and nothing is read) when the next value is none. */
  arrayHead(): number {
    const octet = this.peek();
    if (octet >= format.FIXARRAY && octet <= 0x9f) {
      this.at += 1;
      return this.#claim(octet & 0x0f, 1);
    }
    if (octet === format.ARRAY16) return this.#claim(this.unsigned(2), 1);
    if (octet === format.ARRAY32) return this.#claim(this.unsigned(4), 1);
    return -1;
  }

  /** Number of pairs of a map, or −1 (and nothing is read) when the next value is none. */
  mapHead(): number {
    const octet = this.peek();
    if (octet >= format.FIXMAP && octet <= 0x8f) {
      this.at += 1;
      return this.#claim(octet & 0x0f, 2);
    }
    if (octet === format.MAP16) return this.#claim(this.unsigned(2), 2);
    if (octet === format.MAP32) return this.#claim(this.unsigned(4), 2);
    return -1;
  }

  /** Bytes of a string, or −1 (and nothing is read) when the next value is none. */
  stringHead(): number {
    const octet = this.peek();
    if (octet >= format.FIXSTR && octet <= 0xbf) {
      this.at += 1;
      return this.#claim(octet & 0x1f, 1);
    }
    if (octet === format.STR8) return this.#claim(this.unsigned(1), 1);
    if (octet === format.STR16) return this.#claim(this.unsigned(2), 1);
    if (octet === format.STR32) return this.#claim(this.unsigned(4), 1);
    return -1;
  }

  /** Bytes of a binary, or −1 (and nothing is read) when the next value is none. */
  binaryHead(): number {
    const octet = this.peek();
    if (octet === format.BIN8) return this.#claim(this.unsigned(1), 1);
    if (octet === format.BIN16) return this.#claim(this.unsigned(2), 1);
    if (octet === format.BIN32) return this.#claim(this.unsigned(4), 1);
    return -1;
  }

  /** Bytes of an extension with its type, or −1 (and nothing is read) when the next value is none. */
  extensionHead(): number {
    const octet = this.peek();
    if (octet >= format.FIXEXT1 && octet <= format.FIXEXT16) {
      this.at += 1;
      return this.#claim((1 << (octet - format.FIXEXT1)) + 1, 1);
    }
    if (octet === format.EXT8) return this.#claim(this.unsigned(1) + 1, 1);
    if (octet === format.EXT16) return this.#claim(this.unsigned(2) + 1, 1);
    if (octet === format.EXT32) return this.#claim(this.unsigned(4) + 1, 1);
    return -1;
  }

  /** The unsigned integer of `width` bytes after the first byte. */
  unsigned(width: 1 | 2 | 4): number {
    this.need(1 + width);
    const from = this.at + 1;
    this.at = from + width;
    if (width === 1) return this.view.getUint8(from);
    return width === 2 ? this.view.getUint16(from) : this.view.getUint32(from);
  }

  /** Every item takes at least `octetsEach` bytes, so a count that does not fit is a lie. */
  #claim(count: number, octetsEach: number): number {
    this.need(count * octetsEach);
    return count;
  }
}

/** The error for bytes that are no message: the session is over. @param what completes "message …" */
export function malformed(what: string): NetTcpError {
  return new NetTcpError('Protocol', `message ${what}`);
}

function cutShort(): NetTcpError {
  return malformed('ends in the middle of a value');
}

/**
 * Skips one value of any kind, extensions included, and checks its form on the way. It keeps a stack of its
 * own: deep nesting costs memory up to `maxDepth`, never the call stack.
 *
 * @param depth arrays and maps around the value
 * @throws {NetTcpError} `Protocol` when it is cut short, nested too deep or contains 0xc1
 */
export function skip(reader: OctetReader, depth: number): void {
  const dueOutside: number[] = []; // values still to come in each open container, outermost first
  let due = 1;
  for (;;) {
    while (due === 0) {
      const outer = dueOutside.pop();
      if (outer === undefined) return;
      due = outer;
    }
    due -= 1;
    const inside = skipHead(reader);
    if (inside < 0) continue;
    dueOutside.push(due);
    checkDepth(reader, depth + dueOutside.length);
    due = inside;
  }
}

/** @throws {NetTcpError} `Protocol` when `depth` nested arrays and maps are too many */
export function checkDepth(reader: OctetReader, depth: number): void {
  if (depth > reader.maxDepth) throw malformed(`is nested deeper than ${reader.maxDepth}`);
}

/** Skips a scalar, or a container's head. @returns the values in the container, −1 for a scalar */
function skipHead(reader: OctetReader): number {
  const octet = reader.peek();
  if (octet < format.FIXMAP || octet >= format.NEGATIVE_FIXINT) return pass(reader, 1);
  if (octet >= format.FLOAT32 && octet <= format.INT64) {
    return pass(reader, 1 + format.numberWidth(octet));
  }
  const elements = reader.arrayHead();
  if (elements >= 0) return elements;
  const pairs = reader.mapHead();
  if (pairs >= 0) return 2 * pairs;
  let octets = reader.stringHead();
  if (octets < 0) octets = reader.binaryHead();
  if (octets < 0) octets = reader.extensionHead();
  if (octets >= 0) return pass(reader, octets);
  if (octet === format.NEVER_USED) throw malformed('contains 0xc1, which MessagePack never uses');
  return pass(reader, 1); // nil, false and true
}

function pass(reader: OctetReader, octets: number): -1 {
  reader.need(octets);
  reader.at += octets;
  return -1;
}
