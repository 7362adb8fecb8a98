import { type HeaderType, headerName, type ReceivedHeaders } from '../contract/header.ts';
import { Mismatch, within } from '../contract/types/mismatch.ts';
import type { QName } from '../contract/types/type-names.ts';
import { NetTcpError } from '../errors.ts';
import { printable } from '../printable.ts';
import type { UnknownPart } from './unknown.ts';

/** One header, as far as it is read before anybody asks for its value. */
export interface FoundHeader extends QName {
  readonly mustUnderstand: boolean;
}

/** Whose message has the headers: it decides what a value is that cannot be read. */
export type HeadersOf = 'request' | 'reply';

/** The value of a header, and what was passed over in it. */
export interface ReadHeader {
  readonly value: unknown;
  readonly unknown: readonly UnknownPart[] | undefined;
}

/** Is told what was passed over in the value of a header. */
export type TellHeader = (parts: readonly UnknownPart[]) => void;

/** The headers of a message, which are read when they are asked for: only then is their type known. */
export abstract class EncodedHeaders implements ReceivedHeaders {
  readonly names: readonly FoundHeader[];
  readonly #of: HeadersOf;
  readonly #tell: TellHeader;
  readonly #asked = new Set<number>();

  constructor(names: readonly FoundHeader[], of: HeadersOf, tell: TellHeader) {
    this.names = names;
    this.#of = of;
    this.#tell = tell;
  }

  get<T>(header: HeaderType<T>): T | undefined {
    const { name, namespace } = header;
    const places = this.names.flatMap((one, index) =>
      one.name === name && one.namespace === namespace ? [index] : [],
    );
    const [first] = places;
    if (first === undefined) return undefined;
    try {
      const each = this.itemOf(header);
      if (each !== undefined) return this.#items(each, places) as T;
      this.#asked.add(first);
      if (places.length > 1) throw new Mismatch('must come only once');
      return this.#value(header.type, first) as T;
    } catch (caught) {
      throw this.#unreadable(header, caught);
    }
  }

  /** Those whose value nobody has asked for. */
  get unread(): readonly QName[] {
    return this.names.filter((_, index) => !this.#asked.has(index));
  }

  /** @throws {Mismatch} for a value of another type, {NetTcpError} for one that is malformed */
  protected abstract read(type: HeaderType['type'], index: number): ReadHeader;

  /** The type of one of an array of headers, where the encoding has each by itself. */
  protected itemOf(_header: HeaderType): HeaderType['type'] | undefined {
    return undefined;
  }

  #items(type: HeaderType['type'], places: readonly number[]): unknown[] {
    return places.map((place, index) => {
      this.#asked.add(place);
      try {
        return this.#value(type, place);
      } catch (caught) {
        throw within(`[${index}]`, caught);
      }
    });
  }

  #value(type: HeaderType['type'], index: number): unknown {
    const { value, unknown } = this.read(type, index);
    if (unknown !== undefined) this.#tell(unknown);
    return value;
  }

  #unreadable(header: QName, caught: unknown): unknown {
    const why = caught instanceof Mismatch ? caught.describe() : undefined;
    const other = caught instanceof NetTcpError ? `: ${caught.message}` : undefined;
    if (why === undefined && other === undefined) return caught;
    const text = `The header ${printable(headerName(header))}${why ?? other}.`;
    return new NetTcpError(this.#of === 'request' ? 'Fault' : 'Protocol', text);
  }
}

/** A message as it was read, with its headers if there are any. */
export function withHeaders<const M extends object>(
  message: M,
  headers: ReceivedHeaders | undefined,
): M {
  return headers === undefined ? message : { ...message, headers };
}

/** WCF's sentence for a header that has to be understood and is not. */
export function headerNotUnderstood({ name, namespace }: QName): string {
  return `The header '${printable(name)}' from the namespace '${printable(namespace)}' was not understood by the recipient of this message, causing the message to not be processed.  This error typically indicates that the sender of this message has enabled a communication protocol that the receiver cannot process.  Please ensure that the configuration of the client's binding is consistent with the service's binding. `;
}

/** Headers that have to be understood and are not; `undefined`: there are none. @param understood those that are */
export function notUnderstood(
  headers: readonly FoundHeader[],
  understood: readonly QName[] | undefined,
): readonly [QName, ...QName[]] | undefined {
  if (headers.length === 0) return undefined;
  const [first, ...others] = headers.filter(
    ({ name, namespace, mustUnderstand }) =>
      mustUnderstand &&
      understood?.some((one) => one.name === name && one.namespace === namespace) !== true,
  );
  return first && [first, ...others];
}
