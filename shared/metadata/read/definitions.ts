import type { QName } from '../../contract/types/type-names.ts';
import type { Presence, ValueType, XmlPlace } from '../../contract/types/types.ts';
import { NAMESPACES } from '../xml/vocabulary.ts';
import { attribute, attributeKey, childrenOf, nameIn, type XmlElement } from '../xml/element.ts';

const { wsdl: WSDL, xs: XS } = NAMESPACES;

/** A field of a message or of a type, as its `xs:element` has it. */
export interface ReadField {
  readonly name: string;
  readonly type: ValueType;
  readonly presence: Presence;
  /** Where XmlSerializer has it, if that is no element of its name. */
  readonly xml?: XmlPlace;
}

/** A global component of a schema or a WSDL, and the root of the document that it is in. */
export interface Component {
  readonly element: XmlElement;
  readonly root: XmlElement;
  readonly name: QName;
}

type Kind = 'attribute' | 'element' | 'type' | 'message' | 'portType' | 'binding';

const KINDS: Readonly<Record<string, Kind>> = {
  [`{${XS}}attribute`]: 'attribute',
  [`{${XS}}element`]: 'element',
  [`{${XS}}complexType`]: 'type',
  [`{${XS}}simpleType`]: 'type',
  [`{${WSDL}}message`]: 'message',
  [`{${WSDL}}portType`]: 'portType',
  [`{${WSDL}}binding`]: 'binding',
};

/** All that the documents of a description define, by kind and name; of two with one name the first counts. */
export class Definitions {
  readonly #found = new Map<Kind, Map<string, Component>>();
  readonly #derived = new Map<string, QName[]>();

  /** @param documents roots: `wsdl:definitions` and `xs:schema` */
  constructor(documents: readonly XmlElement[]) {
    for (const document of documents) {
      this.#collect(document);
      for (const types of childrenOf(document, { name: 'types', namespace: WSDL })) {
        for (const schema of childrenOf(types, { name: 'schema', namespace: XS })) {
          this.#collect(schema);
        }
      }
    }
    for (const { element, name } of this.all('type')) {
      const text = simpleExtensionOf(element);
      const named = text && nameIn(text, 'base');
      const isClass = this.find('type', named)?.element.name === 'complexType';
      const base = baseOf(element) ?? (isClass ? named : undefined);
      if (base === undefined) continue;
      const key = attributeKey(base);
      this.#derived.set(key, [...(this.#derived.get(key) ?? []), name]);
    }
  }

  find(kind: Kind, name: QName | undefined): Component | undefined {
    return name && this.#found.get(kind)?.get(attributeKey(name));
  }

  all(kind: Kind): Component[] {
    return [...(this.#found.get(kind)?.values() ?? [])];
  }

  /** The types that derive from one, directly or not, in the order of the documents; not the type itself. */
  derivedFrom(name: QName, seen: Set<string> = new Set([attributeKey(name)])): QName[] {
    const found: QName[] = [];
    for (const derived of this.#derived.get(attributeKey(name)) ?? []) {
      const key = attributeKey(derived);
      if (seen.has(key)) continue;
      seen.add(key);
      found.push(derived, ...this.derivedFrom(derived, seen));
    }
    return found;
  }

  #collect(root: XmlElement): void {
    const namespace = attribute(root, 'targetNamespace') ?? '';
    for (const element of root.children) {
      const kind = KINDS[attributeKey(element)];
      const name = attribute(element, 'name');
      if (kind === undefined || name === undefined) continue;
      const ofKind = this.#found.get(kind) ?? new Map<string, Component>();
      this.#found.set(kind, ofKind);
      const key = attributeKey({ name, namespace });
      if (!ofKind.has(key)) ofKind.set(key, { element, root, name: { name, namespace } });
    }
  }
}

/** Children of a name in the namespace of XML Schema. */
export function xsChildren(element: XmlElement, name: string): XmlElement[] {
  return childrenOf(element, { name, namespace: XS });
}

/** The first of them. */
export function xsChild(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element && xsChildren(element, name)[0];
}

/** `xs:extension` of a complex type. */
export function extensionOf(complexType: XmlElement): XmlElement | undefined {
  return xsChild(xsChild(complexType, 'complexContent'), 'extension');
}

/** `xs:extension` of a complex type that is text with attributes. */
export function simpleExtensionOf(complexType: XmlElement): XmlElement | undefined {
  return xsChild(xsChild(complexType, 'simpleContent'), 'extension');
}

/** The type that a complex type extends. */
export function baseOf(complexType: XmlElement): QName | undefined {
  const extension = extensionOf(complexType);
  return extension && nameIn(extension, 'base');
}

/** Whether a complex type holds any elements, and nothing else: XML as it comes. */
export function isAnyXml(complexType: XmlElement | undefined): boolean {
  const sequence = xsChild(complexType, 'sequence');
  const among = sequence?.children.filter(({ namespace }) => namespace === XS) ?? [];
  const isAny = (one: XmlElement): boolean =>
    one.name === 'any' || nameIn(one, 'ref')?.namespace === XS;
  return among.length > 0 && among.every(isAny);
}

/** What DataContractSerializer says of a component in an annotation: `IsDictionary`, `EnumerationValue`, … */
export function markOf(element: XmlElement, name: string): XmlElement | undefined {
  const info = xsChild(xsChild(element, 'annotation'), 'appinfo');
  return info && childrenOf(info, { name, namespace: NAMESPACES.ser })[0];
}
