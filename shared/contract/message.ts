import { NetTcpError } from '../errors.ts';
import { BOOLEAN, checkOptions, OBJECT, STRING } from '../options.ts';
import { checkName } from './check-name.ts';
import { header, type HeaderType } from './header.ts';
import type { Operation } from './operation.ts';
import type { QName } from './types/type-names.ts';
import {
  type Field,
  type Flat,
  type Held,
  type Member,
  type OptionalKey,
  type Presence,
  stream,
  type ValueType,
  type XmlPlace,
} from './types/types.ts';

/** A body member whose element has another name or namespace: `[MessageBodyMember(Name = …, Namespace = …)]`. */
export interface BodyMember<T = unknown> {
  /** Of its value. */
  readonly type: ValueType<T>;
  /** Default: the member's name. */
  readonly name?: string;
  /** Default: the contract's. */
  readonly namespace?: string;
}

type Headers = Readonly<Record<string, ValueType | Member | HeaderType>>;
type Body = Readonly<Record<string, ValueType | Member | BodyMember>>;

/** What {@link message} takes. */
export interface MessageOptions<H extends Headers, B extends Body> {
  /** Element around the body. Default: the operation's, with `Response` after it in an answer. */
  readonly name?: string;
  /** Its namespace. Default: the contract's. */
  readonly namespace?: string;
  /** Whether there is such an element. Default: true. */
  readonly wrapped?: boolean;
  /** Members that travel as headers; `header(…)` where one has a name or namespace of its own, or must be understood. */
  readonly headers?: H;
  /** Members in the body, in their order. */
  readonly body?: B;
}

/** A message as a contract describes it; a value of it is one object with all members. */
export interface Message<T = unknown> {
  /** What it was made of. */
  readonly message: MessageOptions<Headers, Body>;
  /** For the compiler only: what a value of it is. */
  readonly ofType?: T;
}

type HeldBy<M> = M extends { readonly type: ValueType<infer T> } ? T : Held<M>;
/** An object with the members `F`. */
type ObjectOf<F> = { -readonly [K in Exclude<keyof F, OptionalKey<F>>]: HeldBy<F[K]> } & {
  -readonly [K in OptionalKey<F>]?: HeldBy<F[K]>;
};

const OPTIONS = {
  name: STRING,
  namespace: STRING,
  wrapped: BOOLEAN,
  headers: OBJECT,
  body: OBJECT,
};

/**
 * A message that is no list of parameters: a class with `[MessageContract]`, as the request or the answer of an
 * operation, in SOAP.
 *
 * @throws {NetTcpError} `Usage` for a member that is both a header and in the body, or a stream that has other
 *   members of the body beside it
 */
export function message<
  const H extends Headers = Readonly<Record<never, never>>,
  const B extends Body = Readonly<Record<never, never>>,
>(definition: MessageOptions<H, B>): Message<Flat<ObjectOf<H> & ObjectOf<B>>> {
  checkOptions('message', definition, OPTIONS);
  const { headers = {}, body = {} } = definition;
  const twice = Object.keys(headers).find((member) => Object.hasOwn(body, member));
  if (twice !== undefined) throw usage(`${twice} cannot be a header and in the body, too`);
  const types = Object.values<Body[string]>(body).map((of) => typeIn(of).type);
  if (types.includes(stream) && types.length > 1) {
    throw usage('a stream must be the only member of its body');
  }
  const placed = Object.entries<Body[string]>(body).find(
    ([, of]) => typeIn(of).type === stream && typeIn(of).xml !== undefined,
  );
  if (placed !== undefined) {
    throw usage(
      `${placed[0]} must be a stream without types.element: say { type, name, namespace }`,
    );
  }
  return { message: definition };
}

/** A header of a message. */
export interface HeaderPart {
  readonly member: string;
  readonly presence: Presence;
  readonly header: HeaderType;
}

/** An element of a message's body. */
export interface BodyPart extends Field {
  readonly member: string;
}

/** A message as encodings see it. */
export interface MessageShape {
  /** The element around its body; `undefined` if there is none. */
  readonly wrapper: QName | undefined;
  readonly headers: readonly HeaderPart[];
  readonly body: readonly BodyPart[];
  /** The member that is a stream. */
  readonly stream: string | undefined;
}

