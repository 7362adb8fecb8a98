import type { QName } from '../../contract/types/type-names.ts';

/**
 * XML as a tree, as WSDL and XML Schema need it: no comments, no processing instructions, no text between
 * elements that is only white space.
 */
export interface XmlElement extends QName {
  /** By {@link attributeKey}. A name is written with a prefix for its namespace. */
  readonly attributes: ReadonlyMap<string, string | QName>;
  readonly children: readonly XmlElement[];
  /** What it holds beside elements. */
  readonly text: string;
  /** The namespaces in force where it was read; none in what is to be written. */
  readonly scope: Scope;
}

/** Namespaces by their prefixes; `''` is the default one's. */
export interface Scope {
  get(prefix: string): string | undefined;
}

const NO_SCOPE: Scope = new Map();

/** `{namespace}name`, or the name alone for an attribute without a namespace. */
export function attributeKey({ name, namespace }: QName): string {
  return namespace === '' ? name : `{${namespace}}${name}`;
}

/** Whether two elements, that are to be written, are the same. */
export function isSame(one: XmlElement, other: XmlElement): boolean {
  const own = ({ name, namespace, text, attributes, children }: XmlElement): string =>
    JSON.stringify([name, namespace, text, [...attributes], children.length]);
  return (
    own(one) === own(other) &&
    one.children.every((child, index) => isSame(child, other.children[index] ?? child))
  );
}

type Content = string | readonly (XmlElement | undefined)[];

/** What makes elements of one namespace. `undefined` among attributes and children is left out. */
export function elementsOf(
  namespace: string,
): (
  name: string,
  attributes?: Readonly<Record<string, string | QName | undefined>>,
  content?: Content,
) => XmlElement {
  return (name, attributes = {}, content = []) => ({
    namespace,
    name,
    attributes: new Map(Object.entries(attributes).filter(isGiven)),
    children: typeof content === 'string' ? [] : content.filter((child) => child !== undefined),
    text: typeof content === 'string' ? content : '',
    scope: NO_SCOPE,
  });
}

function isGiven<T>(entry: [string, T | undefined]): entry is [string, T] {
  return entry[1] !== undefined;
}

/** An attribute's text; `undefined` if there is none, or it is a name that is yet to be written. */
export function attribute(element: XmlElement, name: string, namespace = ''): string | undefined {
  const value = element.attributes.get(attributeKey({ name, namespace }));
  return typeof value === 'string' ? value : undefined;
}

/** The children of one name. */
export function childrenOf(element: XmlElement, { name, namespace }: QName): XmlElement[] {
  return element.children.filter((child) => child.name === name && child.namespace === namespace);
}

/** The first child of that name. */
export function childOf(element: XmlElement | undefined, name: QName): XmlElement | undefined {
  return element && childrenOf(element, name)[0];
}

/** The name that an attribute such as `type="q1:Order"` has; `undefined` without it, or for an unknown prefix. */
export function nameIn(element: XmlElement, name: string): QName | undefined {
  const text = attribute(element, name)?.trim();
  if (text === undefined) return undefined;
  const colon = text.indexOf(':');
  const namespace = element.scope.get(text.slice(0, Math.max(colon, 0)));
  if (namespace === undefined && colon >= 0) return undefined;
  return { name: text.slice(colon + 1), namespace: namespace ?? '' };
}
