import { contentNamespace, XSI } from '../../../contract/types/type-names.ts';
import type { ValueType } from '../../../contract/types/types.ts';
import { DeclaredPrefixes } from '../../binary-xml/declared-prefixes.ts';
import type { WireNames } from '../../binary-xml/session-strings.ts';
import { OPEN } from '../../binary-xml/text-record-writer.ts';
import type { BinaryXmlWriter } from '../../binary-xml/writer.ts';
import { WrittenObjects } from '../../written-objects.ts';

/** The role of an element: .NET declares more namespaces on the outermost one, and fewer on an item. */
export type Place = 'part' | 'member' | 'item';

/** What the elements of all values have in common: names, and the namespaces declared on them. */
export class ElementWriter {
  protected readonly writer: BinaryXmlWriter;
  protected readonly names: WireNames;
  protected readonly prefixes: DeclaredPrefixes;
  protected readonly limits: { readonly maxDepth: number };
  /** Objects written in the current part, once one of its types needs them. */
  protected objects: WrittenObjects | undefined;

  constructor(writer: BinaryXmlWriter, names: WireNames, limits: { readonly maxDepth: number }) {
    this.writer = writer;
    this.names = names;
    this.prefixes = new DeclaredPrefixes(writer, names);
    this.limits = limits;
  }

  protected element(prefix: string, name: string): void {
    this.writer.element(prefix, this.names.of(name));
  }

  protected writtenObjects(): WrittenObjects {
    return (this.objects ??= new WrittenObjects(this.limits));
  }

  /** Writes the rest of an element for null. */
  protected writeNil(of: ValueType, place: Place): void {
    this.declareContent(of, place);
    this.writer.attribute('i', this.names.of('nil'));
    this.writer.boolean(true, OPEN);
    this.prefixes.flush();
    this.writer.endElement();
  }

  /** Declares what .NET declares on the element of a value of that type. */
  protected declareContent(type: ValueType, place: Place): void {
    const namespace = place === 'item' ? undefined : contentNamespace(type);
    if (namespace !== undefined) this.prefixes.declare(namespace);
    if (place === 'part') this.prefixes.add('i', XSI);
  }
}
