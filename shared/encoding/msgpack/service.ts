import type { Operation } from '../../contract/contract.ts';
import type { ErrorCode } from '../../errors.ts';
import type { OctetWriter } from '../../octets.ts';
import { quoted } from '../../printable.ts';
import type { CodecOptions, Fault, Request, RequestId, ServiceCodec } from '../encoding.ts';
import { NOTIFICATION, readKind, readMessageId, RESPONSE, writeEnvelope } from './envelope.ts';
import { kindOnWire } from './expectations.ts';
import { writeFaultSlot } from './fault-slot.ts';
import * as format from './formats.ts';
import { Mismatch, unwritable, wrongCount } from './mismatch.ts';
import { malformed, OctetReader } from './octet-reader.ts';
import { planOf, type Plan } from './plan.ts';
import { lossyUtf8 } from './read-text.ts';
import { readValue } from './read-value.ts';
import { checkDepth, skip } from './skip.ts';
import { writeValue } from './write-value.ts';

const READER = new OctetReader();

/** The service's side of a session: reads requests and notifications, writes responses. */
export class MsgpackServiceCodec implements ServiceCodec {
  readonly #plan: Plan;
  readonly #options: CodecOptions;

  constructor(options: CodecOptions) {
    this.#plan = planOf(options.contract);
    this.#options = options;
  }

  /**
   * A request calls an operation that answers, a notification a one-way operation. The two mixed up
   * are refused: one side would wait for an answer, or get one, of which the other knows nothing. A
   * refused notification has no id, so nothing answers it; the id of a one-way call is always 0.
   *
   * @throws {NetTcpError} `Protocol` when the octets are no MessagePack, or no request or notification
   */
  readRequest(bytes: Uint8Array, start: number, end: number): Request {
    const reader = READER;
    reader.open(bytes, start, end, this.#options.limits.maxDepth);
    const kind = readKind(reader);
    if (kind === RESPONSE) throw malformed('is a response, and a service reads requests only');
    const id = kind === NOTIFICATION ? undefined : readMessageId(reader);
    const nameOctets = reader.stringHead();
    if (nameOctets < 0) throw malformed('has a method that is no string');
    const nameAt = reader.at;
    const parametersAt = nameAt + nameOctets;
    reader.at = parametersAt;

    const operation = this.#plan.byName.find(bytes, nameAt, parametersAt);
    if (operation === undefined) {
      const name = quoted(lossyUtf8(bytes, nameAt, parametersAt));
      const problem = `contract ${this.#options.contract.name} has no operation ${name}`;
      return refuse(reader, parametersAt, id, 'ActionNotSupported', problem);
    }
    if (operation.oneWay !== (id === undefined)) {
      const problem = operation.oneWay
        ? `operation ${operation.name} is one-way and takes a notification, not a request`
        : `operation ${operation.name} answers and takes a request, not a notification`;
      return refuse(reader, parametersAt, id, 'Fault', problem);
    }
    const args = readArguments(reader, operation);
    if (typeof args === 'string') return refuse(reader, parametersAt, id, 'Fault', args);
    reader.finish();
    return { kind: 'call', id: id ?? 0, operation, args };
  }

  /** @throws {NetTcpError} `Fault` when the value is not of the result's type; `out` is as it was */
  writeResult(out: OctetWriter, id: RequestId, operation: Operation, value: unknown): void {
    const start = out.length;
    try {
      writeEnvelope(out, RESPONSE, id);
      out.u8(format.NIL);
      writeValue(out, operation.result, value);
    } catch (caught) {
      out.length = start;
      throw unwritable(caught, 'Fault', `result of ${operation.name}`);
    }
  }

  /** Texts longer than `maxFaultTextChars` are cut. */
  writeFault(out: OctetWriter, id: RequestId, fault: Fault): void {
    writeEnvelope(out, RESPONSE, id);
    // Of an exception its type and message: the places where it happened stay here.
    const [detail] = fault.detail?.split('\n', 1) ?? [];
    writeFaultSlot(out, { ...fault, detail }, this.#options.limits.maxFaultTextChars);
    out.u8(format.NIL);
  }

  /** Answers are told apart by their ids, and calls know nothing of each other: none ends the session. */
  endsSession(): boolean {
    return false;
  }
}

/** Reads the params of a message. @returns what is wrong with them, if they are not the operation's */
function readArguments(reader: OctetReader, operation: Operation): unknown[] | string {
  const { name, parameters } = operation;
  const count = reader.arrayHead();
  if (count < 0) return `params of ${name} must be an array, not ${kindOnWire(reader.peek())}`;
  if (count !== parameters.length) return wrongCount(operation, count);
  checkDepth(reader, 2);
  // An array that grows by pushing has room for 17 elements from the first: more to fill and collect.
  // oxlint-disable-next-line no-new-array
  const args = new Array<unknown>(count);
  let index = 0;
  try {
    for (const { type } of parameters) {
      args[index] = readValue(reader, type, 2);
      index += 1;
    }
  } catch (caught) {
    if (!(caught instanceof Mismatch)) throw caught;
    return caught.describe(`parameter "${parameters[index]?.name}"`);
  }
  return args;
}

/** @throws {NetTcpError} `Protocol` when what is left of the message is malformed: that comes first */
function refuse(
  reader: OctetReader,
  parametersAt: number,
  id: number | undefined,
  code: ErrorCode,
  message: string,
): Request {
  reader.at = parametersAt;
  skip(reader, 1);
  reader.finish();
  return { kind: 'refused', id, fault: { code, message } };
}
