import { NetTcpError } from '../../errors.ts';
import type { Limits } from '../../limits.ts';
import { quoted } from '../../printable.ts';
import { importsOf, sectionsOf } from '../../metadata/read/sections.ts';
import { textOf } from '../../metadata/read/text-of.ts';
import type { XmlElement } from '../../metadata/xml/element.ts';
import { readXml } from '../../metadata/xml/read-xml.ts';

/** Gets a document. @param maxBytes of it; one byte more is `QuotaExceeded` @throws {NetTcpError} */
export type Fetch = (location: URL, maxBytes: number) => Promise<Uint8Array>;

export interface ImportOptions {
  readonly fetch: Fetch;
  readonly limits: Limits;
  /** Whether documents of other hosts than the first's are fetched, too. */
  readonly otherHosts: boolean;
  /** Told of documents that are not fetched because of that. */
  readonly onSkipped: (location: string) => void;
  /** Told of each document before it is fetched. @param documents read so far @param bytes of these */
  readonly onProgress: (location: URL, documents: number, bytes: number) => void;
}

/** Fetches a description: a document, and those that it imports, each once. */
export class Documents {
  readonly #options: ImportOptions;
  readonly #roots: XmlElement[] = [];
  readonly #seen = new Set<string>();
  readonly #waiting: URL[] = [];
  #bytes = 0;

  constructor(options: ImportOptions) {
    this.#options = options;
  }

  /**
   * Fetches the document at `location`, and what it imports.
   *
   * @throws {NetTcpError} of `fetch`; `Protocol` for what is no WSDL, schema or metadata; `QuotaExceeded` beyond
   *   `maxMetadataBytes` in all
   */
  async fetchAll(location: URL): Promise<readonly XmlElement[]> {
    this.#want(location);
    return await this.#fetchWanted(location);
  }

  /** The same for a document that is there already. @param location what it is relative to */
  async addAll(text: string, location: URL): Promise<readonly XmlElement[]> {
    this.#add(text, text.length, location, location);
    return await this.#fetchWanted(location);
  }

  async #fetchWanted(first: URL): Promise<readonly XmlElement[]> {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      this.#options.onProgress(next, this.#roots.length, this.#bytes);
      const bytes = await this.#options.fetch(
        next,
        this.#options.limits.maxMetadataBytes - this.#bytes,
      );
      this.#add(textOf(bytes), bytes.length, next, first);
    }
    return this.#roots;
  }

  /** Adds a document, and wants what it imports. @param first the description's first document */
  #add(text: string, bytes: number, location: URL, first: URL): void {
    const source = quoted(location.href);
    this.#bytes += bytes;
    const sections = sectionsOf(readXml(text, source, this.#options.limits), source);
    this.#roots.push(...sections);
    for (const to of sections.flatMap(importsOf)) {
      if (URL.canParse(to, location.href)) this.#import(new URL(to, location), first);
    }
  }

  #import(location: URL, first: URL): void {
    location.hash = '';
    if (this.#seen.has(location.href)) return;
    const isOwn = location.protocol === first.protocol && location.host === first.host;
    const isWeb = location.protocol === 'http:' || location.protocol === 'https:';
    if (isOwn || (isWeb && this.#options.otherHosts)) return this.#want(location);
    this.#seen.add(location.href);
    this.#options.onSkipped(location.href);
  }

  #want(location: URL): void {
    this.#seen.add(location.href);
    this.#waiting.push(location);
  }
}

/** @throws {NetTcpError} `QuotaExceeded` */
export function checkBytes(bytes: number, maxBytes: number): void {
  if (bytes <= maxBytes) return;
  const text = 'The metadata are larger than maxMetadataBytes allows, all documents together.';
  throw new NetTcpError('QuotaExceeded', text);
}
