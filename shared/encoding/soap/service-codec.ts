import type { Contract, Operation } from '../../contract/contract.ts';
import { placeOf, unwritable, within } from '../../contract/mismatch.ts';
import type { Limits } from '../../limits.ts';
import type { OctetWriter } from '../../octets.ts';
import { BinaryXmlReader } from '../binary-xml/reader.ts';
import { ReceivedStrings, SentStrings } from '../binary-xml/session-strings.ts';
import type { Fault, Request, RequestId, ServiceCodec } from '../encoding.ts';
import { EnvelopeReader } from './envelope-reader.ts';
import { EnvelopeWriter, type ReplyHeaders, replyShape } from './envelope-writer.ts';
import {
  actionNotSupported,
  deserializationFailed,
  destinationUnreachable,
  EMPTY_BODY,
  extensionOf,
  faultAction,
  invalidBody,
  mustUnderstand,
  NO_ACTION,
  NOT_CORRELATED,
  shapeOf,
  undispatchable,
} from './faults.ts';
import { NO_MESSAGE_ID } from './message-id.ts';
import { readMembers } from './read-value.ts';
import { ToFilter } from './to-address.ts';
import { ANONYMOUS } from './vocabulary.ts';
import { writeFaultBody } from './write-fault.ts';

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
  readonly #contract: Contract;
  readonly #namespace: string;
  readonly #operations: ReadonlyMap<string, Operation>;
  readonly #hasSession: boolean;
  readonly #toFilter: ToFilter;
  readonly #reader: EnvelopeReader;
  readonly #writer: EnvelopeWriter;
  #requests = 0;

  constructor({ contract, limits, address, hasSession }: SoapServiceOptions) {
    const operations = [...contract.operations.values()];
    this.#contract = contract;
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
    try {
      envelope.reply(out, this.#headers(operation.replyAction, true, id), () => {
        envelope.wrapper(wrapper, this.#namespace);
        if (result !== undefined) {
          envelope.values.part(this.#namespace, result.name, result.type, value);
        }
        envelope.xml.endElement();
      });
    } catch (caught) {
      throw unwritable(operation, within('result', caught), 'Internal');
    }
  }

  writeFault(out: OctetWriter, id: RequestId, fault: Fault, operation?: Operation): void {
    const shape = shapeOf(fault, this.#isLater());
    const action = faultAction(fault, operation) ?? shape.action;
    const headers = {
      ...this.#headers(action, false, id),
      notUnderstood: extensionOf(fault)?.notUnderstood,
    };
    try {
      this.#writer.reply(out, headers, () => writeFaultBody(this.#writer, fault, shape));
    } catch (caught) {
      throw unwritable(operation ?? this.#contract, within('fault', caught), 'Internal');
    }
  }

  endsSession(fault: Fault): boolean {
    return this.#hasSession && shapeOf(fault, this.#isLater()).endsSession;
  }

  #headers(action: string, isInContract: boolean, id: RequestId): ReplyHeaders {
    return {
      action,
      isInContract,
      relatesTo: String(id),
      to: this.#hasSession ? ANONYMOUS : undefined,
    };
  }

  /** What is wrong with the headers, in the order in which WCF looks. */
  #headerFault(operation: Operation | undefined): Fault | undefined {
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
  #arguments(operation: Operation): unknown[] | Fault {
    const { name, parameters } = operation;
    const { xml } = this.#reader;
    try {
      if (!this.#reader.enterBody()) return undispatchable(EMPTY_BODY);
      if (xml.name !== name || xml.namespace !== this.#namespace) {
        return undispatchable(invalidBody({ name, namespace: this.#namespace }, xml));
      }
      const args = readMembers(xml, parameters, this.#namespace, placeOf);
      this.#reader.finish();
      return args;
    } catch (caught) {
      return deserializationFailed(operation, caught);
    }
  }

  #isLater(): boolean {
    return this.#hasSession && this.#requests > 1;
  }
}
