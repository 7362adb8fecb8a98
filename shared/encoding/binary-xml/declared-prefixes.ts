import type { WireNames } from './session-strings.ts';
import type { BinaryXmlWriter } from './writer.ts';

interface Declared {
  readonly prefix: string;
  readonly namespace: string;
}

const PREFIXES = 'abcdefghijklmnopqrstuvwxyz';
/** Prefixes that every envelope uses itself. */
const ENVELOPE: readonly Declared[] = [
  { prefix: 's', namespace: '' },
  { prefix: 'a', namespace: '' },
];

/**
 * The namespace declarations in force where a writer stands, outermost first. Those of the innermost element
 * are written after its attributes, as .NET does.
 */
export class DeclaredPrefixes {
  readonly #writer: BinaryXmlWriter;
  readonly #names: WireNames;
  readonly #declared: Declared[] = [...ENVELOPE];
  #written = 0;

  constructor(writer: BinaryXmlWriter, names: WireNames) {
    this.#writer = writer;
    this.#names = names;
  }

  /** Begins inside an element where a default namespace is in force. */
  reset(namespace: string): void {
    this.#declared.length = ENVELOPE.length;
    this.#declared.push({ prefix: '', namespace });
    this.#written = this.#declared.length;
  }

  /** A prefix that an element outside has declared. */
  inherit(prefix: string, namespace: string): void {
    this.add(prefix, namespace);
    this.#written = this.#declared.length;
  }

  /** The number of declarations, for {@link leave}. */
  get count(): number {
    return this.#declared.length;
  }

  /** Ends all declarations after the first `count`. */
  leave(count: number): void {
    this.#declared.length = count;
    this.#written = Math.min(this.#written, count);
  }

  /** Declares a prefix, whatever is in force already. */
  add(prefix: string, namespace: string): void {
    this.#declared.push({ prefix, namespace });
  }

  /** The prefix for a namespace; one is declared unless one is in force already. */
  declare(namespace: string): string {
    const known = this.find(namespace);
    if (known !== undefined) return known;
    const prefix = this.#free();
    this.add(prefix, namespace);
    return prefix;
  }

  /** The same for an attribute, which needs one. @param due the prefix to declare; default: a free letter */
  declareNamed(namespace: string, due?: string): string {
    const known = this.find(namespace, true);
    if (known !== undefined) return known;
    const prefix = due ?? this.#free();
    this.add(prefix, namespace);
    return prefix;
  }

  /** What a prefix stands for here. */
  namespaceOf(prefix: string): string | undefined {
    return this.#declared.findLast((one) => one.prefix === prefix)?.namespace;
  }

  /**
   * The innermost prefix in force for a namespace; a prefix may have been redeclared since.
   *
   * @param isNamed the default prefix is none
   */
  find(namespace: string, isNamed = false): string | undefined {
    for (let index = this.#declared.length - 1; index >= 0; index--) {
      const found = this.#declared[index] as Declared;
      if (found.namespace !== namespace || (isNamed && found.prefix === '')) continue;
      if (this.#isInForce(found, index)) return found.prefix;
    }
    return undefined;
  }

  /** Writes the declarations of the innermost element. */
  flush(): void {
    while (this.#written < this.#declared.length) {
      const { prefix, namespace } = this.#declared[this.#written++] as Declared;
      this.#writer.xmlns(prefix, this.#names.of(namespace));
    }
  }

  #isInForce({ prefix }: Declared, at: number): boolean {
    for (let index = at + 1; index < this.#declared.length; index++) {
      if (this.#declared[index]?.prefix === prefix) return false;
    }
    return true;
  }

  /** The first letter not in use; `i` is kept for XMLSchema-instance. */
  #free(): string {
    for (const letter of PREFIXES) {
      if (letter !== 'i' && !this.#declared.some(({ prefix }) => prefix === letter)) return letter;
    }
    return `p${this.#declared.length}`;
  }
}
