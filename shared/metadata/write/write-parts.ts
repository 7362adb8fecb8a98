import type { BodyPart, HeaderPart, MessageShape } from '../../contract/message.ts';
import { type QName, rootName } from '../../contract/types/type-names.ts';
import type { ValueType } from '../../contract/types/types.ts';
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
  { wrapper, body, stream }: MessageShape,
  types: TypeWriter,
  schemas: Schemas,
): Part[] {
  if (wrapper === undefined) {
    return body.map(({ name, namespace, type }) => ({
      name,
      element: globalElement({ name, namespace }, type, types, schemas),
    }));
  }
  const fill = schemas.claim(wrapper);
  const parts = body.map((part) =>
    stream === part.member ? types.stream(part.name) : wrapped(part, wrapper, types, schemas),
  );
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
  return headers.map(({ header: { name, namespace, type } }) => ({
    name,
    element: globalElement({ name, namespace }, type, types, schemas),
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
function wrapped(
  { name, namespace, type, presence }: BodyPart,
  wrapper: QName,
  types: TypeWriter,
  schemas: Schemas,
): XmlElement {
  const minOccurs = presence === 'required' ? undefined : '0';
  if (namespace === wrapper.namespace) return types.element(name, type, { minOccurs });
  const ref = globalElement({ name, namespace }, type, types, schemas);
  return xs('element', { minOccurs, ref });
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
