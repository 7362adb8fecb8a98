import { NetTcpError } from '../../errors.ts';
import { DEFAULT_LIMITS, type Limits } from '../../limits.ts';
import type { Attribute } from './attributes.ts';
import { BinaryXmlReader } from './reader.ts';
import type { ReceivedStrings } from './session-strings.ts';

interface ToXmlOptions {
  /**
   * The string tables of the session so far, for payloads of content type 8. It grows by the table
   * of this payload: print the payloads of one direction in their order, each of them once.
   */
  readonly strings?: ReceivedStrings | undefined;
  readonly limits?: Limits;
}

const INDENT = '  ';

/**
 * A payload as XML that people can read: indented unless text is in the way, with namespaces and prefixes as
 * they were sent. It is for people and tests; nothing ever reads it back.
 *
 * @throws {NetTcpError} as {@link BinaryXmlReader} does, and `QuotaExceeded` when the XML is longer
 *   than `maxXmlPrintedChars`
 */
export function toXml(payload: Uint8Array, options: ToXmlOptions = {}): string {
  const limits = options.limits ?? DEFAULT_LIMITS;
  const reader = new BinaryXmlReader(limits, options.strings);
  reader.reset(payload, 0, payload.length);
  const printer = new Printer(limits.maxXmlPrintedChars);
  while (reader.read() !== 'done') print(reader, printer);
  return printer.xml();
}

/**
 * The element that `reader` is at, in the same form, with all namespaces declared that are in force there; the reader
 * is at its end then.
 *
 * @param maxChars beyond them `QuotaExceeded`
 */
export function readElement(reader: BinaryXmlReader, maxChars: number): string {
  const printer = new Printer(maxChars);
  const declared = reader.namespaces.inForce();
  printer.open(qualified(reader.prefix, reader.name), attributesOf(reader, declared));
  while (!printer.isWhole) {
    reader.read();
    print(reader, printer);
  }
  return printer.xml();
}

function print(reader: BinaryXmlReader, printer: Printer): void {
  switch (reader.kind) {
    case 'element':
      return printer.open(qualified(reader.prefix, reader.name), attributesOf(reader));
    case 'text':
      return printer.text(escape(reader.text.text()));
    case 'comment':
      return printer.comment(reader.comment);
    case 'end':
      return printer.close();
    case 'done': // Its caller stops there.
  }
}

/** Puts the pieces together; knows only which elements are open and what they contain. */
class Printer {
  readonly #maxChars: number;
  readonly #pieces: string[] = [];
  #chars = 0;
  readonly #open: { readonly name: string; content: 'none' | 'text' | 'elements' }[] = [];

  constructor(maxChars: number) {
    this.#maxChars = maxChars;
  }

  open(name: string, attributes: string): void {
    this.#line('elements');
    this.#add(`<${name}${attributes}`);
    this.#open.push({ name, content: 'none' });
  }

  text(text: string): void {
    const inside = this.#open.at(-1);
    if (inside?.content === 'none') this.#add('>');
    if (inside !== undefined) inside.content = 'text';
    this.#add(text);
  }

  comment(text: string): void {
    this.#line('elements');
    this.#add(`<!--${text.replace(/-(?=-|$)/g, '- ')}-->`);
  }

  close(): void {
    const closed = this.#open.pop();
    if (closed?.content === 'none') return this.#add('/>');
    if (closed?.content === 'elements') this.#add(this.#newLine());
    this.#add(`</${closed?.name}>`);
  }

  /** Whether no element is open. */
  get isWhole(): boolean {
    return this.#open.length === 0;
  }

  xml(): string {
    return `${this.#pieces.join('')}\n`;
  }

  /** Begins a line, unless text stands beside it: white space there would change the text. */
  #line(content: 'elements'): void {
    const inside = this.#open.at(-1);
    if (inside?.content === 'none') this.#add('>');
    if (inside?.content !== 'text' && this.#chars > 0) this.#add(this.#newLine());
    if (inside?.content === 'none') inside.content = content;
  }

  #newLine(): string {
    return `\n${INDENT.repeat(this.#open.length)}`;
  }

  #add(piece: string): void {
    this.#chars += piece.length;
    if (this.#chars > this.#maxChars) {
      throw new NetTcpError(
        'QuotaExceeded',
        `the payload as XML is longer than ${this.#maxChars} characters (maxXmlPrintedChars)`,
      );
    }
    this.#pieces.push(piece);
  }
}

function attributesOf(
  reader: BinaryXmlReader,
  declared = reader.namespaces.declaredHere(),
): string {
  let text = '';
  for (let index = 0; index < reader.attributes.count; index++) {
    const { prefix, name, value } = reader.attributes.at(index) as Attribute;
    text += ` ${qualified(prefix, name)}="${escape(value.text())}"`;
  }
  for (const { prefix, namespace } of declared) {
    text += ` xmlns${prefix === '' ? '' : `:${encodeName(prefix)}`}="${escape(namespace)}"`;
  }
  return text;
}

/** A name as XML has it. */
export function qualified(prefix: string, name: string): string {
  return prefix === '' ? encodeName(name) : `${encodeName(prefix)}:${encodeName(name)}`;
}

const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

/** Binary XML allows any text as a name; characters that XML does not allow become .NET's `_x0020_`. */
function encodeName(name: string): string {
  if (PLAIN_NAME.test(name)) return name;
  if (name === '') return '_x_';
  return name.replace(/^[^\p{L}_]|[^\p{L}\p{N}_.-]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `_x${code.toString(16).toUpperCase().padStart(4, '0')}_`;
  });
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** Text fit for XML. Control characters become references, so that a payload cannot play tricks on a terminal. */
export function escape(text: string): string {
  return text.replace(
    /[&<>"]|[^\P{C}\n\t]/gu,
    (character) =>
      ENTITIES[character] ?? `&#x${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()};`,
  );
}
