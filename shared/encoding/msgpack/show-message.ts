import { DEFAULT_LIMITS } from '../../limits.ts';
import { printableLines } from '../../printable.ts';
import * as format from './formats.ts';
import { OctetReader, skip } from './octet-reader.ts';
import { kindOnWire, readAnyNumber, readLossyText } from './read-scalar.ts';

/**
 * A MessagePack payload as one line for people, much like JSON.
 *
 * @throws {NetTcpError} `Protocol` when it is not MessagePack
 */
export function showMessage(payload: Uint8Array): string {
  const { maxDepth, maxFaultTextChars } = DEFAULT_LIMITS;
  const reader = new OctetReader();
  reader.open(payload, 0, payload.length, maxDepth);
  skip(reader, 0);
  reader.finish();
  reader.open(payload, 0, payload.length, maxDepth);
  return printableLines(showValue(reader), maxFaultTextChars);
}

/** Elements of an array or map that are shown; more would not help a reader. */
const MAX_SHOWN = 16;
/** Levels of arrays and maps that are shown; this bounds the recursion. */
const MAX_SHOWN_DEPTH = 4;

/**
 * A value of any kind as text for people: a string as it is, all else much like JSON. The value must be
 * well-formed.
 */
export function showValue(reader: OctetReader): string {
  return readLossyText(reader) ?? show(reader, 0);
}

function show(reader: OctetReader, depth: number): string {
  const octet = reader.peek();
  if (octet === format.NIL || octet === format.TRUE || octet === format.FALSE) {
    reader.at += 1;
    return octet === format.NIL ? 'nil' : String(octet === format.TRUE);
  }
  const scalar = readAnyNumber(reader) ?? readLossyText(reader);
  if (scalar !== undefined) {
    return typeof scalar === 'string' ? JSON.stringify(scalar) : String(scalar);
  }
  if (depth < MAX_SHOWN_DEPTH) {
    const elements = reader.arrayHead();
    if (elements >= 0) return `[${showAll(reader, elements, depth + 1, show)}]`;
    const pairs = reader.mapHead();
    if (pairs >= 0) return `{${showAll(reader, pairs, depth + 1, showPair)}}`;
  }
  skip(reader, 0);
  return `<${kindOnWire(octet)}>`;
}

function showAll(
  reader: OctetReader,
  count: number,
  depth: number,
  showOne: (reader: OctetReader, depth: number) => string,
): string {
  const shown: string[] = [];
  for (let index = 0; index < count; index++) {
    const one = showOne(reader, depth);
    if (index < MAX_SHOWN) shown.push(one);
  }
  return [...shown, ...(count > MAX_SHOWN ? ['…'] : [])].join(', ');
}

function showPair(reader: OctetReader, depth: number): string {
  return `${show(reader, depth)}: ${show(reader, depth)}`;
}
