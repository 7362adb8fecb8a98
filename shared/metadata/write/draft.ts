import { printable } from '../../printable.ts';
import type { QName } from '../../contract/types/type-names.ts';
import { attribute, attributeKey, isSame, type XmlElement } from '../xml/element.ts';
import type { Schemas } from './schemas.ts';

/** What schemas have no form for. It costs the operation that has it, not the description. */
export class CannotDescribe extends Error {}

/** What a name in a schema stands for: each kind has names of its own. */
export type ComponentKind = 'element' | 'type' | 'attribute';

interface Drafted extends QName {
  readonly kind: ComponentKind;
  readonly sources: Set<unknown>;
  readonly definitions: XmlElement[];
}

/** What an operation needs in schemas, until it is clear that all of it has a place there. */
export class Draft {
  readonly #schemas: Schemas;
  readonly #drafted = new Map<string, Drafted>();
  readonly #whole = new Map<string, readonly XmlElement[]>();

  constructor(schemas: Schemas) {
    this.#schemas = schemas;
  }

  /**
   * A global component.
   *
   * @param source what it describes: `define` is called once for each
   */
  define(
    kind: ComponentKind,
    { name, namespace }: QName,
    source: unknown,
    define: () => XmlElement,
  ): void {
    const key = `${kind} ${attributeKey({ name, namespace })}`;
    const drafted = this.#drafted.get(key) ?? {
      kind,
      name,
      namespace,
      sources: new Set(),
      definitions: [],
    };
    this.#drafted.set(key, drafted);
    if (drafted.sources.has(source)) return;
    drafted.sources.add(source);
    drafted.definitions.push(define());
  }

  /** A type whose name matters to nobody: with a number after it, where others have the name. @returns the name */
  numbered({ name, namespace }: QName, define: (name: string) => XmlElement): QName {
    for (let number = 0; ; number++) {
      const tried = { name: `${name}${number === 0 ? '' : number}`, namespace };
      const made = define(tried.name);
      const key = `type ${attributeKey(tried)}`;
      const known = this.#drafted.get(key)?.definitions[0] ?? this.#schemas.find('type', tried);
      if (known !== undefined && !isSame(known, made)) continue;
      this.define('type', tried, key, () => made);
      return tried;
    }
  }

  /** All that a namespace has. */
  schema(namespace: string, components: readonly XmlElement[]): void {
    this.#whole.set(namespace, components);
  }

  /** Puts all of it into the schemas. @throws {CannotDescribe} for a name that has another meaning; then none is there */
  commit(): void {
    const fresh: [string, XmlElement][] = [];
    for (const { kind, name, namespace, definitions } of this.#drafted.values()) {
      const [first, ...others] = definitions as [XmlElement, ...XmlElement[]];
      const known = this.#schemas.find(kind, { name, namespace });
      const all = known === undefined ? others : [...others, known];
      if (!all.every((other) => isSame(first, other))) {
        const what = `${kind} {${namespace}}${name}`;
        throw new CannotDescribe(`there is another ${printable(what)}`);
      }
      if (known === undefined) fresh.push([namespace, first]);
    }
    for (const [namespace, components] of this.#whole) {
      for (const component of components) {
        const name = { name: attribute(component, 'name') ?? '', namespace };
        if (this.#schemas.find('type', name) === undefined) fresh.push([namespace, component]);
      }
    }
    for (const [namespace, component] of fresh) this.#schemas.add(namespace, component);
  }
}
