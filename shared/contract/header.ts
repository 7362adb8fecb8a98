import { BOOLEAN, type Check, checkOptions, STRING } from '../options.ts';
import { checkName } from './check-name.ts';
import type { QName } from './types/type-names.ts';
import { array, type ValueType } from './types/types.ts';

/** A header that messages may have beside their parameters or their result. */
export interface HeaderType<T = unknown> extends QName {
  /** Of its value. */
  readonly type: ValueType<T>;
  /** Of an array whose items are headers of their own in SOAP: the type of one. */
  readonly each?: ValueType | undefined;
  /** The other side has to understand it, or refuse the message. */
  readonly mustUnderstand: boolean;
  /** The header with a value, for a message that is sent. */
  of(value: T): MessageHeader<T>;
}

/** One header of a message that is sent. */
export interface MessageHeader<T = unknown> {
  /** Which header it is. */
  readonly header: HeaderType<T>;
  /** Of the header's type. */
  readonly value: T;
}

/** The headers of a message that has come. */
export interface ReceivedHeaders {
  /** All of them, in their order, but those that the protocol itself uses. */
  readonly names: readonly QName[];
  /**
   * The value of a header, or the values of an array of them; `undefined` if the message does not have it.
   *
   * @throws {NetTcpError} for a value of another type, or a header that comes twice: in a service a `Fault` for
   *   its caller, in a client `Protocol`
   */
  get<T>(header: HeaderType<T>): T | undefined;
}

/** Those of a message without any. */
export const NO_HEADERS: ReceivedHeaders = { names: [], get: () => undefined };

/** What a header has beside its name and its type. */
export interface HeaderOptions {
  /** Default: `http://tempuri.org/`. */
  readonly namespace?: string;
  /** Default: false. */
  readonly mustUnderstand?: boolean;
}

const HEADER_OPTIONS = { namespace: STRING, mustUnderstand: BOOLEAN };

/**
 * A header of messages: `const Tenant = header('Tenant', types.string, { namespace: 'urn:example' })`, sent as
 * `Tenant.of('acme')`, read as `headers.get(Tenant)`.
 *
 * @throws {NetTcpError} `Usage` if XML cannot carry the name
 */
export function header<T>(
  name: string,
  type: ValueType<T>,
  options: HeaderOptions = {},
): HeaderType<T> {
  checkOptions('header', options, HEADER_OPTIONS);
  return toHeader(name, type, undefined, options);
}

/**
 * An array of headers, one for each item, in their order: `[MessageHeaderArray]`. In MessagePack it is one header, and
 * an array. Without items there is no header at all.
 *
 * @param of the type of an item
 * @throws {NetTcpError} `Usage` if XML cannot carry the name
 */
export function headerArray<T>(
  name: string,
  of: ValueType<T>,
  options: HeaderOptions = {},
): HeaderType<T[]> {
  checkOptions('headerArray', options, HEADER_OPTIONS);
  return toHeader<T[]>(name, array(of) as ValueType<T[]>, of, options);
}

function toHeader<T>(
  name: string,
  type: ValueType<T>,
  each: ValueType | undefined,
  options: HeaderOptions,
): HeaderType<T> {
  const { namespace = 'http://tempuri.org/', mustUnderstand = false } = options;
  const made: HeaderType<T> = {
    name: checkName(name),
    namespace,
    type,
    ...(each && { each }),
    mustUnderstand,
    of: (value) => ({ header: made, value }),
  };
  return made;
}

/** A list of headers, made by `of`. */
export const HEADER_LIST: Check = [
  (value) =>
    Array.isArray(value) &&
    value.every(
      (one: Partial<MessageHeader> | null) =>
        typeof one?.header === 'object' && 'mustUnderstand' in one.header && 'value' in one,
    ),
  'an array of headers, each made by `header(…).of(value)`',
];

/** The name of a header in a sentence, and in MessagePack: `{urn:example}Tenant`. */
export function headerName({ name, namespace }: QName): string {
  return `{${namespace}}${name}`;
}
