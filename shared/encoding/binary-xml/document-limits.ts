import { NetTcpError } from '../../errors.ts';
import type { Limits } from '../../limits.ts';

export type ReaderLimits = Pick<
  Limits,
  'maxDepth' | 'maxXmlNodes' | 'maxXmlAttributes' | 'maxXmlReferenceChars'
>;

/** What a part of a document takes of the limits. */
export interface Spent {
  /** Elements, attributes and texts. */
  readonly nodes: number;
  /** Characters from string tables. */
  readonly referenceChars: number;
}

/**
 * What one document may take of its reader. It is a base class, and not a second object, because every session has a
 * reader.
 */
export abstract class DocumentLimits {
  readonly #limits: ReaderLimits;
  #nodes = 0;
  #referenceChars = 0;

  constructor(limits: ReaderLimits) {
    this.#limits = limits;
  }

  /** What the document has taken so far. */
  protected get spent(): Spent {
    return { nodes: this.#nodes, referenceChars: this.#referenceChars };
  }

  /** Begins a document. */
  protected unspend(): void {
    this.#nodes = 0;
    this.#referenceChars = 0;
  }

  /** @param depth of the element around the next one @throws {NetTcpError} `QuotaExceeded` */
  protected checkDepth(depth: number): void {
    if (depth >= this.#limits.maxDepth) this.#overQuota('maxDepth', 'nested elements');
  }

  /** Counts elements, attributes and texts. @throws {NetTcpError} `QuotaExceeded` */
  protected spendNodes(count: number): void {
    this.#nodes += count;
    if (this.#nodes > this.#limits.maxXmlNodes)
      this.#overQuota('maxXmlNodes', 'elements, attributes and texts');
  }

  /** Counts characters taken from string tables. @throws {NetTcpError} `QuotaExceeded` */
  spendReferenceChars(count: number): void {
    this.#referenceChars += count;
    if (this.#referenceChars > this.#limits.maxXmlReferenceChars)
      this.#overQuota('maxXmlReferenceChars', 'characters from string tables');
  }

  #overQuota(limit: keyof ReaderLimits, what: string): never {
    throw new NetTcpError(
      'QuotaExceeded',
      `the payload has more ${what} than the limit (${limit}) of ${this.#limits[limit]}`,
    );
  }
}
