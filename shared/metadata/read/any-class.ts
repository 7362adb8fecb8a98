import { type QName, typeName } from '../../contract/types/type-names.ts';
import * as types from '../../contract/types/types.ts';
import { builtIn } from './built-in.ts';
import type { Definitions } from './definitions.ts';

const ANY = types.any();

/**
 * What may be of any type, in a description: it knows all types that are described. WSDL does not say which of them
 * are meant; Microsoft's importers let a proxy know them all, too, as `[ServiceKnownType]`.
 */
export class AnyClass {
  readonly #definitions: Definitions;
  #waiting: readonly QName[] | undefined;
  #hasClasses = false;
  readonly #known = new Map<string, types.NamedShape>();
  #made: types.ValueType | undefined;
  readonly #later = types.lazy(() => (this.#made ??= types.any([...this.#known.values()])));

  constructor(definitions: Definitions) {
    this.#definitions = definitions;
  }

  /** The type, as long as its classes have not been read, too. */
  get type(): types.ValueType {
    this.#waiting ??= classesOf(this.#definitions);
    this.#hasClasses ||= this.#waiting.length > 0;
    return this.#hasClasses ? this.#later : ANY;
  }

  is(type: types.ValueType): boolean {
    return type.kind === 'any' || type === this.#later;
  }

  /** The types that are to be read and given to {@link add}, once: none where nothing can be of any class. */
  take(): readonly QName[] {
    const taken = this.#waiting ?? [];
    if (taken.length > 0) this.#waiting = [];
    return taken;
  }

  /**
   * @param type one that has no name is passed over, and so is one whose name another has. .NET describes an element
   *   of each data contract, and none of the enumerations and arrays that only XmlSerializer has
   */
  add(type: types.ValueType | undefined): void {
    if (type === undefined || !types.isNamedShape(type)) return;
    const named = typeName(type);
    if (type.kind !== 'object' && this.#definitions.find('element', named) === undefined) return;
    if (!this.#known.has(named.name)) this.#known.set(named.name, type);
  }
}

/** The types that values can say they are of, in the order of the documents. */
function classesOf(definitions: Definitions): QName[] {
  return (
    definitions
      .all('type')
      .map(({ name }) => name)
      // .NET's own classes are scalars here, which any value can be.
      .filter((name) => builtIn(name) === undefined)
  );
}
