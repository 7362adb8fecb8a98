import type { Operation } from '../../../contract/contract.ts';
import type { MessageShape } from '../../../contract/message.ts';
import { absent } from '../../../contract/types/defaults.ts';
import { within } from '../../../contract/types/mismatch.ts';
import type { Field } from '../../../contract/types/types.ts';
import type { HeadersOf } from '../../received-headers.ts';
import type { EnvelopeReader } from '../envelope-reader.ts';

/**
 * Reads a message of a contract, whose element around the body has been checked, and the rest of the envelope.
 *
 * @param isEntered the reader is at the first element of the Body, if there is one, not yet at the Body
 * @param stream the member that is one: the envelope is read up to where it begins
 * @throws {Mismatch} for a value of another type
 */
export function readMessage(
  reader: EnvelopeReader,
  operation: Operation,
  shape: MessageShape,
  of: HeadersOf,
  isEntered: boolean,
  stream?: unknown,
): Record<string, unknown> {
  const members = readHeaders(reader, operation, shape, of);
  const values = reader.valuesOf(operation);
  const what = of === 'request' ? 'parameter' : 'result';
  const { wrapper, body } = shape;
  if (stream !== undefined && shape.stream !== undefined) {
    members[shape.stream] = reader.enterStream(body[0], stream, wrapper === undefined);
    return members;
  }
  const read =
    wrapper === undefined && isEntered
      ? values.siblings(body, placeOf, what)
      : values.members(body, placeOf, what);
  for (const [index, part] of body.entries()) keep(members, part, part.member, read[index]);
  reader.finish();
  return members;
}

/** Those of the message's members that are headers. */
function readHeaders(
  reader: EnvelopeReader,
  operation: Operation,
  { headers }: MessageShape,
  of: HeadersOf,
): Record<string, unknown> {
  const members: Record<string, unknown> = {};
  if (headers.length === 0) return members;
  const received = reader.received(of, operation);
  for (const { member, presence, header } of headers) {
    const field: Field = { ...header, presence };
    const isThere = received?.names.some(
      ({ name, namespace }) => name === header.name && namespace === header.namespace,
    );
    try {
      keep(members, field, member, isThere === true ? received?.get(header) : absent(field));
    } catch (caught) {
      throw within(`.${member}`, caught);
    }
  }
  return members;
}

function keep(
  members: Record<string, unknown>,
  { presence }: Field,
  member: string,
  value: unknown,
): void {
  if (presence !== 'optional' || value !== undefined) members[member] = value;
}

function placeOf({ name }: Field): string {
  return `.${name}`;
}
