import type { Contract, Operation } from '../../contract/contract.ts';
import { messageOf, NetTcpError } from '../../errors.ts';
import type { Limits } from '../../limits.ts';
import type { OctetWriter } from '../../octets.ts';
import { BinaryXmlReader } from '../binary-xml/reader.ts';
import { ReceivedStrings, SentStrings } from '../binary-xml/session-strings.ts';
import type { Fault, Request, RequestId, ServiceCodec } from '../encoding.ts';
import { BadValue } from './bad-value.ts';
import { EnvelopeReader } from './envelope-reader.ts';
import { EnvelopeWriter } from './envelope-writer.ts';
import { faultAction } from './fault-details.ts';
import {
  actionNotSupported,
  deserializationFailed,
  destinationUnreachable,
  EMPTY_BODY,
  invalidBody,
  mustUnderstand,
  NO_ACTION,
  NOT_CORRELATED,
  type QName,
  shapeOf,
  type SoapFault,
  undispatchable,
} from './faults.ts';
import { NO_MESSAGE_ID } from './message-id.ts';
import { readMembers } from './read-value.ts';
import { replyShape } from './reply-shape.ts';
import { ToFilter } from './to-address.ts';
import { writeFaultBody } from './write-fault.ts';
import { within } from './write-value.ts';

export interface SoapServiceOptions {
  readonly contract: Contract;
  readonly limits: Limits;
  /** The endpoint's address, which `To` must match. */
  readonly address: string;
  /** Duplex mode: string tables, and answers say whom they are for. Streamed mode has neither. */
  readonly hasSession: boolean;
}

/** The service's side of SOAP: one session, or in streamed mode one message after another. */
export class SoapServiceCodec implements ServiceCodec {
  readonly #namespace: string;
  readonly #operations: ReadonlyMap<string, Operation>;
  readonly #hasSession: boolean;
  readonly #toFilter: ToFilter;
  readonly #reader: EnvelopeReader;
  readonly #writer: EnvelopeWriter;
  #requests = 0;

  constructor({ contract, limits, address, hasSession }: SoapServiceOptions) {
    const operations = [...contract.operations.values()];
    this.#namespace = contract.namespace;
    this.#operations = new Map(operations.map((operation) => [operation.action, operation]));
    this.#hasSession = hasSession;
    this.#toFilter = new ToFilter(address);
    const strings = hasSession ? new ReceivedStrings(limits) : undefined;
    this.#reader = new EnvelopeReader(new BinaryXmlReader(limits, strings));
    this.#writer = new EnvelopeWriter(hasSession ? new SentStrings(limits) : undefined);
  }

  readRequest(bytes: Uint8Array, start: number, end: number): Request {
    const reader = this.#reader;
    reader.readHeaders(bytes, start, end);
    this.#requests++;
    const id = reader.messageId;
    const operation = this.#operations.get(reader.action ?? '');
    const fault = this.#headerFault(operation);
    if (operation === undefined) {
      return { kind: 'refused', id, fault: fault ?? undispatchable(NO_ACTION) };
    }
    const read = fault ?? this.#arguments(operation);
    if (Array.isArray(read)) return { kind: 'call', id, operation, args: read };
    return { kind: 'refused', id: operation.oneWay ? undefined : id, fault: read };
  }

  writeResult(out: OctetWriter, id: RequestId, operation: Operation, value: unknown): void {
    const envelope = this.#writer;
    const { wrapper, members } = replyShape(operation);
    const [result] = members;
    envelope.begin(out);
    try {
      this.#open(operation.replyAction, true, id);
      envelope.wrapper(wrapper, this.#namespace);
      if (result !== undefined) {
        envelope.values.part(this.#namespace, result.name, result.type, value);
      }
      envelope.close();
      envelope.finish();
    } catch (error) {
      envelope.abandon();
      if (!(error instanceof BadValue)) throw error;
      throw new NetTcpError('Internal', messageOf(within(`${operation.name}: its result`, error)));
    }
  }

  writeFault(out: OctetWriter, id: RequestId, fault: Fault, operation?: Operation): void {
    const envelope = this.#writer;
    const shape = shapeOf(fault, this.#isLater());
    const action = faultAction(fault, operation) ?? shape.action;
    envelope.begin(out);
    try {
      this.#open(action, false, id, (fault as SoapFault).notUnderstood);
      writeFaultBody(envelope, fault, shape);
      envelope.close();
      envelope.finish();
    } catch (error) {
      envelope.abandon();
      if (!(error instanceof BadValue)) throw error;
      const where = `${operation?.name ?? ''}: its fault`;
      throw new NetTcpError('Internal', messageOf(within(where, error)));
    }
  }

  endsSession(fault: Fault): boolean {
    return this.#hasSession && shapeOf(fault, this.#isLater()).endsSession;
  }

  #open(
    action: string,
    isName: boolean,
    id: RequestId,
    notUnderstood: readonly QName[] = [],
  ): void {
    const envelope = this.#writer;
    envelope.open(action, isName);
    for (const header of notUnderstood) envelope.notUnderstood(header);
    envelope.relatesTo(String(id));
    if (this.#hasSession) envelope.toAnonymous();
    envelope.body();
  }

  /** What is wrong with the headers, in the order in which WCF looks. */
  #headerFault(operation: Operation | undefined): SoapFault | undefined {
    const { action, to, messageId, duplicate, notUnderstood } = this.#reader;
    const [first, ...others] = notUnderstood;
    if (duplicate !== undefined) {
      return undispatchable(`There is more than one ${duplicate} header.`);
    }
    if (!this.#toFilter.accepts(to)) return destinationUnreachable(to ?? '');
    if (action === undefined) return undispatchable(NO_ACTION);
    if (operation === undefined) return actionNotSupported(action, this.#isLater());
    if (first !== undefined) return mustUnderstand([first, ...others]);
    if (messageId === NO_MESSAGE_ID && !operation.oneWay) return undispatchable(NOT_CORRELATED);
    return undefined;
  }

  /** Reads the body and the rest of the message. @returns a fault when it cannot be understood */
  #arguments({ name, parameters }: Operation): unknown[] | SoapFault {
    const { xml } = this.#reader;
    if (!this.#reader.enterBody()) return undispatchable(EMPTY_BODY);
    if (xml.name !== name || xml.namespace !== this.#namespace) {
      return undispatchable(invalidBody({ name, namespace: this.#namespace }, xml));
    }
    try {
      const args = readMembers(xml, parameters, this.#namespace);
      this.#reader.finish();
      return args;
    } catch (error) {
      if (!(error instanceof BadValue)) throw error;
      return deserializationFailed(name, error.message);
    }
  }

  #isLater(): boolean {
    return this.#hasSession && this.#requests > 1;
  }
}
