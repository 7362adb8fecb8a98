import { SaxesParser, type SaxesTagNS } from 'saxes';
import { NetTcpError } from '../../errors.ts';
import type { Limits } from '../../limits.ts';
import { printable } from '../../printable.ts';
import type { QName } from '../../contract/types/type-names.ts';
import { attributeKey, type Scope, type XmlElement } from './element.ts';

type XmlLimits = Pick<Limits, 'maxDepth' | 'maxXmlNodes'>;

/**
 * Reads a document. A DOCTYPE is refused: without one there are no entities but XML's own five.
 *
 * @param source names the document in errors, fit to be shown
 * @throws {NetTcpError} `Protocol` for what is no XML, `QuotaExceeded` for more than `maxDepth` or `maxXmlNodes`
 */
export function readXml(text: string, source: string, limits: XmlLimits): XmlElement {
  const builder = new TreeBuilder(source, limits);
  const parser = new SaxesParser({ xmlns: true, position: true });
  parser.on('doctype', () => {
    throw new NetTcpError('Protocol', `${source} has a DOCTYPE, which is not read.`);
  });
  parser.on('error', (error) => {
    const why = printable(error.message);
    throw new NetTcpError('Protocol', `${source} is not XML: ${why}`, { cause: error });
  });
  parser.on('opentag', (tag) => builder.open(tag));
  parser.on('closetag', () => builder.close());
  parser.on('text', (part) => builder.text(part));
  parser.on('cdata', (part) => builder.text(part));
  parser.write(text).close();
  return builder.root();
}

interface Open extends XmlElement {
  readonly children: XmlElement[];
  text: string;
}

class TreeBuilder {
  readonly #source: string;
  readonly #limits: XmlLimits;
  readonly #open: Open[] = [];
  #root: XmlElement | undefined;
  #nodes = 0;

  constructor(source: string, limits: XmlLimits) {
    this.#source = source;
    this.#limits = limits;
  }

  open({ uri, local, attributes, ns }: SaxesTagNS): void {
    const inside = this.#open.at(-1);
    const given = new Map<string, string>();
    for (const { uri: namespace, local: name, value } of Object.values(attributes)) {
      given.set(attributeKey({ name, namespace }), value);
    }
    this.#count(1 + given.size);
    if (this.#open.length >= this.#limits.maxDepth) this.#exceeded('maxDepth');
    const outer = inside?.scope ?? new Map<string, string>();
    const scope = Object.keys(ns).length === 0 ? outer : new InnerScope(ns, outer);
    const element: Open = {
      name: local,
      namespace: uri,
      attributes: given,
      children: [],
      text: '',
      scope,
    };
    inside?.children.push(element);
    this.#root ??= element;
    this.#open.push(element);
  }

  close(): void {
    const closed = this.#open.pop();
    // White space between elements is layout.
    if (closed !== undefined && closed.children.length > 0 && closed.text.trim() === '') {
      closed.text = '';
    }
  }

  text(part: string): void {
    const inside = this.#open.at(-1);
    if (inside === undefined) return;
    this.#count(1);
    inside.text += part;
  }

  root(): XmlElement {
    return this.#root ?? fail('Protocol', `${this.#source} is empty.`);
  }

  #count(nodes: number): void {
    this.#nodes += nodes;
    if (this.#nodes > this.#limits.maxXmlNodes) this.#exceeded('maxXmlNodes');
  }

  #exceeded(limit: keyof XmlLimits): never {
    fail('QuotaExceeded', `${this.#source} is over the limit ${limit}, ${this.#limits[limit]}.`);
  }
}

/** Declarations of one element, around them those of the elements that it is in. */
class InnerScope implements Scope {
  readonly #own: ReadonlyMap<string, string>;
  readonly #outer: Scope;

  constructor(own: Readonly<Record<string, string>>, outer: Scope) {
    this.#own = new Map(Object.entries(own));
    this.#outer = outer;
  }

  get(prefix: string): string | undefined {
    return this.#own.get(prefix) ?? this.#outer.get(prefix);
  }
}

function fail(code: 'Protocol' | 'QuotaExceeded', message: string): never {
  throw new NetTcpError(code, message);
}

/** A name as errors and comments show it. */
export function shownName({ name, namespace }: QName): string {
  return printable(namespace === '' ? name : `{${namespace}}${name}`);
}
