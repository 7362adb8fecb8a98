import {
  type XmlHandler,
  type XmlStart,
  readXmlText,
} from '../../../contract/types/text/xml-text.ts';
import { Mismatch } from '../../../contract/types/mismatch.ts';
import { checkXml } from '../../../contract/types/values.ts';
import { END, OPEN } from '../../binary-xml/text-record-writer.ts';
import type { BinaryXmlWriter } from '../../binary-xml/writer.ts';

/**
 * Writes XML and the end of the element that it stands in, as .NET writes an `XElement`: names as text, what an
 * element declares behind its attributes, and only what is not in force already.
 *
 * @param outside the default namespace in force
 * @throws {Mismatch} for what is no XML, or is nested deeper than a peer with the same limits reads
 */
export function writeXml(
  writer: BinaryXmlWriter,
  outside: string | undefined,
  value: unknown,
  limits: { readonly maxDepth: number },
): void {
  const handler = new XmlWriter(writer, outside ?? '', limits.maxDepth);
  readXmlText(checkXml(value), handler);
  handler.end();
}

class XmlWriter implements XmlHandler {
  readonly #writer: BinaryXmlWriter;
  readonly #maxDepth: number;
  /** For each open element, what prefixes that it declared stood for outside. */
  readonly #outside: Map<string, string | undefined>[] = [];
  readonly #inForce = new Map<string, string>();
  /** Text waits: it and the end of its element are one record. */
  #text = '';

  constructor(writer: BinaryXmlWriter, outside: string, maxDepth: number) {
    this.#writer = writer;
    this.#maxDepth = maxDepth;
    this.#inForce.set('', outside);
  }

  start({ prefix, name, namespace, attributes, declarations }: XmlStart): void {
    if (this.#outside.length >= this.#maxDepth) {
      throw new Mismatch(`is nested deeper than the limit (maxDepth) of ${this.#maxDepth}`);
    }
    this.#flush();
    const writer = this.#writer;
    const outside = new Map<string, string | undefined>();
    this.#outside.push(outside);
    writer.element(prefix, name);
    for (const attribute of attributes) {
      writer.attribute(attribute.prefix, attribute.name);
      writer.text(attribute.value, OPEN);
    }
    for (const [of, value] of [[prefix, namespace] as const, ...declarations]) {
      if (of === 'xml' || this.#inForce.get(of) === value) continue;
      outside.set(of, this.#inForce.get(of));
      this.#inForce.set(of, value);
      writer.xmlns(of, value);
    }
  }

  text(text: string): void {
    this.#text += text;
  }

  comment(text: string): void {
    this.#flush();
    this.#writer.comment(text);
  }

  end(): void {
    if (this.#text === '') this.#writer.endElement();
    else this.#writer.text(this.#text, END);
    this.#text = '';
    for (const [prefix, namespace] of this.#outside.pop() ?? []) {
      if (namespace === undefined) this.#inForce.delete(prefix);
      else this.#inForce.set(prefix, namespace);
    }
  }

  #flush(): void {
    if (this.#text !== '') this.#writer.text(this.#text, OPEN);
    this.#text = '';
  }
}
