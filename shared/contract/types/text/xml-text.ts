import { quoted } from '../../../printable.ts';
import { Mismatch } from '../mismatch.ts';

/** A name as it stands in XML; without a prefix that is `''`. */
interface XmlName {
  readonly prefix: string;
  readonly name: string;
}

/** An attribute that declares no namespace. */
interface XmlAttribute extends XmlName {
  readonly value: string;
}

/** The start of an element. */
export interface XmlStart extends XmlName {
  readonly namespace: string;
  readonly attributes: readonly XmlAttribute[];
  /** Prefixes that it declares, with their namespaces. */
  readonly declarations: readonly (readonly [prefix: string, namespace: string])[];
}

/** Is told what a text holds, in its order. */
export interface XmlHandler {
  start(element: XmlStart): void;
  text(text: string): void;
  comment(text: string): void;
  end(): void;
}

const NOBODY: XmlHandler = {
  start: () => undefined,
  text: () => undefined,
  comment: () => undefined,
  end: () => undefined,
};

const NAME = String.raw`([\p{L}_][\p{L}\p{M}\p{N}_.·-]*)`;
const QNAME = String.raw`(?:${NAME}:)?${NAME}`;
const START = new RegExp(`<${QNAME}`, 'uy');
const ATTRIBUTE = new RegExp(String.raw`\s+${QNAME}\s*=\s*(?:"([^"<]*)"|'([^'<]*)')`, 'uy');
const START_END = /\s*(\/?)>/y;
const END = new RegExp(String.raw`<\/${QNAME}\s*>`, 'uy');
const DECLARATION = /^\s*<\?xml\s[^<>]*\?>/;
const REFERENCE = /&(?:#x([\dA-Fa-f]{1,6})|#(\d{1,7})|([a-z]{2,4}));|&/g;
const ENTITIES: ReadonlyMap<string | undefined, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);
const XML_NAMESPACE = 'http://www.w3.org/XML/1998/namespace';

/**
 * Reads what may stand inside an element: elements, text, comments and CDATA. Prefixes have to be declared in it.
 * There are no document types, so no entities but XML's own, and no processing instructions, which binary XML
 * cannot carry. It takes time and memory in proportion to the text.
 *
 * @throws {Mismatch} for text that is not such XML
 */
export function readXmlText(given: string, handler: XmlHandler = NOBODY): void {
  new Scanner(given.replace(DECLARATION, '').replace(/\r\n?/g, '\n'), handler).run();
}

interface Open extends XmlName {
  /** Prefixes that it declares, with what they stood for outside. */
  readonly outside: readonly (readonly [prefix: string, namespace: string | undefined])[];
}

class Scanner {
  readonly #text: string;
  readonly #handler: XmlHandler;
  readonly #open: Open[] = [];
  readonly #scope = new Map([['xml', XML_NAMESPACE]]);
  #at = 0;

  constructor(text: string, handler: XmlHandler) {
    this.#text = text;
    this.#handler = handler;
  }

