import type { QName } from '../../contract/types/type-names.ts';
import { NAMESPACES, xs } from '../xml/vocabulary.ts';
import { NetTcpError } from '../../errors.ts';
import { attribute, attributeKey, isSame, type XmlElement } from '../xml/element.ts';

/** The schemas of a description while they are written: one for each namespace. */
export class Schemas {
  readonly #components = new Map<string, XmlElement[]>();
  readonly #known = new Set<string>();
  readonly #claimed = new Map<string, { element?: XmlElement }>();

  /** Whether no element of that name is there yet; from now on there is one. */
  isNew(name: QName): boolean {
    const key = attributeKey(name);
    if (this.#known.has(key)) return false;
    this.#known.add(key);
    return true;
  }

  /** Appends a global element or type. */
  add(namespace: string, component: XmlElement): void {
    const list = this.#components.get(namespace);
    if (list === undefined) this.#components.set(namespace, [component]);
    else list.push(component);
  }

  /** The global component of a name; places that are reserved have none. */
  find(kind: 'element' | 'type' | 'attribute', { name, namespace }: QName): XmlElement | undefined {
    return this.#components
      .get(namespace)
      ?.find(
        (one) =>
          attribute(one, 'name') === name &&
          (kind === 'type' ? one.name.endsWith('Type') : one.name === kind),
      );
  }

  /** A place for a component that others have to follow. @returns what fills it */
  reserve(namespace: string): (component: XmlElement) => void {
    const place = xs('reserved');
    this.add(namespace, place);
    return (component) => {
      const list = this.#components.get(namespace) ?? [];
      list[list.indexOf(place)] = component;
    };
  }

  /**
   * A place for a global element that several messages may have.
   *
   * @returns what fills it; false: there is another of that name
   */
  claim(name: QName): (element: XmlElement) => boolean {
    const key = attributeKey(name);
    const known = this.#claimed.get(key);
    if (known !== undefined)
      return (element) => known.element !== undefined && isSame(known.element, element);
    if (!this.isNew(name)) return () => false;
    const claimed: { element?: XmlElement } = {};
    this.#claimed.set(key, claimed);
    const fill = this.reserve(name.namespace);
    return (element) => {
      fill((claimed.element = element));
      return true;
    };
  }

  /** The `xs:schema` elements, by their namespaces. @param locationOf where the schema of a namespace is, if anywhere */
  toElements(
    locationOf: (namespace: string) => string | undefined,
  ): ReadonlyMap<string, XmlElement> {
    return new Map(
      [...this.#components].map(([targetNamespace, components]) => {
        const used = new Set<string>();
        for (const component of components) collectNames(component, used);
        used.delete(targetNamespace);
        used.delete(NAMESPACES.xs);
        const imports = [...used].map((namespace) =>
          xs('import', { namespace, schemaLocation: locationOf(namespace) }),
        );
        const schema = xs('schema', { targetNamespace, elementFormDefault: 'qualified' }, [
          ...imports,
          ...components,
        ]);
        return [targetNamespace, schema] as const;
      }),
    );
  }
}

/** The error for an element that two messages have, each with something else in it. */
export function takenElement({ name, namespace }: QName): NetTcpError {
  return new NetTcpError(
    'Usage',
    `Metadata cannot describe the contract: two messages have the element {${namespace}}${name}.`,
  );
}

function collectNames({ attributes, children }: XmlElement, names: Set<string>): void {
  for (const value of attributes.values()) {
    if (typeof value === 'object') names.add(value.namespace);
  }
  for (const child of children) collectNames(child, names);
}
