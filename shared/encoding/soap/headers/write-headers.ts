import { headerName, type HeaderType, type MessageHeader } from '../../../contract/header.ts';
import { changed, Mismatch, within } from '../../../contract/types/mismatch.ts';
import type { ArrayShape, ValueType } from '../../../contract/types/types.ts';
import { checkArray } from '../../../contract/types/values.ts';
import { OPEN } from '../../binary-xml/text-record-writer.ts';
import type { EnvelopeWriter } from '../envelope-writer.ts';
import { ID } from '../vocabulary.ts';

/**
 * Writes headers that an application adds, as .NET writes those of an OperationContext: names are written out.
 *
 * @throws {Mismatch} for a value of another type, or a header that comes twice
 */
export function writeHeaders(envelope: EnvelopeWriter, headers: readonly MessageHeader[]): void {
  const { xml, values } = envelope;
  for (const [index, { header, value }] of headers.entries()) {
    const { name, namespace, mustUnderstand } = header;
    try {
      checkOnce(headers, index);
      forEachElement(header, value, (type, its) => {
        xml.element('', name);
        if (mustUnderstand) {
          xml.attribute('s', ID.mustUnderstand);
          xml.text('1', OPEN);
        }
        xml.xmlns('', namespace);
        values.inside(namespace, type, its);
      });
    } catch (caught) {
      throw within(`header ${headerName(header)}`, caught);
    }
  }
}

/**
 * Has each element written that a header is: one, or those of an array of headers.
 *
 * @throws {Mismatch} for a value that is no such array, and what `write` throws
 */
export function forEachElement(
  { each, type }: HeaderType,
  value: unknown,
  write: (type: ValueType, value: unknown) => void,
): void {
  if (each === undefined) return write(type, value);
  const items = checkArray(type as ArrayShape, value);
  const count = items.length;
  for (const [index, item] of items.entries()) {
    try {
      write(each, item);
    } catch (caught) {
      throw within(`[${index}]`, caught);
    }
    if (items.length !== count) throw changed(count, items.length);
  }
}

/** @throws {Mismatch} for a header of which there is one before: no reader could tell which one counts */
function checkOnce(headers: readonly MessageHeader[], index: number): void {
  const { name, namespace } = headers[index]?.header ?? {};
  const first = headers.findIndex(
    ({ header }) => header.name === name && header.namespace === namespace,
  );
  if (first !== index) throw new Mismatch('must come only once');
}
