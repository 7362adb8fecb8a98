import type { QName } from '../../contract/types/type-names.ts';
import { NAMESPACES } from '../xml/vocabulary.ts';
import { attributeKey, childrenOf, nameIn, type XmlElement } from '../xml/element.ts';
import type { Definitions } from './definitions.ts';

/** Attributes that name a type, or an element. */
const NAMES = ['type', 'base', 'itemType', 'element', 'ref'];

/**
 * The types that no message leads to, in the order of the documents. .NET describes them for members that may be of
 * any class: they are the known types of a service, or of such a member's class.
 */
export function unreferenced(definitions: Definitions): readonly QName[] {
  const reached = new Set<string>();
  const waiting: XmlElement[] = definitions
    .all('message')
    .flatMap(({ element }) => childrenOf(element, { name: 'part', namespace: NAMESPACES.wsdl }));
  const reach = (kind: 'type' | 'element', name: QName): void => {
    const found = definitions.find(kind, name);
    const key = `${kind} ${attributeKey(name)}`;
    if (found === undefined || reached.has(key)) return;
    reached.add(key);
    waiting.push(found.element);
    if (kind === 'type') for (const derived of definitions.derivedFrom(name)) reach(kind, derived);
  };
  for (let element = waiting.pop(); element !== undefined; element = waiting.pop()) {
    for (const attribute of NAMES) {
      const name = nameIn(element, attribute);
      if (name === undefined) continue;
      reach('type', name);
      reach('element', name);
    }
    waiting.push(...element.children);
  }
  return definitions
    .all('type')
    .map(({ name }) => name)
    .filter((name) => !reached.has(`type ${attributeKey(name)}`));
}
