import { NetTcpError } from '../errors.ts';

/** One element: its tag, its content, and where the next one begins. */
interface DerElement {
  readonly tag: number;
  readonly content: Uint8Array;
  /** Offset just after the element, in what it was read from. */
  readonly end: number;
}

/** Tags of X.690 that security tokens use; all of one byte. */
export const Tag = {
  Integer: 0x02,
  OctetString: 0x04,
  ObjectIdentifier: 0x06,
  Enumerated: 0x0a,
  GeneralString: 0x1b,
  GeneralizedTime: 0x18,
  Sequence: 0x30,
  /** `[APPLICATION number]`, with more elements in it. */
  application: (number: number): number => 0x60 | number,
  /** `[number]`, with more elements in it. */
  context: (number: number): number => 0xa0 | number,
} as const;

// A length that takes four bytes or more is longer than any token: refused before it is used.
const MAX_LENGTH_BYTES = 3;

/**
 * The element at `at`. X.690 8.1, with the tags and lengths that security tokens need: one byte of tag,
 * definite lengths below 2^24. Lengths written longer than needed are accepted, as Windows writes them.
 *
 * @param what name of the token, for the error
 * @throws {NetTcpError} `Protocol` for anything else, and for an element longer than `bytes`
 */
export function readElement(bytes: Uint8Array, at: number, what: string): DerElement {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined) throw malformed(what, 'it is cut short');
  if ((tag & 0x1f) === 0x1f) throw malformed(what, 'a tag is longer than one byte');
  let start = at + 2;
  let length = first;
  if (first >= 0x80) {
    const count = first & 0x7f;
    if (count === 0 || count > MAX_LENGTH_BYTES) throw malformed(what, 'a length is out of range');
    length = 0;
    for (let index = 0; index < count; index++) length = length * 0x100 + (bytes[start++] ?? 0);
  }
  const end = start + length;
  if (end > bytes.length) throw malformed(what, 'it is cut short');
  return { tag, content: bytes.subarray(start, end), end };
}

/** The content of the element at the beginning of `bytes`, which must have that tag. */
export function readContent(bytes: Uint8Array, tag: number, what: string): Uint8Array {
  const element = readElement(bytes, 0, what);
  if (element.tag !== tag) throw unexpected(what, tag, element.tag);
  return element.content;
}

/** As `readContent`, for an element that must also be the only one. */
export function readOnly(bytes: Uint8Array, tag: number, what: string): Uint8Array {
  const element = readElement(bytes, 0, what);
  if (element.tag !== tag) throw unexpected(what, tag, element.tag);
  if (element.end !== bytes.length) throw malformed(what, 'bytes follow its end');
  return element.content;
}

/** The contents of all elements of `bytes`, each of which must have that tag. */
export function readAll(bytes: Uint8Array, tag: number, what: string): Uint8Array[] {
  const contents: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const element = readElement(bytes, at, what);
    if (element.tag !== tag) throw unexpected(what, tag, element.tag);
    contents.push(element.content);
    at = element.end;
  }
  return contents;
}

/** The `[0]`, `[1]`, … of a SEQUENCE's content, in rising order. Fields that nobody asks for are not parsed. */
export class DerFields {
  readonly #fields = new Map<number, Uint8Array>();
  readonly #what: string;

  /** @throws {NetTcpError} `Protocol` if it is no run of fields in rising order */
  constructor(content: Uint8Array, what: string) {
    this.#what = what;
    let last = -1;
    for (let at = 0; at < content.length;) {
      const element = readElement(content, at, what);
      const number = element.tag & 0x1f;
      if ((element.tag & 0xe0) !== 0xa0 || number <= last)
        throw malformed(what, 'its fields are not in order');
      this.#fields.set(number, element.content);
      last = number;
      at = element.end;
    }
  }

  has(number: number): boolean {
    return this.#fields.has(number);
  }

  /** Everything in field `number`, tags included. @throws {NetTcpError} `Protocol` if it is missing */
  raw(number: number): Uint8Array {
    const field = this.#fields.get(number);
    if (field === undefined) throw malformed(this.#what, `field ${number} is missing`);
    return field;
  }

  /** Content of the one element in field `number`, which must have that tag. */
  content(number: number, tag: number): Uint8Array {
    return readOnly(this.raw(number), tag, this.#what);
  }

  optional(number: number, tag: number): Uint8Array | undefined {
    return this.has(number) ? this.content(number, tag) : undefined;
  }

  /** An INTEGER of at most 48 bits. */
  integer(number: number): number {
    return toInteger(this.content(number, Tag.Integer), this.#what);
  }

  optionalInteger(number: number): number | undefined {
    return this.has(number) ? this.integer(number) : undefined;
  }
}

function toInteger(content: Uint8Array, what: string): number {
  // Six bytes are 48 bits: enough for every number of these tokens, and exact in a double.
  if (content.length === 0 || content.length > 6) throw malformed(what, 'a number is out of range');
  let value = 0;
  for (const byte of content) value = value * 0x100 + byte;
  return (content[0] ?? 0) >= 0x80 ? value - 0x100 ** content.length : value;
}

function unexpected(what: string, wanted: number, found: number): NetTcpError {
  return malformed(what, `0x${found.toString(16)} stands where 0x${wanted.toString(16)} belongs`);
}

/** The error for a token that cannot be read. */
export function malformed(what: string, why: string): NetTcpError {
  return new NetTcpError('Protocol', `The ${what} cannot be read: ${why}.`);
}
