import { itemName, typeName } from '../../contract/types/type-names.ts';
import { CLR_NAMESPACE, type ObjectShape, type ValueType } from '../../contract/types/types.ts';

/** A type as it is defined, without what only delays its definition. */
export function direct(type: ValueType): ValueType {
  return type.kind === 'lazy' ? direct(type.of) : type;
}

/** Whether a file defines the type under a name; others are written out where they are used. */
export function isDefined(type: ValueType): boolean {
  switch (type.kind) {
    case 'object':
    case 'known':
    case 'enumeration':
    case 'flags':
      return true;
    case 'array':
    case 'dictionary':
      return ownNames(type) !== undefined;
    case 'any':
      return type.types.length > 0;
    default:
      return false;
  }
}

/** The names of a collection that are not .NET's; `undefined` if it has only those. */
export function ownNames(
  type: Extract<ValueType, { readonly kind: 'array' | 'dictionary' }>,
): Readonly<Record<string, string>> | undefined {
  const plain = { ...type, names: {} };
  const due: Readonly<Record<string, string | undefined>> = {
    ...typeName(plain),
    item: itemName(plain).name,
    key: 'Key',
    value: 'Value',
  };
  const given: Readonly<Record<string, string | undefined>> = { ...type.names };
  const own = Object.entries(given).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== due[entry[0]],
  );
  return own.length === 0 ? undefined : Object.fromEntries(own);
}

/** The types that have to be defined before `type` is: its base, and the classes that it knows. */
export function neededBy(type: ValueType): readonly ValueType[] {
  if (type.kind === 'known') return [type.of, ...type.types];
  if (type.kind === 'any') return type.types;
  return type.kind === 'object' && type.base !== undefined ? [type.base] : [];
}

/** The types that `type` names, in their order; for a class without those of its base's members. */
function namedBy(type: ValueType): readonly ValueType[] {
  switch (type.kind) {
    case 'array':
      return [direct(type.of)];
    case 'dictionary':
      return [direct(type.key), direct(type.value)];
    case 'nillable':
      return [direct(type.of)];
    case 'any':
    case 'known':
    case 'object':
      return [...neededBy(type), ...(type.kind === 'object' ? ownMembers(type) : [])];
    default:
      return [];
  }
}

function ownMembers(type: ObjectShape): ValueType[] {
  return ownFields(type).map((field) => direct(field.type));
}

/** The defined types that `type` names, itself or through others that are written out. */
export function definedBy(type: ValueType): ValueType[] {
  return namedBy(type).flatMap((each) => (isDefined(each) ? [each] : definedBy(each)));
}

/** Types in the middle of being ordered; deeper ones are put off, which costs them a `lazy`. */
const MAX_DEPTH = 200;

/**
 * An order in which types can be defined: bases and known classes first, members first where there is no ring.
 *
 * @param roots the types that messages name
 */
export function inOrder(roots: Iterable<ValueType>): readonly ValueType[] {
  const done = new Set<ValueType>();
  const begun = new Set<ValueType>();
  const waiting: ValueType[] = [];
  const define = (type: ValueType): void => {
    if (done.has(type)) return;
    if (isBlocked(type, begun)) {
      waiting.push(type);
      return;
    }
    begun.add(type);
    const needed = neededBy(type);
    for (const other of isDefined(type) ? definedBy(type) : namedBy(type)) {
      if (begun.size < MAX_DEPTH || needed.includes(other)) define(other);
      else waiting.push(other);
    }
    begun.delete(type);
    done.add(type);
  };
  for (const root of roots) define(direct(root));
  for (let type = waiting.shift(); type !== undefined; type = waiting.shift()) define(type);
  return [...done].filter(isDefined);
}

/** Whether the type needs one whose definition has begun and is not done. */
function isBlocked(type: ValueType, begun: ReadonlySet<ValueType>): boolean {
  return begun.has(type) || neededBy(type).some((each) => isBlocked(each, begun));
}

/** The members of a class without its base's. */
export function ownFields({ fields, base }: ObjectShape): ObjectShape['fields'] {
  return fields.slice(base?.fields.length ?? 0);
}

/** The name under which a file defines a type. */
export function nameOf(type: ValueType): string {
  if (type.kind === 'known') return `Any${type.of.name}`;
  if (type.kind === 'any') return 'AnyObject';
  if (type.kind === 'array' || type.kind === 'dictionary') return type.names.name ?? 'Collection';
  return 'name' in type ? type.name : type.kind;
}

/** The namespaces that the definition of a type names. */
export function namespacesOf(type: ValueType): readonly string[] {
  if (type.kind === 'known') return [];
  if (type.kind === 'array' || type.kind === 'dictionary') {
    const namespace = ownNames(type)?.['namespace'];
    return namespace === undefined ? [] : [namespace];
  }
  return 'namespace' in type && type.namespace !== CLR_NAMESPACE ? [type.namespace] : [];
}
