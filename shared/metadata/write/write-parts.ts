import type { BodyPart, HeaderPart, MessageShape } from '../../contract/message.ts';
import { type QName, rootName } from '../../contract/types/type-names.ts';
import { stream, type ValueType } from '../../contract/types/types.ts';
import { soap12, wsdl, xs } from '../xml/vocabulary.ts';
import type { XmlElement } from '../xml/element.ts';
import { takenElement, type Schemas } from './schemas.ts';
import type { TypeWriter } from './write-type.ts';

/** WSDL's name of the one part of a wrapped message. */
export const PARAMETERS = 'parameters';

/** A part of a `wsdl:message`, and the element that it is. */
interface Part {
  readonly name: string;
  readonly element: QName;
}

/** The parts of a message, and of its headers. */
export interface MessageParts {
  readonly body: readonly Part[];
  readonly headers: readonly Part[];
}

/**
 * The parts of a message contract's body, with the elements in schemas that they are.
 *
 * @throws {NetTcpError} `Usage` for an element that is something else already
 */
export function bodyParts(
  { wrapper, body }: MessageShape,
  types: TypeWriter,
  schemas: Schemas,
): Part[] {
  if (wrapper === undefined) {
    return body.map((part) => ({ name: part.name, element: partElement(part, types, schemas) }));
  }
  const fill = schemas.claim(wrapper);
  const parts = body.map((part) => wrapped(part, wrapper, types, schemas));
  const content = xs('complexType', {}, [xs('sequence', {}, parts)]);
  if (!fill(xs('element', { name: wrapper.name }, [content]))) throw takenElement(wrapper);
  return [{ name: PARAMETERS, element: wrapper }];
}

/** The parts of its headers. */
export function headerParts(
  headers: readonly HeaderPart[],
  types: TypeWriter,
  schemas: Schemas,
): Part[] {
  return headers.map(({ header: { name, namespace, type, each } }) => ({
    name,
    element: globalElement({ name, namespace }, each ?? type, types, schemas),
  }));
}

/** What a binding says of the headers of a message. @param of the `wsdl:message` that has them */
export function boundHeaders(shape: MessageShape | undefined, of: QName): XmlElement[] {
  return (shape?.headers ?? []).map(({ header }) =>
    soap12('header', { message: of, part: header.name, use: 'literal' }),
  );
}

/** A `wsdl:message`. */
export function messageOf(name: string, parts: readonly Part[]): XmlElement {
  return wsdl(
    'message',
    { name },
    parts.map((part) => wsdl('part', { name: part.name, element: part.element })),
  );
}

/** Name of the `wsdl:message` that has the headers of another. */
export function headersOf({ name, namespace }: QName): QName {
  return { name: `${name}_Headers`, namespace };
}

/** An element in a wrapper: one of another namespace is a global one. */
function wrapped(part: BodyPart, wrapper: QName, types: TypeWriter, schemas: Schemas): XmlElement {
  const { name, namespace, type, presence } = part;
  const isStream = type === stream;
  const minOccurs = presence === 'required' || isStream ? undefined : '0';
  if (namespace !== wrapper.namespace) {
    return xs('element', { minOccurs, ref: partElement(part, types, schemas) });
  }
  return isStream ? types.stream(name) : types.element(name, type, { minOccurs });
}

/** The global element of a part. */
function partElement(
  { name, namespace, type }: BodyPart,
  types: TypeWriter,
  schemas: Schemas,
): QName {
  if (type !== stream) return globalElement({ name, namespace }, type, types, schemas);
  if (!schemas.claim({ name, namespace })(types.stream(name))) {
    throw takenElement({ name, namespace });
  }
  return { name, namespace };
}

function globalElement(
  element: QName,
  type: ValueType,
  types: TypeWriter,
  schemas: Schemas,
): QName {
  const own = types.element(element.name, type);
  const root = rootName(type);
  // Its type has this element, which may be null.
  if (root.name === element.name && root.namespace === element.namespace) return element;
  if (!schemas.claim(element)(own)) throw takenElement(element);
  return element;
}
