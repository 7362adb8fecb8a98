import { headerName, type MessageHeader } from '../../contract/header.ts';
import { Mismatch, within } from '../../contract/types/mismatch.ts';
import type { ValueType } from '../../contract/types/types.ts';
import type { OctetWriter } from '../../octets.ts';
import {
  EncodedHeaders,
  type FoundHeader,
  type HeadersOf,
  type ReadHeader,
  type TellHeader,
} from '../received-headers.ts';
import { WrittenObjects } from '../written-objects.ts';
import { checkDepth, malformed, OctetReader, skip } from './octet-reader.ts';
import { readLossyText } from './read-scalar.ts';
import { readValue } from './read-value.ts';
import { writeMapHead, writeString } from './write-octets.ts';
import { writeValue } from './write-value.ts';

// The last element of a message that has headers: a map, `{namespace}name` to the value; a `!` in front of
// the name of a header that has to be understood.

/** Arrays and maps around the value of a header. */
const DEPTH = 2;
const NAME = /^(!?)\{([^}]*)\}(.+)$/s;

/** @throws {Mismatch} for a value of another type, or a header that comes twice */
export function writeHeaders(
  out: OctetWriter,
  headers: readonly MessageHeader[],
  limits: { readonly maxDepth: number },
): void {
  const names = new Set<string>();
  writeMapHead(out, headers.length);
  for (const { header, value } of headers) {
    const name = headerName(header);
    try {
      if (names.has(name)) throw new Mismatch('must come only once');
      names.add(name);
      writeString(out, header.mustUnderstand ? `!${name}` : name);
      writeValue(out, header.type, value, new WrittenObjects(limits));
    } catch (caught) {
      throw within(`header ${name}`, caught);
    }
  }
}

/**
 * Reads the headers of a message, which end it.
 *
 * @throws {NetTcpError} `Protocol` for anything but a map whose keys are names of headers
 */
export function readHeaders(
  reader: OctetReader,
  limits: { readonly maxDepth: number },
  of: HeadersOf,
  tell: TellHeader,
): MsgpackHeaders {
  const start = reader.at;
  const names: FoundHeader[] = [];
  const values: number[] = [];
  const pairs = reader.mapHead();
  if (pairs < 0) throw malformed('has headers that are no map');
  checkDepth(reader, DEPTH);
  for (let pair = 0; pair < pairs; pair++) {
    const [, mark, namespace, name] = NAME.exec(readLossyText(reader) ?? '') ?? [];
    if (namespace === undefined || name === undefined) {
      throw malformed('has a header whose name is not "{namespace}name"');
    }
    names.push({ name, namespace, mustUnderstand: mark === '!' });
    values.push(reader.at - start);
    skip(reader, DEPTH);
  }
  return new MsgpackHeaders(reader.bytes.slice(start, reader.at), names, values, limits, of, tell);
}

/** The headers of a message, in a copy of its own. */
class MsgpackHeaders extends EncodedHeaders {
  readonly #bytes: Uint8Array;
  readonly #values: readonly number[];
  readonly #limits: { readonly maxDepth: number };

  /** @param values where the value of each begins */
  constructor(
    bytes: Uint8Array,
    names: readonly FoundHeader[],
    values: readonly number[],
    limits: { readonly maxDepth: number },
    of: HeadersOf,
    tell: TellHeader,
  ) {
    super(names, of, tell);
    this.#bytes = bytes;
    this.#values = values;
    this.#limits = limits;
  }

  protected read(type: ValueType, index: number): ReadHeader {
    const reader = new OctetReader();
    reader.open(this.#bytes, 0, this.#bytes.length, this.#limits.maxDepth);
    reader.at = this.#values[index] ?? this.#bytes.length;
    const value = readValue(reader, type, DEPTH);
    return { value, unknown: reader.unknown };
  }
}
