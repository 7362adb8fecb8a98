import { headerName, type MessageHeader } from '../../../contract/header.ts';
import { Mismatch, within } from '../../../contract/types/mismatch.ts';
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
    const { name, namespace, type, mustUnderstand } = header;
    try {
      checkOnce(headers, index);
      xml.element('', name);
      if (mustUnderstand) {
        xml.attribute('s', ID.mustUnderstand);
        xml.text('1', OPEN);
      }
      xml.xmlns('', namespace);
      values.inside(namespace, type, value);
    } catch (caught) {
      throw within(`header ${headerName(header)}`, caught);
    }
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
