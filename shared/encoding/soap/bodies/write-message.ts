import type { Operation } from '../../../contract/contract.ts';
import type { HeaderType } from '../../../contract/header.ts';
import type { MessageShape } from '../../../contract/message.ts';
import { within } from '../../../contract/types/mismatch.ts';
import { object, type ObjectShape, type Presence } from '../../../contract/types/types.ts';
import { checkObject } from '../../../contract/types/values.ts';
import { OPEN } from '../../binary-xml/text-record-writer.ts';
import type { EnvelopeWriter } from '../envelope-writer.ts';
import { forEachElement } from '../headers/write-headers.ts';
import { ID } from '../vocabulary.ts';

type Members = Readonly<Record<string, unknown>>;

/** The type of any message, for the mistake of giving something else. */
const MESSAGE = object('message', {}) as ObjectShape;

/** Writes a message of a contract: first its headers, then what the Body holds. */
interface MessageWriter {
  readonly headers: () => void;
  readonly body: () => void;
}

/**
 * @param operation one whose message of that place is a message contract
 * @param value an object with the message's members
 * @param place what it is called where it cannot be written
 * @throws {Mismatch} for a value that is no object; what it returns, for members of other types
 */
export function messageWriter(
  envelope: EnvelopeWriter,
  operation: Operation,
  value: unknown,
  place: 'message' | 'result',
): MessageWriter {
  const shape = (place === 'message' ? operation.request : operation.reply) as MessageShape;
  const placed = (write: () => void): void => {
    try {
      write();
    } catch (caught) {
      throw within(place, caught);
    }
  };
  let members: Members = {};
  placed(() => (members = checkObject(MESSAGE, value)));
  return {
    headers: () => placed(() => writeHeaders(envelope, operation, shape, members)),
    body: () => placed(() => writeBody(envelope, operation, shape, members)),
  };
}

/** Writes the headers of a message. @throws {Mismatch} for a value of another type */
function writeHeaders(
  envelope: EnvelopeWriter,
  { format }: Operation,
  { headers }: MessageShape,
  members: Members,
): void {
  for (const { member, presence, header } of headers) {
    const value = members[member];
    if (isLeftOut(presence, value)) continue;
    try {
      forEachElement(header, value, (type, its) => {
        if (format === 'xmlSerializer') envelope.xmlValues.header({ ...header, type }, its);
        else writeHeader(envelope, { ...header, type }, its);
      });
    } catch (caught) {
      throw within(`.${member}`, caught);
    }
  }
}

/** As .NET does: with a prefix. */
function writeHeader(
  { xml, names, values }: EnvelopeWriter,
  { name, namespace, type, mustUnderstand }: HeaderType,
  value: unknown,
): void {
  xml.element('h', names.of(name));
  if (mustUnderstand) {
    xml.attribute('s', ID.mustUnderstand);
    xml.text('1', OPEN);
  }
  values.prefixed('h', namespace, type, value);
}

/** Writes what a Body holds of a message. @throws {Mismatch} for a value of another type */
function writeBody(
  envelope: EnvelopeWriter,
  operation: Operation,
  { wrapper, body }: MessageShape,
  members: Members,
): void {
  const writer = envelope.bodyOf(operation);
  if (wrapper !== undefined) writer.wrapper(wrapper.name, wrapper.namespace);
  for (const part of body) {
    const value = members[part.member];
    if (isLeftOut(part.presence, value)) continue;
    try {
      writer.part(part, value, wrapper?.namespace);
    } catch (caught) {
      throw within(`.${part.member}`, caught);
    }
  }
  if (wrapper !== undefined) envelope.xml.endElement();
}

function isLeftOut(presence: Presence, value: unknown): boolean {
  return presence === 'optional' && value === undefined;
}
