import type { FaultCode } from '../../contract/fault-exception.ts';
import type { Operation } from '../../contract/operation.ts';
import { faultOf } from '../../contract/to-operation.ts';
import { within } from '../../contract/types/mismatch.ts';
import { rootName, SERIALIZATION, XSI } from '../../contract/types/type-names.ts';
import { checkCodeName } from '../../contract/types/values.ts';
import type { Fault } from '../encoding.ts';
import { END, OPEN } from '../binary-xml/text-record-writer.ts';
import type { EnvelopeWriter } from './envelope-writer.ts';
import { extensionOf, type FaultShape, INTERNAL_ERROR, toExceptionDetail } from './faults.ts';
import { ADDRESSING, EXCEPTION_DETAIL, ID, SOAP } from './vocabulary.ts';

/**
 * Writes a Fault element: the body of a fault message.
 *
 * @throws {Mismatch} when the detail is not of its type, or a code is not an XML name
 */
export function writeFaultBody(
  envelope: EnvelopeWriter,
  fault: Fault,
  shape: FaultShape,
  operation?: Operation,
): void {
  const { xml } = envelope;
  xml.element('s', ID.fault);

  xml.element('s', ID.code);
  writeCode(envelope, fault.faultCode ?? { name: shape.code, subcode: shape.subcode });
  xml.endElement();

  xml.element('s', ID.reason);
  xml.element('s', ID.text);
  xml.attribute('xml', 'lang');
  xml.text('', OPEN); // no language: that of an implementation's reasons is not known
  xml.text(isSecret(fault) ? INTERNAL_ERROR : fault.message, END);
  xml.endElement();

  const detailText = extensionOf(fault)?.detailText;
  if (detailText !== undefined) writeText(envelope, detailText);
  else if (fault.typed !== undefined) writeTyped(envelope, fault.typed, operation);
  else if (fault.detail !== undefined) writeException(envelope, fault.detail, fault.message);
  xml.endElement();
}

function isSecret(fault: Fault): boolean {
  return fault.unhandled === true && fault.detail === undefined;
}

/** The content of Code and of Subcode. */
function writeCode(envelope: EnvelopeWriter, { name, namespace = SOAP, subcode }: FaultCode): void {
  const { xml } = envelope;
  const isDeclared = namespace === SOAP || namespace === ADDRESSING;
  xml.element('s', ID.value);
  if (!isDeclared) xml.xmlns('a', namespace);
  writeQName(envelope, namespace === SOAP ? 's' : 'a', checkCodeName(name));
  if (subcode === undefined) return;
  xml.element('s', ID.subcode);
  writeCode(envelope, subcode);
  xml.endElement();
}

/** In three records, as .NET does. */
function writeQName({ xml }: EnvelopeWriter, prefix: string, name: string): void {
  xml.text(prefix, OPEN);
  xml.text(':', OPEN);
  xml.text(name, END);
}

function writeText(envelope: EnvelopeWriter, text: string): void {
  const { xml } = envelope;
  xml.element('s', ID.detail);
  envelope.wrapper('string', SERIALIZATION);
  xml.text(text, END);
  xml.endElement();
}

function writeTyped(
  envelope: EnvelopeWriter,
  { type, value }: NonNullable<Fault['typed']>,
  operation: Operation | undefined,
): void {
  const { name, namespace } = faultOf(operation, type) ?? rootName(type);
  envelope.xml.element('s', ID.detail);
  try {
    envelope.values.root(namespace, name, type, value);
  } catch (caught) {
    throw within(' detail', caught);
  }
  envelope.xml.endElement();
}

function writeException(envelope: EnvelopeWriter, detail: string, reason: string): void {
  const { xml, names } = envelope;
  xml.element('s', ID.detail);
  envelope.wrapper('ExceptionDetail', EXCEPTION_DETAIL);
  xml.xmlns('i', names.of(XSI));
  writeExceptionMembers(envelope, detail, reason);
  xml.endElement();
  xml.endElement();
}

function writeExceptionMembers(envelope: EnvelopeWriter, detail: string, reason?: string): void {
  const { xml, names } = envelope;
  const { type, message, stackTrace, inner } = toExceptionDetail(detail, reason);
  const member = (name: string, value: string | undefined): void => {
    xml.element('', names.of(name));
    if (value === undefined) {
      xml.attribute('i', names.of('nil'));
      xml.boolean(true, OPEN);
    }
    if (value === undefined || value === '') xml.endElement();
    else xml.text(value, END);
  };
  member('HelpLink', undefined);
  if (inner === undefined) member('InnerException', undefined);
  else {
    xml.element('', names.of('InnerException'));
    writeExceptionMembers(envelope, inner);
    xml.endElement();
  }
  member('Message', message);
  member('StackTrace', stackTrace);
  member('Type', type);
}
