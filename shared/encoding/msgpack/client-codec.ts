import { soapOnly } from '../../contract/message.ts';
import type { Operation } from '../../contract/contract.ts';
import { placeOf, unwritable, within, wrongCount } from '../../contract/types/mismatch.ts';
import type { MessageHeader } from '../../contract/header.ts';
import { NetTcpError } from '../../errors.ts';
import type { OctetWriter } from '../../octets.ts';
import { untrusted } from '../../printable.ts';
import {
  type Answer,
  type AnswerWriter,
  type ClientCodec,
  type CodecOptions,
  isUnheard,
  type OperationOf,
  type Reply,
  type Request,
} from '../encoding.ts';
import {
  type EncodedHeaders,
  headerNotUnderstood,
  notUnderstood,
  withHeaders,
} from '../received-headers.ts';
import { WrittenObjects } from '../written-objects.ts';
import { unreadableReply } from '../unreadable.ts';
import {
  readKind,
  readMessageId,
  REQUEST,
  RESPONSE,
  WITH_HEADERS,
  writeEnvelope,
  writeNotification,
} from './envelope.ts';
import { readFaultSlot } from './faults.ts';
import { readHeaders, writeHeaders } from './headers.ts';
import { OctetReader, skip } from './octet-reader.ts';
import { planOf, type Plan } from './plan.ts';
import { readLossyText } from './read-scalar.ts';
import { isNil, readValue } from './read-value.ts';
import { appendShort, writeArrayHead } from './write-octets.ts';
import { writeValue } from './write-value.ts';

const READER = new OctetReader();

/** Reads calls after their kind, and answers them. */
interface Callee extends AnswerWriter {
  readCall(reader: OctetReader, kind: number): Request;
}

/** The client's side of a session: writes requests and notifications, reads responses and callbacks. */
export class MsgpackClientCodec implements ClientCodec {
  readonly #plan: Plan;
  readonly #options: CodecOptions;
  readonly #makeCallee: () => Callee;
  #callee: Callee | undefined;

  /** @param makeCallee makes what reads callbacks: most clients need none */
  constructor(options: CodecOptions, makeCallee: () => Callee) {
    this.#plan = planOf(options.contract);
    this.#options = options;
    this.#makeCallee = makeCallee;
  }

  get answers(): Callee {
    return (this.#callee ??= this.#makeCallee());
  }

  /**
   * A one-way operation is written as a notification, which carries no id.
   *
   * @throws {NetTcpError} `Usage` when the arguments are not of the operation's types, or the
   *   operation is of another contract; `out` is as it was
   */
  writeRequest(
    out: OctetWriter,
    id: number,
    operation: Operation,
    args: readonly unknown[],
    headers?: readonly MessageHeader[],
  ): void {
    const { name, parameters, oneWay } = operation;
    const method = this.#plan.methods.get(operation);
    if (method === undefined) {
      const what = soapOnly(operation);
      const why =
        what === undefined ? 'is not one of this contract' : `has ${what}: SOAP alone carries it`;
      throw new NetTcpError('Usage', `operation ${name} ${why}`);
    }
    if (args.length !== parameters.length) {
      throw new NetTcpError('Usage', wrongCount(operation, args.length));
    }
    const start = out.length;
    let index = 0;
    try {
      const hasHeaders = headers !== undefined && headers.length > 0;
      if (oneWay) writeNotification(out, hasHeaders);
      else writeEnvelope(out, REQUEST, id, hasHeaders);
      appendShort(out, method);
      writeArrayHead(out, parameters.length);
      const objects = this.#plan.needsObjects
        ? new WrittenObjects(this.#options.limits)
        : undefined;
      for (const { type } of parameters) {
        writeValue(out, type, args[index], objects);
        index += 1;
      }
      if (hasHeaders) writeHeaders(out, headers, this.#options.limits);
    } catch (caught) {
      out.length = start;
      const wrong = parameters[index];
      throw unwritable(operation, wrong ? within(placeOf(wrong), caught) : caught, 'Usage');
    }
  }

  /** @throws {NetTcpError} `Protocol` when the bytes are neither a response nor a callback */
  readReply(
    bytes: Uint8Array,
    start: number,
    end: number,
    operationOf: OperationOf,
  ): Reply | undefined {
    const reader = READER;
    reader.open(bytes, start, end, this.#options.limits.maxDepth);
    const kind = readKind(reader);
    if ((kind & ~WITH_HEADERS) === RESPONSE) return this.readAnswer(reader, kind, operationOf);
    const at = reader.at;
    const request = this.answers.readCall(reader, kind);
    if (!isUnheard(request)) return { kind: 'callback', request };
    reader.at = at;
    return { kind: 'one-way', name: untrusted(readLossyText(reader) ?? '') };
  }

  /** Reads a response after its kind. */
  readAnswer(reader: OctetReader, kind: number, operationOf: OperationOf): Answer | undefined {
    const id = readMessageId(reader);
    const operation = operationOf(id);
    if (operation === undefined) return undefined;
    try {
      const { maxFaultTextChars } = this.#options.limits;
      const fault = isNil(reader)
        ? undefined
        : readFaultSlot(reader, maxFaultTextChars, operation.faults);
      const value = fault === undefined ? readResult(reader, operation) : skip(reader, 1);
      const headers = (kind & WITH_HEADERS) === 0 ? undefined : this.#headers(reader, operation);
      reader.finish();
      if (reader.unknown !== undefined)
        this.#options.onUnknown?.('answer', operation.name, reader.unknown);
      if (fault !== undefined) return withHeaders({ kind: 'fault', id, fault }, headers);
      return withHeaders({ kind: 'result', id, value }, headers);
    } catch (caught) {
      return { kind: 'fault', id, fault: unreadableReply(operation, caught) };
    }
  }

  /** @throws {NetTcpError} `Protocol` if one of them has to be understood and is not */
  #headers(reader: OctetReader, { name }: Operation): EncodedHeaders {
    const { limits, onUnknown } = this.#options;
    const headers = readHeaders(reader, limits, 'reply', (parts) =>
      onUnknown?.('answer', name, parts),
    );
    const missed = notUnderstood(headers.names, undefined);
    if (missed !== undefined) throw new NetTcpError('Protocol', headerNotUnderstood(missed[0]));
    return headers;
  }
}

function readResult(reader: OctetReader, operation: Operation): unknown {
  try {
    return readValue(reader, operation.result, 1);
  } catch (caught) {
    throw within('result', caught);
  }
}
