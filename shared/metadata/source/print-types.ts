import {
  CLR_NAMESPACE,
  type ObjectShape,
  stream,
  type ValueType,
} from '../../contract/types/types.ts';
import { memberValue } from './member-value.ts';
import { type Identifiers, namespaceName } from './identifiers.ts';
import { type Expression, layOutAfter, literal, propertyKey } from './layout.ts';
import {
  definedBy,
  direct,
  inOrder,
  isDefined,
  nameOf,
  namespacesOf,
  neededBy,
  ownFields,
  ownNames,
} from './named-types.ts';
import {
  annotated,
  ANY_SCALARS,
  typedMember,
  typeOfConstant,
  typeText,
  unionOf,
} from './type-text.ts';

/** Scalars whose name in `types` is another. */
const NAMES: Readonly<Record<string, string>> = { anyURI: 'uri', void: 'nothing' };

/** Prints the types of a file: definitions in an order that works, and uses by their names. */
export class TypePrinter {
  readonly #order: readonly ValueType[];
  readonly #index: ReadonlyMap<ValueType, number>;
  readonly #names = new Map<ValueType, string>();
  readonly #namespaces = new Map<string, string>();
  /** Types that rings lead to: TypeScript has to be told what they hold before it sees how they are made. */
  readonly #ringed: ReadonlySet<ValueType>;
  /** How many types are defined where something is printed. */
  #defined = 0;

  /** @param roots the types that messages name */
  constructor(
    roots: readonly ValueType[],
    namespaces: readonly string[],
    identifiers: Identifiers,
  ) {
    this.#order = inOrder(roots);
    this.#index = new Map(this.#order.map((type, index) => [type, index]));
    for (const namespace of repeated([...namespaces, ...this.#order.flatMap(namespacesOf)])) {
      this.#namespaces.set(namespace, identifiers.give(namespaceName(namespace)));
    }
    for (const type of this.#order) this.#names.set(type, identifiers.give(nameOf(type)));
    this.#ringed = this.#inRings();
  }

  /** `const SHOP = 'http://example.org/shop';` for each namespace that comes more than once. */
  namespaces(): string[] {
    return [...this.#namespaces].map(
      ([namespace, name]) => `${layOutAfter(`const ${name} =`, literal(namespace), '')};\n`,
    );
  }

  /** A namespace where it is used. */
  namespace(namespace: string): Expression {
    return this.#namespaces.get(namespace) ?? literal(namespace);
  }

  /** All definitions. */
  definitions(): string[] {
    return this.#order.map((type, index) => {
      this.#defined = index;
      const text = this.#definition(type);
      this.#defined = index + 1;
      return text;
    });
  }

  /** Whether `pattern` is in the definitions' types. */
  get usesDateTimeOffset(): boolean {
    const held = (type: ValueType): boolean =>
      type.kind === 'dateTimeOffset' ||
      ('of' in type &&
        type.kind !== 'known' &&
        !isDefined(direct(type.of)) &&
        held(direct(type.of)));
    return this.#order.some(
      (type) => type.kind === 'object' && type.fields.some((field) => held(direct(field.type))),
    );
  }

  /** A type where it is used. */
  use(of: ValueType): Expression {
    const type = direct(of);
    const name = this.#names.get(type);
    if (name !== undefined) {
      const isDone = (this.#index.get(type) ?? 0) < this.#defined;
      return isDone ? name : { call: 'types.lazy', args: [`() => ${name}`] };
    }
    switch (type.kind) {
      case 'nillable':
        return { call: 'types.nillable', args: [this.use(type.of)] };
      case 'array':
      case 'dictionary':
        return this.#collection(type);
      case 'any':
        return { call: 'types.any', args: [] };
      default:
        return type === stream ? 'types.stream' : `types.${NAMES[type.kind] ?? type.kind}`;
    }
  }

  #definition(type: ValueType): string {
    const name = this.#names.get(type) ?? '';
    const value = this.#value(type);
    const constant = (head: string): string => `${layOutAfter(`${head} =`, value, '')};\n`;
    const isRinged = this.#ringed.has(type);
    const plain = `export const ${name}`;
    if (type.kind === 'object') {
      // Declarations name an interface; of any other type they would write out all that it holds.
      const head = isRinged
        ? annotated(`${plain}: types.ObjectType`, [name, literal(type.name), 'false'])
        : plain;
      return `${this.#interface(type, name)}${constant(head)}`;
    }
    if (isRinged || type.kind === 'known' || type.kind === 'any') {
      return `${this.#typeOf(type, name)}${constant(`${plain}: types.ValueType<${name}>`)}`;
    }
    return type.kind === 'flags' ? constant(plain) : `${constant(plain)}${typeOfConstant(name)}`;
  }

