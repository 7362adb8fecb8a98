import { printable } from '../../printable.ts';
import { NAMESPACES } from '../xml/vocabulary.ts';
import { attribute, nameIn, type XmlElement } from '../xml/element.ts';
import { CannotSay } from './cannot-say.ts';
import { xsChildren } from './definitions.ts';

const CONTENT = new Set(['annotation', 'attribute', 'complexContent', 'sequence']);

/** @throws {CannotSay} for a complex type that is more than a sequence of elements */
export function checkContent({ children }: XmlElement): void {
  for (const { name } of children) {
    if (!CONTENT.has(name)) throw new CannotSay(`it has xs:${printable(name)}`);
  }
}

/** @throws {CannotSay} for attributes other than those of objects that refer to each other */
export function checkAttributes(complexType: XmlElement): void {
  for (const each of xsChildren(complexType, 'attribute')) {
    if (nameIn(each, 'ref')?.namespace === NAMESPACES.ser) continue;
    throw new CannotSay('it has attributes');
  }
}

/** @throws {CannotSay} for an element that has no namespace where it is used */
export function checkQualified(element: XmlElement, root: XmlElement): void {
  const form = attribute(element, 'form') ?? attribute(root, 'elementFormDefault');
  if (form !== 'qualified') throw new CannotSay('its elements have no namespace');
}
