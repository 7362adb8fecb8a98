import type { Fault } from '../encoding.ts';
import { END, OPEN } from '../binary-xml/text-record-writer.ts';
import type { EnvelopeWriter } from './envelope-writer.ts';
import {
  INTERNAL_ERROR,
  type QName,
  type SoapFault,
  type FaultShape,
  toExceptionDetail,
} from './faults.ts';
import { ADDRESSING, EXCEPTION_DETAIL, ID, SERIALIZATION, XSI } from './vocabulary.ts';

/** Writes a Fault element, except for its end: the body of a fault message. */
export function writeFaultBody(envelope: EnvelopeWriter, fault: Fault, shape: FaultShape): void {
  const { xml } = envelope;
  xml.element('s', ID.fault);

  xml.element('s', ID.code);
  xml.element('s', ID.value);
  writeQName(envelope, 's', shape.code);
  if (shape.subcode !== undefined) writeSubcode(envelope, shape.subcode);
  xml.endElement();

  xml.element('s', ID.reason);
  xml.element('s', ID.text);
  xml.attribute('xml', 'lang');
  xml.text('', OPEN); // no language: that of an implementation's reasons is not known
  xml.text(isSecret(fault) ? INTERNAL_ERROR : fault.message, END);
  xml.endElement();

  const { detailText } = fault as SoapFault;
  if (detailText !== undefined) writeText(envelope, detailText);
  else if (fault.detail !== undefined) writeException(envelope, fault.detail, fault.message);
}

function isSecret(fault: Fault): boolean {
  return fault.unhandled === true && fault.detail === undefined;
}

function writeSubcode(envelope: EnvelopeWriter, { name, namespace }: QName): void {
  const { xml } = envelope;
  xml.element('s', ID.subcode);
  xml.element('s', ID.value);
  if (namespace !== ADDRESSING) xml.xmlns('a', namespace);
  writeQName(envelope, 'a', name);
  xml.endElement();
}

/** In three records: that is how .NET does it. */
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

function writeException(envelope: EnvelopeWriter, detail: string, reason: string): void {
  const { xml, names } = envelope;
  const { type, message, stackTrace } = toExceptionDetail(detail, reason);
  xml.element('s', ID.detail);
  envelope.wrapper('ExceptionDetail', EXCEPTION_DETAIL);
  xml.xmlns('i', names.of(XSI));
  const members = {
    HelpLink: null,
    InnerException: null,
    Message: message,
    StackTrace: stackTrace,
    Type: type,
  };
  for (const [name, value] of Object.entries(members)) {
    xml.element('', names.of(name));
    if (value === null) {
      xml.attribute('i', names.of('nil'));
      xml.boolean(true, OPEN);
    }
    if (value === null || value === '') xml.endElement();
    else xml.text(value, END);
  }
  xml.endElement();
  xml.endElement();
}
