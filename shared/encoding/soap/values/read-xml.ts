import { SERIALIZATION, XSI } from '../../../contract/types/type-names.ts';
import type { BinaryXmlReader } from '../../binary-xml/reader.ts';
import { escape, qualified } from '../../binary-xml/to-xml.ts';

/**
 * Reads what the element holds at which the reader stands, to its end, as XML that can stand by itself: each outermost
 * element declares the prefixes that it has from outside.
 *
 * @param onStray is told attributes of the element itself, which have no place in what is inside of it
 * @throws {NetTcpError} `QuotaExceeded` when that makes more text of few bytes than `maxXmlReferenceChars`
 */
export function readXml(xml: BinaryXmlReader, onStray: (name: string) => void): string {
  for (const { namespace, name } of xml.attributes.all()) {
    if (namespace !== XSI && namespace !== SERIALIZATION) onStray(name);
  }
  return new ContentReader(xml).read();
}

class ContentReader {
  readonly #xml: BinaryXmlReader;
  /** Elements that are open around the content. */
  readonly #depth: number;
  /** Namespaces in force around it. */
  readonly #outside: ReadonlyMap<string, string>;
  readonly #pieces: string[] = [];
  readonly #open: { readonly name: string; readonly declared: readonly string[] }[] = [];
  /** How many open elements declare a prefix. */
  readonly #inside = new Map<string, number>();
  /** Prefixes of the outermost element that are declared outside, and the place for their declarations. */
  readonly #needed = new Set<string>();
  #place = 0;

  constructor(xml: BinaryXmlReader) {
    this.#xml = xml;
    this.#depth = xml.depth;
    this.#outside = new Map(
      xml.namespaces.inForce().map(({ prefix, namespace }) => [prefix, namespace]),
    );
  }

  read(): string {
    const xml = this.#xml;
    for (;;) {
      switch (xml.read()) {
        case 'element':
          this.#start();
          break;
        case 'text':
          this.#pieces.push(escape(xml.text.text()));
          break;
        case 'comment':
          this.#pieces.push(`<!--${xml.comment.replace(/-(?=-|$)/g, '- ')}-->`);
          break;
        default:
          if (xml.depth < this.#depth) return this.#pieces.join('');
          this.#end();
      }
    }
  }

  #start(): void {
    const { prefix, name, attributes, namespaces } = this.#xml;
    const declared = namespaces.declaredHere();
    for (const { prefix: of } of declared) this.#inside.set(of, (this.#inside.get(of) ?? 0) + 1);
    this.#need(prefix);
    const tag = qualified(prefix, name);
    let start = `<${tag}`;
    for (const { prefix: of, name: attribute, namespace, value } of attributes.all()) {
      const text = value.text();
      if (of !== '') this.#need(of);
      if (namespace === XSI && attribute === 'type') this.#need(prefixIn(text));
      start += ` ${qualified(of, attribute)}="${attributeText(text)}"`;
    }
    for (const { prefix: of, namespace } of declared) {
      // By itself, there is nothing that this would undo.
      if (namespace === '' && this.#open.length === 0) continue;
      start += declaration(of, namespace);
    }
    this.#pieces.push(start, '', '>');
    if (this.#open.length === 0) this.#place = this.#pieces.length - 2;
    this.#open.push({ name: tag, declared: declared.map(({ prefix: of }) => of) });
  }

  #end(): void {
    const { name, declared } = this.#open.pop() ?? { name: '', declared: [] };
    for (const prefix of declared) this.#inside.set(prefix, (this.#inside.get(prefix) ?? 1) - 1);
    // Nothing is in it: its start is the last that was added.
    if (this.#pieces.at(-1) === '>') this.#pieces[this.#pieces.length - 1] = '/>';
    else this.#pieces.push(`</${name}>`);
    if (this.#open.length === 0) this.#declare();
  }

  /** A prefix is used here. */
  #need(prefix: string): void {
    if ((this.#inside.get(prefix) ?? 0) === 0) this.#needed.add(prefix);
  }

  #declare(): void {
    let text = '';
    for (const prefix of this.#needed) {
      const namespace = this.#outside.get(prefix) ?? '';
      if (namespace === '') continue;
      this.#xml.spendReferenceChars(namespace.length);
      text += declaration(prefix, namespace);
    }
    this.#pieces[this.#place] = text;
    this.#needed.clear();
  }
}

/** The prefix of a name in text. */
function prefixIn(text: string): string {
  return text.slice(0, Math.max(0, text.indexOf(':'))).trim();
}

function declaration(prefix: string, namespace: string): string {
  return ` ${qualified(prefix === '' ? '' : 'xmlns', prefix === '' ? 'xmlns' : prefix)}="${attributeText(namespace)}"`;
}

/** Readers of XML take white space in attributes for spaces, unless it is a reference. */
function attributeText(text: string): string {
  return escape(text).replace(/[\t\n]/g, (char) => `&#${char.charCodeAt(0)};`);
}