/** Where in its message a stream begins. */
export interface StreamPlace {
  /** Elements that are open there, the stream's own among them: each ends with one byte after an empty stream. */
  readonly depth: 3 | 4;
  /** The stream's element has a namespace that nothing around it declares. */
  readonly declares: boolean;
}

const IN_WRAPPER: StreamPlace = { depth: 4, declares: false };
const IN_WRAPPER_OF_ANOTHER: StreamPlace = { depth: 4, declares: true };
const IN_BODY: StreamPlace = { depth: 3, declares: true };

/**
 * Where the stream of a message stands, one object for each place.
 *
 * @param shape of a message with a stream; default: a list of parameters, or a result
 */
export function streamPlace(shape?: MessageShape): StreamPlace {
  if (shape === undefined) return IN_WRAPPER;
  const { wrapper, body } = shape;
  if (wrapper === undefined) return IN_BODY;
  return body[0]?.namespace === wrapper.namespace ? IN_WRAPPER : IN_WRAPPER_OF_ANOTHER;
}

/** @param due names where it has none of its own @throws {NetTcpError} `Usage` if a name is no XML name */
export function toMessageShape({ message: definition }: Message, due: QName): MessageShape {
  const { name = due.name, namespace = due.namespace, wrapped = true } = definition;
  const { headers = {}, body = {} } = definition;
  const parts = Object.entries(body).map(([member, of]): BodyPart => {
    const { type, presence, xml } = typeIn(of);
    const own: BodyMember = 'type' in of ? of : { type };
    const element = {
      name: checkName(own.name ?? member),
      namespace: own.namespace ?? due.namespace,
    };
    return { member, type, presence, ...element, ...(xml && { xml }) };
  });
  return {
    wrapper: wrapped ? { name: checkName(name), namespace } : undefined,
    headers: Object.entries(headers).map(([member, of]): HeaderPart => {
      const { type, presence } = typeIn(of);
      const own = 'mustUnderstand' in of ? of : header(member, type, { namespace: due.namespace });
      return { member, presence, header: own };
    }),
    body: parts,
    stream: parts.find(({ type }) => type === stream)?.member,
  };
}

function typeIn(of: ValueType | Member | BodyMember | HeaderType): {
  readonly type: ValueType;
  readonly presence: Presence;
  readonly xml?: XmlPlace | undefined;
} {
  if ('presence' in of) return { type: of.of, presence: of.presence, xml: of.xml };
  return { type: 'kind' in of ? of : of.type, presence: 'default' };
}

/** The types that a message names. */
export function typesNamedBy({ message: { headers = {}, body = {} } }: Message): ValueType[] {
  const members: readonly (Headers[string] | Body[string])[] = [
    ...Object.values(headers),
    ...Object.values(body),
  ];
  return members.map((of) => typeIn(of).type);
}

/** The types of its parts. */
export function typesOfMessage(shape: MessageShape | undefined): readonly ValueType[] {
  if (shape === undefined) return [];
  return [...shape.headers.map((part) => part.header.type), ...shape.body.map(({ type }) => type)];
}

/** The stream in an argument or a result: the value itself, or a member of the message that it is. */
export function streamIn(shape: MessageShape | undefined, value: unknown): unknown {
  if (shape?.stream === undefined) return value;
  return (value as Readonly<Record<string, unknown>> | undefined | null)?.[shape.stream];
}

/** The same argument or result with another stream, or what stands for it. */
export function withStream(
  shape: MessageShape | undefined,
  value: unknown,
  other: unknown,
): unknown {
  if (shape?.stream === undefined) return other;
  return { ...(value as object), [shape.stream]: other };
}

/** What an operation has that only SOAP carries: `a stream`, for a sentence; `undefined` if it has nothing of that. */
export function soapOnly({
  format,
  request,
  reply,
  streamsRequest,
  streamsReply,
}: Pick<Operation, 'format' | 'request' | 'reply' | 'streamsRequest' | 'streamsReply'>):
  string | undefined {
  if (streamsRequest || streamsReply) return 'a stream';
  if (format === 'xmlSerializer') return 'the format xmlSerializer';
  return request === undefined && reply === undefined ? undefined : 'a message contract';
}

function usage(text: string): NetTcpError {
  return new NetTcpError('Usage', `In a message ${text}.`);
}
