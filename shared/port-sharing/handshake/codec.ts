import { Packr, RESERVE_START_SPACE } from 'msgpackr/index-no-eval';
import { messageOf, NetTcpError } from '../../errors.ts';

/** Bytes of the length that precedes each message: an unsigned number, big-endian. */
export const LENGTH_BYTES = 4;

// The deepest message is a page of status: a map of lists of maps with lists.
const MAX_DEPTH = 4;

const packr = new Packr({
  useRecords: false,
  // Members that are undefined are left out: MessagePack has no such value.
  skipValues: [undefined],
  // An integer that is not exact is also not safe, and the check of shapes refuses it.
  int64AsType: 'number',
  // Values must not keep alive all the memory that they were read from.
  copyBuffers: true,
});

/** The bytes of a message, with its length before it. */
export function encodeMessage(message: object): Buffer {
  const bytes = packr.pack(message, RESERVE_START_SPACE | LENGTH_BYTES);
  bytes.writeUInt32BE(bytes.length - LENGTH_BYTES);
  return bytes;
}

/**
 * The value of a message, with `Uint8Array` for bin and plain objects for maps.
 *
 * @param bytes the message, without its length
 * @throws {NetTcpError} `Protocol` if it is not one value of plain MessagePack, or nested deeper than any message
 */
export function decodeMessage(bytes: Uint8Array): unknown {
  checkForm(bytes);
  try {
    return packr.unpack(bytes);
  } catch (cause) {
    throw broken(messageOf(cause), cause);
  }
}

/**
 * Splits a list that may be too long for one message into pages of at most `maxBytes`, unless a single item has
 * more. There is at least one page. Items are taken from `items` only when their page is.
 */
export function* pagesOf<T>(
  items: Iterable<T>,
  maxBytes: number,
): Generator<{ readonly page: readonly T[]; readonly isLast: boolean }> {
  let page: T[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = packr.pack(item).length;
    if (page.length > 0 && bytes + size > maxBytes) {
      yield { page, isLast: false };
      page = [];
      bytes = 0;
    }
    page.push(item);
    bytes += size;
  }
  yield { page, isLast: true };
}

/** How many bytes follow the first one of a value: of its content (FIXED), or of its length (the others). */
const FIXED = new Map([
  [0xc0, 0], // nil
  [0xc2, 0], // false
  [0xc3, 0], // true
  [0xca, 4], // float 32
  [0xcb, 8], // float 64
  [0xcc, 1], // uint 8 to 64
  [0xcd, 2],
  [0xce, 4],
  [0xcf, 8],
  [0xd0, 1], // int 8 to 64
  [0xd1, 2],
  [0xd2, 4],
  [0xd3, 8],
]);
const SIZED = new Map([
  [0xc4, 1], // bin 8 to 32
  [0xc5, 2],
  [0xc6, 4],
  [0xd9, 1], // str 8 to 32
  [0xda, 2],
  [0xdb, 4],
]);
const CONTAINERS = new Map([
  [0xdc, 2], // array 16 and 32
  [0xdd, 4],
  [0xde, 2], // map 16 and 32
  [0xdf, 4],
]);

/**
 * Checks the form of a message before msgpackr reads it: msgpackr recurses for each level, makes room for as many
 * items as an array claims to have, and knows extensions that stand for functions, sets and references.
 */
function checkForm(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const skip = (count: number): void => {
    at += count;
    if (at > bytes.length) throw broken('it ends early');
  };
  const length = (width: number): number => {
    const start = at;
    skip(width);
    if (width === 1) return view.getUint8(start);
    return width === 2 ? view.getUint16(start) : view.getUint32(start);
  };
  /** How many values are still to come at each level. */
  const left = [1];
  for (;;) {
    const level = left.length - 1;
    const count = left[level];
    if (count === undefined) break;
    if (count === 0) {
      left.pop();
      continue;
    }
    left[level] = count - 1;
    const first = length(1);
    const items = itemsOf(first, length);
    if (items !== undefined) {
      if (left.length > MAX_DEPTH) throw broken('it is nested too deeply');
      if (items > bytes.length - at) throw broken('it ends early');
      left.push(items);
    } else if (first >= 0xa0 && first < 0xc0) skip(first & 0x1f);
    else if (first >= 0x80 && first < 0xe0) {
      const size = SIZED.get(first);
      const fixed = size === undefined ? FIXED.get(first) : length(size);
      if (fixed === undefined) throw broken('it has a value of a type that no message has');
      skip(fixed);
    }
  }
  if (at < bytes.length) throw broken('it has bytes after its end');
}

/** How many values a container holds; `undefined` if it is not a container. */
function itemsOf(first: number, length: (width: number) => number): number | undefined {
  if (first >= 0x80 && first < 0x90) return 2 * (first & 0x0f);
  if (first >= 0x90 && first < 0xa0) return first & 0x0f;
  const width = CONTAINERS.get(first);
  if (width === undefined) return undefined;
  return first >= 0xde ? 2 * length(width) : length(width);
}

function broken(why: string, cause?: unknown): NetTcpError {
  return new NetTcpError('Protocol', `not a message: ${why}`, { cause });
}
