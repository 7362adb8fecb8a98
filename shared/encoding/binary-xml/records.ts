/**
 * The record types of [MC-NBFX] 2.2.3 by name: the byte that each record begins with.
 *
 * The types that carry a one-letter prefix come in rows of 26, `a` to `z`; the table names the first.
 */
export const RECORD = {
  endElement: 0x01,
  comment: 0x02,
  array: 0x03,
  shortAttribute: 0x04,
  attribute: 0x05,
  shortDictionaryAttribute: 0x06,
  dictionaryAttribute: 0x07,
  shortXmlnsAttribute: 0x08,
  xmlnsAttribute: 0x09,
  shortDictionaryXmlnsAttribute: 0x0a,
  dictionaryXmlnsAttribute: 0x0b,
  prefixDictionaryAttributeA: 0x0c,
  prefixAttributeA: 0x26,
  shortElement: 0x40,
  element: 0x41,
  shortDictionaryElement: 0x42,
  dictionaryElement: 0x43,
  prefixDictionaryElementA: 0x44,
  prefixElementA: 0x5e,
  prefixElementZ: 0x77,
} as const;

/**
 * The text record types. Each is even; one more means that the element ends after the text
 * (`…WithEndElement`), which spares the `endElement` record.
 */
export const TEXT = {
  zero: 0x80,
  one: 0x82,
  false: 0x84,
  true: 0x86,
  int8: 0x88,
  int16: 0x8a,
  int32: 0x8c,
  int64: 0x8e,
  float: 0x90,
  double: 0x92,
  decimal: 0x94,
  dateTime: 0x96,
  chars8: 0x98,
  chars16: 0x9a,
  chars32: 0x9c,
  bytes8: 0x9e,
  bytes16: 0xa0,
  bytes32: 0xa2,
  startList: 0xa4,
  endList: 0xa6,
  empty: 0xa8,
  dictionary: 0xaa,
  uniqueId: 0xac,
  timeSpan: 0xae,
  guid: 0xb0,
  uint64: 0xb2,
  bool: 0xb4,
  unicodeChars8: 0xb6,
  unicodeChars16: 0xb8,
  unicodeChars32: 0xba,
  qnameDictionary: 0xbc,
} as const;

/** Bytes after the record byte, for the types where their number is fixed. */
export const FIXED_WIDTH: ReadonlyMap<number, number> = new Map([
  [TEXT.zero, 0],
  [TEXT.one, 0],
  [TEXT.false, 0],
  [TEXT.true, 0],
  [TEXT.int8, 1],
  [TEXT.int16, 2],
  [TEXT.int32, 4],
  [TEXT.int64, 8],
  [TEXT.float, 4],
  [TEXT.double, 8],
  [TEXT.decimal, 16],
  [TEXT.dateTime, 8],
  [TEXT.empty, 0],
  [TEXT.uniqueId, 16],
  [TEXT.timeSpan, 8],
  [TEXT.guid, 16],
  [TEXT.uint64, 8],
  [TEXT.bool, 1],
]);

/** Width of the value by record type; −1: the record itself says it; −2: not a text record. */
export const WIDTHS = Int8Array.from({ length: 256 }, (_, record) => {
  const type = record & 0xfe;
  if (type < TEXT.zero || type > TEXT.qnameDictionary || type === TEXT.endList) return -2;
  return FIXED_WIDTH.get(type) ?? -1;
});

/** The types that have a length field, and its bytes. */
export const LENGTH_OCTETS: ReadonlyMap<number, 1 | 2 | 4> = new Map([
  [TEXT.chars8, 1],
  [TEXT.chars16, 2],
  [TEXT.chars32, 4],
  [TEXT.bytes8, 1],
  [TEXT.bytes16, 2],
  [TEXT.bytes32, 4],
  [TEXT.unicodeChars8, 1],
  [TEXT.unicodeChars16, 2],
  [TEXT.unicodeChars32, 4],
]);

/** The types that an array record may repeat: [MC-NBFX] 2.2.3.31. */
export const ARRAY_ITEMS: ReadonlySet<number> = new Set([
  TEXT.bool,
  TEXT.int16,
  TEXT.int32,
  TEXT.int64,
  TEXT.float,
  TEXT.double,
  TEXT.decimal,
  TEXT.dateTime,
  TEXT.timeSpan,
  TEXT.guid,
]);

/** The prefixes that have records of their own, by their place in the row. */
export const LETTERS: readonly string[] = Array.from('abcdefghijklmnopqrstuvwxyz');

/** Where a prefix stands in a row of 26 records; negative for any other prefix. */
export function letterIndex(prefix: string): number {
  const index = prefix.length === 1 ? prefix.charCodeAt(0) - 0x61 : -1;
  return index < 26 ? index : -1;
}
