import type { Operation } from '../../contract/contract.ts';
import { unwritable, within } from '../../contract/types/mismatch.ts';
import { NetTcpError } from '../../errors.ts';
import type { MessageHeader } from '../../contract/header.ts';
import type { OctetWriter } from '../../octets.ts';
import { quoted } from '../../printable.ts';
import type {
  Admit,
  Answer,
  CallbackAnswer,
  Fault,
  OperationOf,
  Request,
  RequestId,
  RequestWriter,
  ServiceCodec,
  ServiceCodecOptions,
} from '../encoding.ts';
import {
  type EncodedHeaders,
  type FoundHeader,
  headerNotUnderstood,
  notUnderstood,
  withHeaders,
} from '../received-headers.ts';
import { WrittenObjects } from '../written-objects.ts';
import { unreadableRequest } from '../unreadable.ts';
import {
  NOTIFICATION,
  readKind,
  readMessageId,
  RESPONSE,
  WITH_HEADERS,
  writeEnvelope,
} from './envelope.ts';
import { writeFaultSlot } from './faults.ts';
import * as format from './formats.ts';
import { readHeaders, writeHeaders } from './headers.ts';
import { malformed, OctetReader } from './octet-reader.ts';
import { readArguments, writeResultValue } from './parts.ts';
import { planOf, type Plan } from './plan.ts';
import { lossyUtf8 } from './read-scalar.ts';

const READER = new OctetReader();
const NONE: readonly MessageHeader[] = [];

/** Writes calls, and reads answers after their kind. */
interface Caller extends RequestWriter {
  readAnswer(reader: OctetReader, kind: number, operationOf: OperationOf): Answer | undefined;
}

/** The service's side of a session: reads requests and notifications, writes responses and callbacks. */
export class MsgpackServiceCodec implements ServiceCodec {
  readonly #plan: Plan;
  readonly #options: ServiceCodecOptions;
  readonly #callbacks: Caller | undefined;

  /** @param callbacks calls the client, where the contract has callbacks */
  constructor(options: ServiceCodecOptions, callbacks?: Caller) {
    this.#plan = planOf(options.contract);
    this.#options = options;
    this.#callbacks = callbacks;
  }

  /**
   * A request calls an operation that answers, a notification a one-way operation. A mix-up is
   * refused: one side would wait for an answer that never comes, or get one that it does not expect. A
   * refused notification has no id, so nothing answers it; the id of a one-way call is always 0.
   *
   * @throws {NetTcpError} `Protocol` when the bytes are no request or notification with a method
   */
  readRequest(bytes: Uint8Array, start: number, end: number, admit?: Admit): Request {
    const kind = this.#open(bytes, start, end);
    if ((kind & ~WITH_HEADERS) === RESPONSE)
      throw malformed('is a response, and a service reads requests only');
    return this.readCall(READER, kind, admit);
  }

  readDuplex(
    bytes: Uint8Array,
    start: number,
    end: number,
    callbackOf: OperationOf,
    admit?: Admit,
  ): Request | CallbackAnswer {
    const kind = this.#open(bytes, start, end);
    if ((kind & ~WITH_HEADERS) !== RESPONSE) return this.readCall(READER, kind, admit);
    return { kind: 'answer', answer: this.calls.readAnswer(READER, kind, callbackOf) };
  }

  #open(bytes: Uint8Array, start: number, end: number): number {
    READER.open(bytes, start, end, this.#options.limits.maxDepth);
    return readKind(READER);
  }

