import { header, type HeaderType } from '../../contract/header.ts';
import { type BodyMember, type Message, message } from '../../contract/message.ts';
import type { QName } from '../../contract/types/type-names.ts';
import { type Member, stream, type ValueType } from '../../contract/types/types.ts';
import { NAMESPACES } from '../xml/vocabulary.ts';
import { attribute, childrenOf, nameIn, type XmlElement } from '../xml/element.ts';
import { shownName } from '../xml/read-xml.ts';
import { CannotSay } from './cannot-say.ts';
import { checkContent } from './checks.ts';
import { type Component, type Definitions, xsChild } from './definitions.ts';
import { memberOf, XmlTypeReader } from './read-xml-type.ts';
import type { SchemaReader } from './schema-reader.ts';

const { wsdl: WSDL, soap: SOAP, soap12: SOAP12 } = NAMESPACES;

/** A message of an operation: what the `portType` and the binding say of it. */
export interface DescribedMessage {
  /** `wsdl:input` or `wsdl:output` of the `portType`. */
  readonly element: XmlElement;
  /** The same of the binding. */
  readonly bound: XmlElement | undefined;
}

type Headers = Readonly<Record<string, ValueType | HeaderType>>;

/** Reads the messages of operations that are no lists of parameters. */
export class MessageReader {
  readonly #definitions: Definitions;
  readonly #types: SchemaReader;
  /** Of the contract: what has this namespace need not say so. */
  readonly #namespace: string;

  constructor(definitions: Definitions, types: SchemaReader, namespace: string) {
    this.#definitions = definitions;
    this.#types = types;
    this.#namespace = namespace;
  }

  /** The element around the parameters, if that is all that the message is. */
  wrapperOf({ element, bound }: DescribedMessage): Component | undefined {
    if (headersOf(bound).length > 0) return undefined;
    const [part, ...others] = this.#partsOf(nameIn(element, 'message'));
    if (part === undefined || others.length > 0) return undefined;
    return xsChild(part.element, 'complexType') === undefined ? undefined : part;
  }

  /**
   * The message as a contract has it.
   *
   * @param due the name that its element has by default
   * @throws {CannotSay} for what a contract has no words for
   */
  read({ element, bound }: DescribedMessage, due: string): Message {
    const headersBeside = (body: object): { readonly headers?: Headers } => {
      const all = headersOf(bound).map((of) => this.#header(this.#headerOf(of), body));
      return all.length > 0 ? { headers: Object.fromEntries(all) } : {};
    };
    const parts = this.#partsOf(nameIn(element, 'message'));
    const [first] = parts;
    const complexType = parts.length === 1 ? xsChild(first?.element, 'complexType') : undefined;
    if (first === undefined || complexType === undefined) {
      const body = Object.fromEntries(parts.map((part) => this.#bare(part)));
      return message({ wrapped: false, ...headersBeside(body), body });
    }
    checkContent(complexType);
    const body = Object.fromEntries(
      (xsChild(complexType, 'sequence')?.children ?? []).map((one) => this.#member(one, first)),
    );
    const { name, namespace } = first.name;
    return message({
      ...(name !== due && { name }),
      ...(namespace !== this.#namespace && { namespace }),
      ...headersBeside(body),
      ...(Object.keys(body).length > 0 && { body }),
    });
  }

  /** The parts of a `wsdl:message`: its elements. */
  #partsOf(name: QName | undefined): Component[] {
    const found = this.#definitions.find('message', name);
    if (found === undefined) throw new CannotSay('it has a message that is not described');
    return childrenOf(found.element, { name: 'part', namespace: WSDL }).map((part) =>
      this.#elementOf(nameIn(part, 'element')),
    );
  }

  #elementOf(name: QName | undefined): Component {
    if (name === undefined) throw new CannotSay('a message of it is not made of elements');
    const component = this.#definitions.find('element', name);
    if (component === undefined) throw new CannotSay(`${shownName(name)} is not described`);
    return component;
  }

  #headerOf(of: XmlElement): Component {
    const found = this.#definitions.find('message', nameIn(of, 'message'));
    const parts = childrenOf(found?.element ?? of, { name: 'part', namespace: WSDL });
    const due = attribute(of, 'part');
    const part = parts.find((one) => attribute(one, 'name') === due);
    if (part === undefined) throw new CannotSay('it has a header that is not described');
    return this.#elementOf(nameIn(part, 'element'));
  }

  #typeOf({ element, name, root }: Component): ValueType {
    return this.#types.typeOf(element, name.name, root);
  }

  /** A header, under another name where the body has a member of its name. */
  #header(component: Component, body: object): readonly [string, ValueType | HeaderType] {
    const { name, namespace } = component.name;
    const type = this.#typeOf(component);
    const isTaken = Object.hasOwn(body, name);
    const isPlain = !isTaken && namespace === this.#namespace;
    const member = isTaken ? `${name}Header` : name;
    return [member, isPlain ? type : header(name, type, { namespace })];
  }

  #stream(name: string, namespace: string): readonly [string, ValueType | BodyMember] {
    return [name, namespace === this.#namespace ? stream : { type: stream, namespace }];
  }

  #bare(part: Component): readonly [string, ValueType | Member | BodyMember] {
    if (this.#types instanceof XmlTypeReader) return this.#member(part.element, part);
    const { name, namespace } = part.name;
    const type = this.#typeOf(part);
    return [name, namespace === this.#namespace ? type : { type, namespace }];
  }

  #member(
    element: XmlElement,
    { root, name: { namespace } }: Component,
  ): readonly [string, ValueType | Member | BodyMember] {
    if (this.#types instanceof XmlTypeReader) {
      const [own] = this.#types.fields([element], root, this.#namespace);
      if (own?.type === stream) return this.#stream(own.name, own.xml?.namespace ?? namespace);
      if (own !== undefined) return [own.name, memberOf(own.type, own.presence, own.xml)];
    }
    const ref = nameIn(element, 'ref');
    if (ref !== undefined) {
      const [named, of] = this.#bare(this.#elementOf(ref));
      const isValue = 'kind' in of && of !== stream;
      const isRequired = attribute(element, 'minOccurs') !== '0' && isValue;
      return [named, isRequired ? { of, presence: 'required' } : of];
    }
    const [field] = this.#types.fields([element], root);
    if (field === undefined) throw new CannotSay('it has an element without a name');
    const { name, type, presence } = field;
    if (namespace !== this.#namespace) return [name, { type, namespace }];
    return [name, presence === 'default' || type === stream ? type : { of: type, presence }];
  }
}

function headersOf(bound: XmlElement | undefined): XmlElement[] {
  if (bound === undefined) return [];
  return [SOAP12, SOAP].flatMap((namespace) => childrenOf(bound, { name: 'header', namespace }));
}
