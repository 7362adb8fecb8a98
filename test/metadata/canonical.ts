import { attributeKey, nameIn, type XmlElement } from '../../shared/metadata/xml/element.ts';

/** Attributes whose values are names with prefixes. */
const NAMES = new Set(['type', 'base', 'ref', 'element', 'message', 'binding']);
/** Where a document is, and what tools are told about it: nothing of this is about messages. */
const LEFT_OUT = new Set(['schemaLocation', 'mixed']);

/** An element as text that is the same whatever prefixes and layout it was written with. */
export function canonical(
  element: XmlElement,
  isMeant: (element: XmlElement) => boolean = () => true,
): string {
  const attributes = [...element.attributes]
    .filter(([key]) => !LEFT_OUT.has(key) && !key.includes('www.w3.org/2000/xmlns/'))
    .map(([key, value]) => {
      const name = NAMES.has(key) ? nameIn(element, key) : undefined;
      const text = typeof value === 'string' ? value : attributeKey(value);
      return ` ${key}="${name === undefined ? text : attributeKey(name)}"`;
    })
    .toSorted();
  const children = element.children
    .filter(isMeant)
    .map((child) => canonical(child, isMeant).replaceAll(/^/gm, '  '));
  return [`${attributeKey(element)}${attributes.join('')} ${element.text}`, ...children].join('\n');
}
