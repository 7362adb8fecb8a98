import { type QName, SERIALIZATION } from '../../../contract/types/type-names.ts';
import type { DeclaredPrefixes } from '../../binary-xml/declared-prefixes.ts';
import type { WireNames } from '../../binary-xml/session-strings.ts';
import { OPEN } from '../../binary-xml/text-record-writer.ts';
import type { BinaryXmlWriter } from '../../binary-xml/writer.ts';

/** Attributes that say something of their element's value. Their namespace declarations follow them. */

/** `z:Id` the first time that an object comes, otherwise `z:Ref`. @param id negative the first time */
export function writeReferenceMark(
  writer: BinaryXmlWriter,
  names: WireNames,
  prefixes: DeclaredPrefixes,
  id: number,
): void {
  writer.attribute('z', names.of(id < 0 ? 'Id' : 'Ref'));
  writer.text(`i${Math.abs(id)}`, OPEN);
  if (prefixes.find(SERIALIZATION) === undefined) prefixes.add('z', SERIALIZATION);
}

/** `i:type` */
export function writeTypeMark(
  writer: BinaryXmlWriter,
  names: WireNames,
  prefixes: DeclaredPrefixes,
  { name, namespace }: QName,
): void {
  const prefix = prefixes.declare(namespace);
  writer.attribute('i', names.of('type'));
  const wireName = names.of(name);
  if (typeof wireName === 'string') {
    writer.text(prefix === '' ? name : `${prefix}:${name}`, OPEN);
  } else if (prefix === '') writer.dictionaryText(wireName, OPEN);
  else writer.qname(prefix, wireName, OPEN);
}
