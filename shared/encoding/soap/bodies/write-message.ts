import type { MessageShape } from '../../../contract/message.ts';
import { within } from '../../../contract/types/mismatch.ts';
import { object, type ObjectShape, type Presence } from '../../../contract/types/types.ts';
import { checkObject } from '../../../contract/types/values.ts';
import { OPEN } from '../../binary-xml/text-record-writer.ts';
import type { EnvelopeWriter } from '../envelope-writer.ts';
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
 * @param value an object with the message's members
 * @param place what it is called where it cannot be written
 * @throws {Mismatch} for a value that is no object; what it returns, for members of other types
 */
export function messageWriter(
  envelope: EnvelopeWriter,
  shape: MessageShape,
  value: unknown,
  place: 'message' | 'result',
): MessageWriter {
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
    headers: () => placed(() => writeHeaders(envelope, shape, members)),
    body: () => placed(() => writeBody(envelope, shape, members)),
  };
}

/** Writes the headers of a message as .NET does: with a prefix. @throws {Mismatch} for a value of another type */
function writeHeaders(
  { xml, names, values }: EnvelopeWriter,
  { headers }: MessageShape,
  members: Members,
): void {
  for (const { member, presence, header } of headers) {
    const value = members[member];
    if (isLeftOut(presence, value)) continue;
    const { name, namespace, type, mustUnderstand } = header;
    try {
      xml.element('h', names.of(name));
      if (mustUnderstand) {
        xml.attribute('s', ID.mustUnderstand);
        xml.text('1', OPEN);
      }
      values.prefixed('h', namespace, type, value);
    } catch (caught) {
      throw within(`.${member}`, caught);
    }
  }
}

/** Writes what a Body holds of a message. @throws {Mismatch} for a value of another type */
function writeBody(
  envelope: EnvelopeWriter,
  { wrapper, body }: MessageShape,
  members: Members,
): void {
  const { xml, values } = envelope;
  if (wrapper !== undefined) envelope.wrapper(wrapper.name, wrapper.namespace);
  for (const part of body) {
    const value = members[part.member];
    if (isLeftOut(part.presence, value)) continue;
    const { namespace, name, type } = part;
    try {
      if (namespace === wrapper?.namespace) values.part(part, value);
      else values.root(namespace, name, type, value);
    } catch (caught) {
      throw within(`.${part.member}`, caught);
    }
  }
  if (wrapper !== undefined) xml.endElement();
}

function isLeftOut(presence: Presence, value: unknown): boolean {
  return presence === 'optional' && value === undefined;
}
