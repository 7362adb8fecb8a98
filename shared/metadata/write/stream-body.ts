import { NAMESPACES, STREAM_BODY, xs } from '../xml/vocabulary.ts';
import type { XmlElement } from '../xml/element.ts';

export { STREAM_BODY };

/** WCF's type of a stream, whichever serializer the operation has. */
export function streamBody(): XmlElement {
  const bytes = xs('restriction', { base: { name: 'base64Binary', namespace: NAMESPACES.xs } });
  return xs('simpleType', { name: STREAM_BODY.name }, [bytes]);
}

/** The element that is one. */
export function streamElement(name: string): XmlElement {
  return xs('element', { name, type: STREAM_BODY });
}