  /** Reads a request or notification after its kind. */
  readCall(reader: OctetReader, kind: number, admit?: Admit): Request {
    const { bytes } = reader;
    const hasHeaders = (kind & WITH_HEADERS) !== 0;
    const id = (kind & ~WITH_HEADERS) === NOTIFICATION ? undefined : readMessageId(reader);
    const nameOctets = reader.stringHead();
    if (nameOctets < 0) throw malformed('has a method that is not a string');
    const nameAt = reader.at;
    const parametersAt = nameAt + nameOctets;
    reader.at = parametersAt;

    const operation = this.#plan.byName.find(bytes, nameAt, parametersAt);
    if (operation === undefined) {
      const message = this.#noOperation(lossyUtf8(bytes, nameAt, parametersAt));
      return { kind: 'refused', id, fault: { code: 'ActionNotSupported', message } };
    }
    if (operation.oneWay !== (id === undefined)) {
      return refused(
        id,
        operation.oneWay
          ? `operation ${operation.name} is one-way and takes a notification, not a request`
          : `operation ${operation.name} answers and takes a request, not a notification`,
      );
    }
    const refusal = admit?.(operation);
    if (refusal !== undefined) return { kind: 'refused', id, fault: refusal };
    try {
      const args = readArguments(reader, operation);
      if (typeof args === 'string') return refused(id, args);
      const headers = hasHeaders ? this.#headers(reader, operation) : undefined;
      reader.finish();
      const unknown = headers && this.#notUnderstood(headers);
      if (unknown !== undefined) return { kind: 'refused', id, fault: unknown };
      if (reader.unknown !== undefined)
        this.#options.onUnknown?.('request', operation.name, reader.unknown);
      return withHeaders({ kind: 'call', id: id ?? 0, operation, args }, headers);
    } catch (caught) {
      return { kind: 'refused', id, fault: unreadableRequest(operation, caught) };
    }
  }

  #headers(reader: OctetReader, { name }: Operation): EncodedHeaders {
    const { limits, onUnknown } = this.#options;
    return readHeaders(reader, limits, 'request', (parts) => onUnknown?.('request', name, parts));
  }

  #notUnderstood({ names }: { readonly names: readonly FoundHeader[] }): Fault | undefined {
    const missed = notUnderstood(names, this.#options.understood);
    if (missed === undefined) return undefined;
    const faultCode = { name: 'MustUnderstand' };
    return { code: 'Fault', faultCode, message: headerNotUnderstood(missed[0]) };
  }

  #noOperation(name: string): string {
    const { name: contract } = this.#options.contract;
    const what = this.#plan.uncarried.get(name);
    if (what !== undefined)
      return `operation ${quoted(name)} has ${what}, which MessagePack does not carry: call it over SOAP`;
    if (!this.#plan.ambiguous.has(name))
      return `contract ${contract} has no operation ${quoted(name)}`;
    return `${contract} each have an operation ${quoted(name)}, and MessagePack finds operations by their names: call it over SOAP, or at an address of its own`;
  }

  get calls(): Caller {
    if (this.#callbacks === undefined) throw new NetTcpError('Internal', 'there are no callbacks');
    return this.#callbacks;
  }

  writeResult(
    out: OctetWriter,
    id: RequestId,
    operation: Operation,
    value: unknown,
    headers: readonly MessageHeader[] = NONE,
  ): void {
    const start = out.length;
    try {
      writeEnvelope(out, RESPONSE, id, headers.length > 0);
      out.u8(format.NIL);
      const objects = this.#plan.needsObjects
        ? new WrittenObjects(this.#options.limits)
        : undefined;
      writeResultValue(out, operation, value, objects);
      if (headers.length > 0) writeHeaders(out, headers, this.#options.limits);
    } catch (caught) {
      out.length = start;
      throw unwritable(operation, caught, 'Internal');
    }
  }

  /**
   * `message` and `detail` are cut at `maxFaultTextChars`.
   *
   * @throws {NetTcpError} `Internal` when the detail is not of its type, or a code is not an XML name; `out`
   *   is as it was
   */
  writeFault(
    out: OctetWriter,
    id: RequestId,
    fault: Fault,
    operation?: Operation,
    headers: readonly MessageHeader[] = NONE,
  ): void {
    // Only an exception's type and message are sent: its stack stays here.
    const [detail] = fault.detail?.split('\n', 1) ?? [];
    const start = out.length;
    try {
      writeEnvelope(out, RESPONSE, id, headers.length > 0);
      try {
        writeFaultSlot(out, { ...fault, detail }, this.#options.limits, operation);
      } catch (caught) {
        throw within('fault', caught);
      }
      out.u8(format.NIL);
      if (headers.length > 0) writeHeaders(out, headers, this.#options.limits);
    } catch (caught) {
      out.length = start;
      throw unwritable(operation ?? this.#options.contract, caught, 'Internal');
    }
  }

  /** Ids tell answers apart, and calls are independent of each other: no fault ends the session. */
  endsSession(): boolean {
    return false;
  }
}

function refused(id: number | undefined, message: string): Request {
  return { kind: 'refused', id, fault: { code: 'Fault', message } };
}
