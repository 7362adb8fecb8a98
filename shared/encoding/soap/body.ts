import type { Operation } from '../../contract/contract.ts';
import type { MessageShape } from '../../contract/message.ts';
import type { QName } from '../../contract/types/type-names.ts';
import { Mismatch, placeOf, within } from '../../contract/types/mismatch.ts';
import { checkObject } from '../../contract/types/values.ts';
import type { Fault } from '../encoding.ts';
import { GET_METADATA } from '../metadata-exchange.ts';
import { writeOwnRequest, writeOwnResult } from './bodies/own-bodies.ts';
import type { BinaryXmlReader } from '../binary-xml/reader.ts';
import { readMessage } from './bodies/read-message.ts';
import type { EnvelopeReader } from './envelope-reader.ts';
import type { BodyWriter, EnvelopeWriter } from './envelope-writer.ts';
import { deserializationFailed, EMPTY_BODY, invalidBody, undispatchable } from './faults.ts';

/** Reads the body of a request, and the rest of it. @returns a fault when it cannot be understood */
export function readArguments(
  reader: EnvelopeReader,
  operation: Operation,
  stream?: unknown,
): unknown[] | Fault {
  const { name, namespace, parameters, request } = operation;
  const { xml } = reader;
  try {
    if (request !== undefined) return readMessageArgument(reader, operation, request, stream);
    if (!reader.enterBody()) {
      if (operation !== GET_METADATA) return undispatchable(EMPTY_BODY);
      reader.finish();
      return [];
    }
    if (!isNamed(xml, operation)) {
      return undispatchable(invalidBody({ name, namespace }, xml));
    }
    if (stream !== undefined) return [reader.enterStream(parameters[0], stream)];
    const args = readParameters(reader, operation);
    reader.finish();
    reader.tell('request', operation);
    return args;
  } catch (caught) {
    return deserializationFailed(operation, caught);
  }
}

function readParameters(reader: EnvelopeReader, operation: Operation): unknown[] {
  try {
    return reader.valuesOf(operation).members(operation.parameters, placeOf, 'parameter');
  } catch (caught) {
    // It is about none of them.
    if (caught instanceof Mismatch && caught.path === '') caught.path = 'the request';
    throw caught;
  }
}

/** Whether the reader is at an element of that name. */
export function isNamed(xml: BinaryXmlReader, { name, namespace }: QName): boolean {
  return xml.name === name && xml.namespace === namespace;
}

function readMessageArgument(
  reader: EnvelopeReader,
  operation: Operation,
  shape: MessageShape,
  stream: unknown,
): unknown[] | Fault {
  const isEntered = reader.enterBody();
  const { wrapper } = shape;
  if (wrapper !== undefined) {
    if (!isEntered) return undispatchable(EMPTY_BODY);
    if (!isNamed(reader.xml, wrapper)) return undispatchable(invalidBody(wrapper, reader.xml));
  }
  try {
    const message = readMessage(reader, operation, shape, 'request', isEntered, stream);
    if (stream === undefined) reader.tell('request', operation);
    return [message];
  } catch (caught) {
    throw within('message', caught);
  }
}

/** Writes what the Body of a request holds. @throws {Mismatch} whose path begins with the parameter */
export function writeArgumentsBody(
  envelope: EnvelopeWriter,
  operation: Operation,
  args: readonly unknown[],
): void {
  if (writeOwnRequest(envelope.xml, operation, args)) return;
  const body = envelope.bodyOf(operation);
  body.wrapper(operation.name, operation.namespace);
  let index = 0;
  for (const parameter of operation.parameters) {
    try {
      body.part(parameter, args[index++], operation.namespace);
    } catch (caught) {
      throw within(placeOf(parameter), caught);
    }
  }
  envelope.xml.endElement();
}

/** Writes what the Body of an answer holds. @throws {Mismatch} whose path begins with the result */
export function writeResultBody(
  envelope: EnvelopeWriter,
  operation: Operation,
  value: unknown,
): void {
  if (writeOwnResult(envelope.xml, operation, value)) return;
  const body = envelope.bodyOf(operation);
  body.wrapper(operation.replyName, operation.namespace);
  const [result] = operation.results;
  try {
    if (operation.hasSeveralResults) writeSeveral(body, operation, value);
    else if (result !== undefined) body.part(result, value, operation.namespace);
  } catch (caught) {
    throw within('result', caught);
  }
  envelope.xml.endElement();
}

function writeSeveral(
  body: BodyWriter,
  { result, results, namespace }: Operation,
  value: unknown,
): void {
  const members = checkObject(result, value);
  for (const part of results) {
    try {
      body.part(part, members[part.name], namespace);
    } catch (caught) {
      throw within(`.${part.name}`, caught);
    }
  }
}
