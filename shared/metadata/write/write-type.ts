import { NetTcpError } from '../../errors.ts';
import { isSystemKind, SYSTEM_TYPES } from '../../contract/types/system-types.ts';
import {
  entryFields,
  isReference,
  itemName,
  type QName,
  typeName,
} from '../../contract/types/type-names.ts';
import {
  isNamedShape,
  nillable,
  type Field,
  type NamedShape,
  type ObjectShape,
  type ValueType,
} from '../../contract/types/types.ts';
import { NAMESPACES, xs } from '../xml/vocabulary.ts';
import { attributeKey, elementsOf, type XmlElement } from '../xml/element.ts';
import type { Schemas } from './schemas.ts';
import { annotated, ANY_XML, enumeration, flags, isXml } from './simple-types.ts';
import { STREAM_BODY, streamBody, streamElement } from './stream-body.ts';

const ser = elementsOf(NAMESPACES.ser);

/** Writes the types of a contract into schemas, as DataContractSerializer describes them. */
export class TypeWriter {
  readonly #schemas: Schemas;
  readonly #written = new Map<string, Written>();

  constructor(schemas: Schemas) {
    this.#schemas = schemas;
  }

  /** The element of a parameter or result that is a stream. */
  stream(name: string): XmlElement {
    if (this.#schemas.isNew(STREAM_BODY)) this.#schemas.add(STREAM_BODY.namespace, streamBody());
    return streamElement(name);
  }

  /**
   * The element of a field, and the definitions of what it can hold.
   *
   * @param occurs `minOccurs` and the like
   */
  element(name: string, type: ValueType, occurs: Occurs = {}, annotation?: XmlElement): XmlElement {
    const { type: of, nillable } = this.use(type);
    if (isXml(type)) return xs('element', { ...occurs, name, nillable }, [annotation, ANY_XML]);
    return xs('element', { ...occurs, name, nillable, type: of }, [annotation]);
  }

  /** The name of a type, which is defined now, and whether values may be null. */
  use(type: ValueType): { readonly type: QName; readonly nillable: 'true' | undefined } {
    switch (type.kind) {
      case 'nillable':
        return { ...this.use(type.of), nillable: 'true' };
      case 'lazy':
        return this.use(type.of);
      case 'known': {
        const used = this.use(type.of);
        for (const one of type.types) this.#define(one);
        return used;
      }
      case 'xml':
        return { type: typeName({ kind: 'any', types: [] }), nillable: undefined };
      case 'any':
        for (const one of type.types) this.#define(one);
        return { type: typeName(type), nillable: 'true' };
      default: {
        const shape = isSystemKind(type.kind) ? SYSTEM_TYPES[type.kind].members : type;
        if (isNamedShape(shape)) this.#define(shape, isSystemKind(type.kind));
        return { type: typeName(type), nillable: undefined };
      }
    }
  }

  #define(shape: NamedShape, isSystem = false): void {
    const name = typeName(shape);
    const key = attributeKey(name);
    const known = this.#written.get(key);
    if (known?.shapes.has(shape) === true) return;
    if (known !== undefined) {
      known.shapes.add(shape);
      known.definitions.push(this.#definition(shape, name.name, isSystem));
      return;
    }
    const fill = this.#schemas.reserve(name.namespace);
    const written: Written = { name, fill, shapes: new Set([shape]), definitions: [] };
    this.#written.set(key, written);
    this.#schemas.add(
      name.namespace,
      xs('element', { name: name.name, nillable: 'true', type: name }),
    );
    written.definitions.unshift(this.#definition(shape, name.name, isSystem));
  }

  /**
   * Puts the definitions into their places, once all are known.
   *
   * @throws {NetTcpError} `Usage` for two different types of one name
   */
  finish(): void {
    for (const { name, fill, shapes, definitions } of this.#written.values()) {
      const isCollection = [...shapes].every(
        ({ kind }) => kind === 'array' || kind === 'dictionary',
      );
      const definition = definitions.reduce<XmlElement | undefined>(
        (known, other) => known && merged(known, other, isCollection),
        definitions[0],
      );
      if (definition === undefined) throw conflict(name);
      fill(definition);
    }
  }

  #definition(shape: NamedShape, name: string, isSystem: boolean): XmlElement {
    switch (shape.kind) {
      case 'array': {
        const item = this.element(itemName(shape).name, shape.of, MANY);
        return xs('complexType', { name }, [xs('sequence', {}, [item])]);
      }
      case 'dictionary': {
        const members = entryFields(shape).map((field) => this.element(field.name, field.type));
        const entry = xs('complexType', {}, [xs('sequence', {}, members)]);
        const item = xs('element', { ...MANY, name: itemName(shape).name }, [entry]);
        const mark = annotated(ser('IsDictionary', {}, 'true'));
        return xs('complexType', { name }, [mark, xs('sequence', {}, [item])]);
      }
      case 'enumeration':
        return enumeration(shape, name);
      case 'flags':
        return flags(shape, name);
      case 'object':
        return this.#object(shape, name, isSystem);
    }
  }

