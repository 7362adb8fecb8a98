import type { Operation } from '../../contract/contract.ts';
import { placeOf, within, wrongCount } from '../../contract/types/mismatch.ts';
import type { OctetWriter } from '../../octets.ts';
import type { WrittenObjects } from '../written-objects.ts';
import { checkDepth, type OctetReader } from './octet-reader.ts';
import { kindOnWire } from './read-scalar.ts';
import { readValue } from './read-value.ts';
import { writeValue } from './write-value.ts';

/** @throws {Mismatch} whose path begins with the result */
export function writeResultValue(
  out: OctetWriter,
  operation: Operation,
  value: unknown,
  objects: WrittenObjects | undefined,
): void {
  try {
    writeValue(out, operation.result, value, objects);
  } catch (caught) {
    throw within('result', caught);
  }
}

/**
 * Reads the params of a message.
 *
 * @returns the arguments, or what is wrong with the params as a whole
 * @throws {Mismatch} for an argument that is not of its type
 */
export function readArguments(reader: OctetReader, operation: Operation): unknown[] | string {
  const { name, parameters } = operation;
  const count = reader.arrayHead();
  if (count < 0) return `params of ${name} must be an array, not ${kindOnWire(reader.peek())}`;
  if (count !== parameters.length) return wrongCount(operation, count);
  checkDepth(reader, 2);
  // The first push gives an array room for 17 elements, which would have to be filled and collected.
  // oxlint-disable-next-line no-new-array
  const args = new Array<unknown>(count);
  let index = 0;
  try {
    for (const { type } of parameters) {
      args[index] = readValue(reader, type, 2);
      index += 1;
    }
  } catch (caught) {
    const wrong = parameters[index];
    throw wrong === undefined ? caught : within(placeOf(wrong), caught);
  }
  return args;
}
