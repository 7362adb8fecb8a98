import type { QName } from '../../contract/types/type-names.ts';
import * as types from '../../contract/types/types.ts';
import { builtIn } from './built-in.ts';
import type { Definitions } from './definitions.ts';

const ANY = types.any();

/**
 * What may be of any class, in a description: it knows all classes that are described. WSDL does not say which of them
 * are meant; Microsoft's importers let a proxy know them all, too, as `[ServiceKnownType]`.
 */
export class AnyClass {
  readonly #definitions: Definitions;
  #waiting: readonly QName[] | undefined;
  #hasClasses = false;
  readonly #known: types.ObjectType[] = [];
  #made: types.ValueType | undefined;
  readonly #later = types.lazy(() => (this.#made ??= types.any(this.#known)));

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

  /** @param type one that is no class is passed over, and so is a class whose name another has */
  add(type: types.ValueType | undefined): void {
    if (type?.kind !== 'object' || this.#known.some(({ name }) => name === type.name)) return;
    this.#known.push(type as types.ObjectType);
  }
}

/** The types that can be classes, in the order of the documents. */
function classesOf(definitions: Definitions): QName[] {
  return (
    definitions
      .all('type')
      .filter(({ element }) => element.name === 'complexType')
      .map(({ name }) => name)
      // .NET's own classes are scalars here, which any value can be.
      .filter((name) => builtIn(name) === undefined)
  );
}