  #object(shape: ObjectShape, name: string, isSystem: boolean): XmlElement {
    const { base, fields, isReference } = shape;
    if (base !== undefined) this.#define(base);
    const own = fields.slice(base?.fields.length ?? 0);
    const sequence = xs(
      'sequence',
      {},
      own.map((field) => this.#member(field, isSystem)),
    );
    if (base !== undefined) {
      const extension = xs('extension', { base: typeName(base) }, [sequence]);
      const content = xs('complexContent', { mixed: 'false' }, [extension]);
      return xs('complexType', { name }, [content]);
    }
    const references = isReference ? ['Id', 'Ref'] : [];
    return xs('complexType', { name }, [
      isSystem && name !== 'Version' ? annotated(ser('IsValueType', {}, 'true')) : undefined,
      sequence,
      ...references.map((ref) =>
        xs('attribute', { ref: { name: ref, namespace: NAMESPACES.ser } }),
      ),
    ]);
  }

  #member({ name, type, presence }: Field, isSystem: boolean): XmlElement {
    const minOccurs = presence === 'required' || isSystem ? undefined : '0';
    const isOptional = presence === 'optional';
    const mark = isOptional ? annotated(ser('DefaultValue', LEFT_OUT)) : undefined;
    // What .NET leaves out of these is null.
    const of = isOptional && isReference(type) ? nillable(type) : type;
    return this.element(name, of, { minOccurs }, mark);
  }
}

/** A type that has been written, and others of its name, which have to be the same. */
interface Written {
  readonly name: QName;
  readonly fill: (component: XmlElement) => void;
  readonly shapes: Set<NamedShape>;
  readonly definitions: XmlElement[];
}

interface Occurs {
  readonly minOccurs?: string | undefined;
  readonly maxOccurs?: string | undefined;
}

const MANY: Occurs = { minOccurs: '0', maxOccurs: 'unbounded' };
const LEFT_OUT = { EmitDefaultValue: 'false' };

/** Whether two definitions of a collection differ in what may be null at most; .NET has one name for both. */
function merged(one: XmlElement, other: XmlElement, isCollection: boolean): XmlElement | undefined {
  const mayDiffer = (key: string): boolean => isCollection && key === 'nillable';
  const textOf = ({ name, text, attributes, children }: XmlElement): string => {
    const fixed = [...attributes].filter(([key]) => !mayDiffer(key));
    return JSON.stringify([name, text, fixed, children.length]);
  };
  if (textOf(one) !== textOf(other)) return undefined;
  const children = one.children.map((child, index) =>
    merged(child, other.children[index] ?? child, isCollection),
  );
  if (children.includes(undefined)) return undefined;
  const attributes = new Map([...one.attributes, ...other.attributes]);
  return { ...one, attributes, children: children.filter((child) => child !== undefined) };
}

function conflict({ name, namespace }: QName): NetTcpError {
  return new NetTcpError(
    'Usage',
    `Metadata cannot describe the contract: it has two types named {${namespace}}${name}.`,
  );
}