  run(): void {
    const text = this.#text;
    while (this.#at < text.length) {
      if (text[this.#at] !== '<') this.#plain();
      else if (text.startsWith('<!--', this.#at)) this.#comment();
      else if (text.startsWith('<![CDATA[', this.#at)) {
        this.#handler.text(this.#until('<![CDATA[', ']]>'));
      } else if (text[this.#at + 1] === '/') this.#end();
      else this.#start();
    }
    const open = this.#open.at(-1);
    if (open !== undefined) throw wrong(`<${shown(open)}> is not closed`);
  }

  #plain(): void {
    const next = this.#text.indexOf('<', this.#at);
    const end = next < 0 ? this.#text.length : next;
    this.#handler.text(plainText(this.#text.slice(this.#at, end)));
    this.#at = end;
  }

  #comment(): void {
    const text = this.#until('<!--', '-->');
    if (text.includes('--') || text.endsWith('-')) throw wrong('a comment has "--" in it');
    this.#handler.comment(text);
  }

  /** What stands between two marks, at the first of which the scanner is. */
  #until(from: string, to: string): string {
    const start = this.#at + from.length;
    const end = this.#text.indexOf(to, start);
    if (end < 0) throw wrong(`${quoted(to)} is missing`);
    this.#at = end + to.length;
    return this.#text.slice(start, end);
  }

  #start(): void {
    const [, prefix = '', name = ''] = this.#match(START) ?? this.#unknown();
    const attributes: XmlAttribute[] = [];
    const declarations: (readonly [string, string])[] = [];
    const names = new Set<string>();
    for (let found = this.#match(ATTRIBUTE); found !== null; found = this.#match(ATTRIBUTE)) {
      const [, of = '', attribute = '', double, single = ''] = found;
      const value = plainText((double ?? single).replace(/[\t\n]/g, ' '));
      const key = `${of}:${attribute}`;
      if (names.has(key)) throw wrong(`<${shown({ prefix, name })}> has an attribute twice`);
      names.add(key);
      if (of === 'xmlns') declarations.push([attribute, value]);
      else if (of === '' && attribute === 'xmlns') declarations.push(['', value]);
      else attributes.push({ prefix: of, name: attribute, value });
    }
    const [, isEmpty] = this.#match(START_END) ?? this.#unknown();
    const outside = declarations.map(([of, namespace]) => this.#declare(of, namespace));
    this.#checkAttributes(attributes);
    const namespace = prefix === '' ? (this.#scope.get('') ?? '') : this.#namespaceOf(prefix);
    this.#handler.start({ prefix, name, namespace, attributes, declarations });
    this.#open.push({ prefix, name, outside });
    if (isEmpty === '/') this.#close();
  }

  #end(): void {
    const [, prefix = '', name = ''] = this.#match(END) ?? this.#unknown();
    const open = this.#open.at(-1);
    if (open?.name !== name || open.prefix !== prefix) {
      throw wrong(`</${shown({ prefix, name })}> closes nothing`);
    }
    this.#close();
  }

  #close(): void {
    for (const [prefix, namespace] of this.#open.pop()?.outside ?? []) {
      if (namespace === undefined) this.#scope.delete(prefix);
      else this.#scope.set(prefix, namespace);
    }
    this.#handler.end();
  }

  #declare(prefix: string, namespace: string): readonly [string, string | undefined] {
    const isReserved = prefix === 'xml' || prefix === 'xmlns';
    if (isReserved || (prefix !== '' && namespace === '')) {
      throw wrong(`the prefix ${quoted(prefix)} cannot stand for ${quoted(namespace)}`);
    }
    const outside = this.#scope.get(prefix);
    this.#scope.set(prefix, namespace);
    return [prefix, outside];
  }

  /** Two prefixes may stand for one namespace: then their attributes may be the same. */
  #checkAttributes(attributes: readonly XmlAttribute[]): void {
    const names = new Map<string, Set<string>>();
    for (const { prefix, name } of attributes) {
      if (prefix === '') continue;
      const namespace = this.#namespaceOf(prefix);
      const known = names.get(namespace) ?? new Set();
      if (known.has(name)) throw wrong(`an element has the attribute ${quoted(name)} twice`);
      names.set(namespace, known.add(name));
    }
  }

  #namespaceOf(prefix: string): string {
    const namespace = this.#scope.get(prefix);
    if (namespace === undefined) throw wrong(`the prefix ${quoted(prefix)} is not declared in it`);
    return namespace;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found !== null) this.#at = pattern.lastIndex;
    return found;
  }

  #unknown(): never {
    const rest = this.#text.slice(this.#at, this.#at + SHOWN_CHARS);
    throw wrong(rest === '' ? 'it ends within a tag' : `there is ${quoted(rest)} in it`);
  }
}

/** Characters of a text in which a mistake is shown. */
const SHOWN_CHARS = 24;

/** Text with its references replaced. */
function plainText(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(REFERENCE, (reference, hex?: string, decimal?: string, name?: string) => {
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    const isCharacter = code > 0 && code <= 0x10_ffff && (code < 0xd800 || code > 0xdfff);
    const found = isCharacter ? String.fromCodePoint(code) : ENTITIES.get(name);
    if (found === undefined) throw wrong(`it has no entity ${quoted(reference)}`);
    return found;
  });
}

function shown({ prefix, name }: XmlName): string {
  return prefix === '' ? name : `${prefix}:${name}`;
}

function wrong(what: string): Mismatch {
  return new Mismatch(`must be XML as it can stand in an element: ${what}`);
}