  /** What TypeScript is told of a type in a ring. */
  #typeOf(type: ValueType, name: string): string {
    if (type.kind !== 'known' && type.kind !== 'any')
      return `export type ${name} = ${this.#text({ ...type })};\n`;
    const classes = type.types.flatMap((one) =>
      one.kind !== 'object' ? [] : `({ $type: ${literal(one.name)} } & ${this.#text(one)})`,
    );
    return unionOf(name, type.kind === 'any' ? [...ANY_SCALARS, ...classes] : classes);
  }

  #interface(type: ObjectShape, name: string): string {
    const members = ownFields(type).map(({ name: member, type: of, presence }) => {
      const mark = presence === 'optional' ? '?' : '';
      return typedMember(`${propertyKey(member)}${mark}`, this.#text(of));
    });
    const body = members.length === 0 ? '{}' : `{\n${members.join('')}}`;
    const base = type.base === undefined ? '' : ` extends ${this.#text(type.base)}`;
    return `export interface ${name}${base} ${body}\n`;
  }

  #text(type: ValueType): string {
    return typeText(type, (of) => this.#names.get(of) ?? 'unknown');
  }

  #value(type: ValueType): Expression {
    switch (type.kind) {
      case 'object':
        return this.#object(type);
      case 'enumeration': {
        const values = { array: type.values.map(literal) };
        return this.#named('types.enumeration', type, values);
      }
      case 'flags': {
        const bits = type.values.map(([key, value]) => ({ key, value: String(value) }));
        return this.#named('types.flags', type, { object: bits });
      }
      case 'known': {
        const [base, ...derived] = [type.of, ...type.types.filter((one) => one !== type.of)];
        const array = derived.map((one) => this.use(one));
        return { call: 'types.known', args: [this.use(base), { array }] };
      }
      case 'any':
        return { call: 'types.any', args: [{ array: type.types.map((one) => this.use(one)) }] };
      default:
        return this.#collection(type);
    }
  }

  #collection(type: ValueType): Expression {
    if (type.kind !== 'array' && type.kind !== 'dictionary') return this.use(type);
    const names = Object.entries(ownNames(type) ?? {}).map(([key, value]) => ({
      key,
      value: key === 'namespace' ? this.namespace(value) : literal(value),
    }));
    const of = type.kind === 'array' ? [type.of] : [type.key, type.value];
    const args = of.map((one) => this.use(one));
    if (names.length > 0) args.push({ object: names });
    return { call: `types.${type.kind}`, args };
  }

  #named(
    call: string,
    { name, namespace }: { readonly name: string; readonly namespace: string },
    content: Expression,
  ): Extract<Expression, { readonly call: string }> {
    const rest = namespace === CLR_NAMESPACE ? [] : [this.namespace(namespace)];
    return { call, args: [literal(name), content, ...rest] };
  }

  #object(type: ObjectShape): Expression {
    const members = ownFields(type).map((field) => ({
      key: field.name,
      value: memberValue(field.type, field.presence, field.xml, this),
    }));
    const content = { object: members, isOpen: true };
    const name = this.#names.get(type) ?? '';
    const types = this.#ringed.has(type)
      ? []
      : [name, literal(type.name), ...(type.base ? [this.#text(type.base)] : [])];
    if (type.base === undefined && !type.isReference) {
      return { ...this.#named('types.object', type, content), types };
    }
    const isOwnReference = type.isReference && type.base?.isReference !== true;
    const options = {
      object: [
        ...(type.namespace === CLR_NAMESPACE
          ? []
          : [{ key: 'namespace', value: this.namespace(type.namespace) }]),
        ...(type.base === undefined ? [] : [{ key: 'base', value: this.use(type.base) }]),
        ...(isOwnReference ? [{ key: 'reference', value: 'true' }] : []),
      ],
    };
    return { call: 'types.object', types, args: [literal(type.name), content, options] };
  }

  #inRings(): ReadonlySet<ValueType> {
    const ringed = new Set<ValueType>();
    const add = (type: ValueType): void => {
      if (ringed.has(type)) return;
      ringed.add(type);
      for (const needed of neededBy(type)) add(needed);
    };
    for (const [index, type] of this.#order.entries()) {
      for (const other of definedBy(type)) {
        if ((this.#index.get(other) ?? 0) >= index) add(other);
      }
    }
    return ringed;
  }
}

function repeated(texts: readonly string[]): ReadonlySet<string> {
  return new Set(texts.filter((text, index) => texts.indexOf(text) !== index));
}
