import { size, sizedText } from './octets.ts';

/**
 * As much of [MC-NBFX] as the requests of a WCF client to the two test contracts need. It is written
 * from the specification and shares nothing with the product: what checks the product must not be made of it.
 */

export type Value = string | number | boolean | bigint | Buffer;

export interface Element {
  /** Local name; `#` and the id in hexadecimal for one of the static dictionary. */
  readonly name: string;
  readonly children: Element[];
  readonly values: Value[];
}

/** @throws {Error} for a record that this reader does not have */
export function readXml(octets: Buffer, session: ReadonlyMap<number, string>): Element {
  let at = 0;
  const u8 = (): number => octets.readUInt8(at++);
  const take = (count: number): Buffer => octets.subarray(at, (at += count));
  const number = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const octet = u8();
      value += (octet & 0x7f) * 2 ** shift;
      if (octet < 0x80) return value;
    }
  };
  const inline = (): string => take(number()).toString();
  const dictionary = (): string => {
    const id = number();
    return session.get(id) ?? `#${id.toString(16)}`;
  };

  // Text records, all even; the odd one after each also ends the element.
  const texts: Readonly<Record<number, () => Value>> = {
    0x80: () => 0,
    0x82: () => 1,
    0x84: () => false,
    0x86: () => true,
    0x88: () => take(1).readInt8(),
    0x8a: () => take(2).readInt16LE(),
    0x8c: () => take(4).readInt32LE(),
    0x8e: () => Number(take(8).readBigInt64LE()),
    0x90: () => take(4).readFloatLE(),
    0x92: () => take(8).readDoubleLE(),
    0x98: () => take(u8()).toString(),
    0x9a: () => take(take(2).readUInt16LE()).toString(),
    0x9c: () => take(take(4).readInt32LE()).toString(),
    0xa8: () => '',
    0xaa: dictionary,
    0xac: () => take(16),
    0xb6: () => take(u8()).toString('utf16le'),
    0xb8: () => take(take(2).readUInt16LE()).toString('utf16le'),
  };
  const text = (record: number): Value => {
    const read = texts[record & 0xfe];
    if (read === undefined) throw new Error(`record 0x${record.toString(16)} at ${at - 1}`);
    return read();
  };

  /** The record that follows the attributes. */
  const attributes = (): number => {
    for (;;) {
      const record = u8();
      if (record < 0x04 || record > 0x3f) return record;
      if (record === 0x05 || record === 0x07 || record === 0x09 || record === 0x0b) inline();
      const isDictionary =
        [0x06, 0x07, 0x0a, 0x0b].includes(record) || (record >= 0x0c && record <= 0x25);
      if (isDictionary) dictionary();
      else inline();
      if (record < 0x08 || record > 0x0b) text(u8());
    }
  };

  const element = (record: number): Element => {
    if (record === 0x41 || record === 0x43) inline();
    const isInline = record === 0x40 || record === 0x41 || record >= 0x5e;
    const result: Element = { name: isInline ? inline() : dictionary(), children: [], values: [] };
    for (let next = attributes(); next !== 0x01; next = u8()) {
      if (next >= 0x40 && next <= 0x77) {
        result.children.push(element(next));
        continue;
      }
      result.values.push(text(next));
      if (next % 2 === 1) break;
    }
    return result;
  };
  return element(u8());
}

/** The element at that path of names below, if there is one. */
export function find(element: Element, ...path: readonly string[]): Element | undefined {
  let found: Element | undefined = element;
  for (const name of path) found = found?.children.find((child) => child.name === name);
  return found;
}

const hex = (octets: string): Buffer => Buffer.from(octets.replaceAll(' ', ''), 'hex');

function chars(record: number, text: string): Buffer {
  const octets = Buffer.from(text);
  if (octets.length < 0x100) return Buffer.concat([Buffer.from([record, octets.length]), octets]);
  const length = Buffer.alloc(4);
  length.writeInt32LE(octets.length);
  return Buffer.concat([Buffer.from([record + 4]), length, octets]);
}

/** A text that ends its element. */
export function endText(value: string | number): Buffer {
  if (typeof value === 'string') return value === '' ? hex('a9') : chars(0x99, value);
  const octets = Buffer.alloc(9, 0x93);
  octets.writeDoubleLE(value, 1);
  return octets;
}

/** `<name xmlns=…>content</name>`; without a namespace the one in scope is kept. */
export function tag(name: string, namespace: string | undefined, content: Buffer): Buffer {
  const xmlns = namespace === undefined ? [] : [Buffer.concat([hex('08'), sizedText(namespace)])];
  return Buffer.concat([hex('40'), sizedText(name), ...xmlns, content]);
}

/** `<prefix:name>` of the static dictionary, `start` being its record and id in hexadecimal. */
export function known(start: string, ...content: readonly Buffer[]): Buffer {
  return Buffer.concat([hex(start), ...content]);
}

/** The content of an element that holds a qualified name: three texts, as .NET writes it. */
export function qualified(prefix: string, name: string): Buffer {
  return Buffer.concat([chars(0x98, prefix), chars(0x98, ':'), chars(0x99, name)]);
}

/** `xmlns:prefix="namespace"` */
export function xmlns(prefix: string, namespace: string): Buffer {
  return Buffer.concat([hex('09'), sizedText(prefix), sizedText(namespace)]);
}

/** `xml:lang="en-US"` */
export const XML_LANG = Buffer.concat([
  hex('05'),
  sizedText('xml'),
  sizedText('lang'),
  chars(0x98, 'en-US'),
]);

/** `i:nil="true"` that ends its element; the prefix `i` must be declared. */
export const NIL = Buffer.concat([hex('2e'), sizedText('nil'), hex('86 01')]);

/** The bytes of a session's string table and what follows it. */
export function splitTable(payload: Buffer): { strings: string[]; xml: Buffer } {
  let at = 0;
  const number = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const octet = payload.readUInt8(at++);
      value += (octet & 0x7f) * 2 ** shift;
      if (octet < 0x80) return value;
    }
  };
  const length = number();
  const end = at + length;
  const strings: string[] = [];
  while (at < end) {
    const count = number();
    strings.push(payload.toString('utf8', at, at + count));
    at += count;
  }
  return { strings, xml: payload.subarray(end) };
}

/** An envelope that answers the request of that message id. */
export function envelope(options: {
  readonly session: boolean;
  readonly action: string;
  readonly relatesTo: Buffer;
  readonly body: Buffer;
}): Buffer {
  return Buffer.concat([
    ...(options.session ? [size(0)] : []),
    hex('56 02 0b 01 73 04 0b 01 61 06 56 08 44 0a 1e 00 82'),
    chars(0x99, options.action),
    hex('44 12 ad'),
    options.relatesTo,
    // To: anonymous. WCF leaves it out when streamed.
    ...(options.session ? [hex('44 0c 1e 00 82 ab 14')] : []),
    hex('01 56 0e'),
    options.body,
    hex('01 01'),
  ]);
}
