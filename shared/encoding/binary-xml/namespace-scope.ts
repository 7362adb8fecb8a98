import { NetTcpError } from '../../errors.ts';
import type { Cursor } from './cursor.ts';

/** What the prefix `xml` always means. */
const XML_NAMESPACE = 'http://www.w3.org/XML/1998/namespace';

export interface NamespaceDeclaration {
  readonly prefix: string;
  readonly namespace: string;
}

/** The namespace declarations that are in force where a reader stands, innermost last. */
export class NamespaceScope {
  readonly #cursor: Cursor;
  readonly #limits: { readonly maxXmlAttributes: number };
  readonly #prefixes: string[] = [];
  readonly #namespaces: string[] = [];
  #count = 0;
  /** For each open element, the number of declarations outside of it. */
  readonly #outside: number[] = [];
  #depth = 0;

  constructor(cursor: Cursor, limits: { readonly maxXmlAttributes: number }) {
    this.#cursor = cursor;
    this.#limits = limits;
  }

  clear(): void {
    this.#count = 0;
    this.#depth = 0;
  }

  enter(): void {
    this.#outside[this.#depth++] = this.#count;
  }

  leave(): void {
    this.#count = this.#outside[--this.#depth] as number;
  }

  /** Adds a declaration of the innermost element; the default namespace has the prefix `''`. */
  declare(prefix: string, namespace: string): void {
    for (let index = this.#outside[this.#depth - 1] as number; index < this.#count; index++) {
      if (this.#prefixes[index] === prefix) {
        this.#cursor.malformed(`an element declares the prefix "${prefix}" twice`);
      }
    }
    // Lookup is a linear search, fastest for the three prefixes that messages have; this bounds it.
    if (this.#count >= this.#limits.maxXmlAttributes) {
      throw new NetTcpError(
        'QuotaExceeded',
        `more than ${this.#limits.maxXmlAttributes} namespace declarations in force (maxXmlAttributes)`,
      );
    }
    this.#prefixes[this.#count] = prefix;
    this.#namespaces[this.#count] = namespace;
    this.#count++;
  }

  /** The namespace that `prefix` stands for here, `undefined` for an undeclared prefix. */
  find(prefix: string): string | undefined {
    for (let index = this.#count - 1; index >= 0; index--) {
      if (this.#prefixes[index] === prefix) return this.#namespaces[index];
    }
    if (prefix === '') return '';
    return prefix === 'xml' ? XML_NAMESPACE : undefined;
  }

  /** As {@link find}. @throws {NetTcpError} `Protocol` for an undeclared prefix */
  of(prefix: string): string {
    return (
      this.find(prefix) ?? this.#cursor.malformed(`the prefix "${prefix}" has no namespace here`)
    );
  }

  /** The declarations that the innermost element itself makes. */
  declaredHere(): NamespaceDeclaration[] {
    const outside = this.#outside[this.#depth - 1] ?? 0;
    return this.#prefixes.slice(outside, this.#count).map((prefix, index) => ({
      prefix,
      namespace: this.#namespaces[outside + index] ?? '',
    }));
  }

  /** All declarations that are in force here. */
  inForce(): NamespaceDeclaration[] {
    const all = new Map<string, string>();
    for (let index = 0; index < this.#count; index++) {
      all.set(this.#prefixes[index] as string, this.#namespaces[index] as string);
    }
    return [...all].map(([prefix, namespace]) => ({ prefix, namespace }));
  }
}
