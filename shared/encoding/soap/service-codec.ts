import type { Contract, Operation } from '../../contract/contract.ts';
import { checkObject } from '../../contract/types/values.ts';
import { placeOf, unwritable, within } from '../../contract/types/mismatch.ts';
import type { OctetWriter } from '../../octets.ts';
import { BinaryXmlReader } from '../binary-xml/reader.ts';
import { ReceivedStrings, SentStrings, type WireName } from '../binary-xml/session-strings.ts';
import { staticId } from '../binary-xml/static-dictionary.ts';
import type {
  Admit,
  Fault,
  Request,
  RequestId,
  ServiceCodec,
  ServiceCodecOptions,
} from '../encoding.ts';
import type { IssuedToken, ServiceMessageSecurity } from '../message-security.ts';
import { EnvelopeReader } from './envelope-reader.ts';
import { EnvelopeWriter, type ReplyHeaders } from './envelope-writer.ts';
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
import { noToken, securityFault } from './security/faults.ts';
import { readTokenRequest } from './security/read-trust.ts';
import { isTokenOperation, TOKEN_OPERATIONS, tokenOperationOf } from '../token-operations.ts';
import { writeTokenAnswer } from './security/write-trust.ts';
import { ToFilter } from './to-address.ts';
import { ANONYMOUS } from './vocabulary.ts';
import { writeFaultBody } from './write-fault.ts';

interface SoapServiceOptions extends ServiceCodecOptions {
  /** Duplex mode: it has string tables, and answers say whom they are for. Streamed mode has neither. */
  readonly hasSession: boolean;
}

/** The service's side of SOAP: one session, or in streamed mode one message after another. */
export class SoapServiceCodec implements ServiceCodec {
  readonly #contract: Contract;
  readonly #operations: ReadonlyMap<string, Operation>;
  readonly #hasSession: boolean;
  readonly #toFilter: ToFilter | undefined;
  readonly #reader: EnvelopeReader;
  readonly #writer: EnvelopeWriter;
  readonly #security: ServiceMessageSecurity | undefined;
  #requests = 0;

  constructor(options: SoapServiceOptions) {
    const { contract, limits, address, acceptsAnyTo, hasSession, security } = options;
    const operations = [...contract.operations.values()];
    this.#contract = contract;
    this.#operations = new Map(operations.map((operation) => [operation.action, operation]));
    this.#hasSession = hasSession;
    this.#toFilter = acceptsAnyTo === true ? undefined : new ToFilter(address);
    const strings = hasSession ? new ReceivedStrings(limits) : undefined;
    this.#reader = new EnvelopeReader(new BinaryXmlReader(limits, strings), security !== undefined);
    this.#writer = new EnvelopeWriter(hasSession ? new SentStrings(limits) : undefined, limits);
    this.#security = security;
  }

  readRequest(bytes: Uint8Array, start: number, end: number, admit?: Admit): Request {
    const reader = this.#reader;
    reader.readHeaders(bytes, start, end);
    this.#requests++;
    const id = reader.messageId;
    const operation = this.#operationOf(reader.action);
    const fault = this.#securityFault(operation) ?? this.#headerFault(operation);
    if (operation === undefined) {
      return { kind: 'refused', id, fault: fault ?? undispatchable(NO_ACTION) };
    }
    if (fault === undefined && this.#security !== undefined && isTokenOperation(operation)) {
      return this.#tokenCall(this.#security, id, operation);
    }
    const read = fault ?? admit?.(operation) ?? this.#arguments(operation);
    if (Array.isArray(read)) return { kind: 'call', id, operation, args: read };
    return { kind: 'refused', id: operation.oneWay ? undefined : id, fault: read };
  }

  writeResult(out: OctetWriter, id: RequestId, operation: Operation, value: unknown): void {
    const envelope = this.#writer;
    if (isTokenOperation(operation)) {
      const headers = this.#headers(staticId(operation.replyAction), false, id);
      return envelope.reply(out, headers, () =>
        writeTokenAnswer(envelope.xml, value as IssuedToken | undefined),
      );
    }
    const { namespace, replyName, results, hasSeveralResults } = operation;
    const [result] = results;
    try {
      envelope.reply(out, this.#headers(operation.replyAction, true, id), () => {
        envelope.wrapper(replyName, namespace);
        if (hasSeveralResults) this.#severalResults(operation, value);
        else if (result !== undefined) envelope.values.part(result, value);
        envelope.xml.endElement();
      });
    } catch (caught) {
      throw unwritable(operation, within('result', caught), 'Internal');
    }
  }

  #severalResults({ result, results }: Operation, value: unknown): void {
    const members = checkObject(result, value);
    for (const part of results) {
      try {
        this.#writer.values.part(part, members[part.name]);
      } catch (caught) {
        throw within(`.${part.name}`, caught);
      }
    }
  }

  writeFault(out: OctetWriter, id: RequestId, fault: Fault, operation?: Operation): void {
    const shape = shapeOf(fault, this.#isLater());
    const action = faultAction(fault, operation) ?? shape.action;
    const isUnsecured = shape.isUnsecured === true || operation === TOKEN_OPERATIONS.issue;
    const headers = {
      ...this.#headers(action, false, id, isUnsecured),
      notUnderstood: extensionOf(fault)?.notUnderstood,
    };
    try {
      this.#writer.reply(out, headers, () => writeFaultBody(this.#writer, fault, shape, operation));
    } catch (caught) {
      throw unwritable(operation ?? this.#contract, within('fault', caught), 'Internal');
    }
  }

  endsSession(fault: Fault): boolean {
    return this.#hasSession && shapeOf(fault, this.#isLater()).endsSession;
  }

  #headers(
    action: WireName,
    isInContract: boolean,
    id: RequestId,
    isUnsecured = false,
  ): ReplyHeaders {
    return {
      action,
      isInContract,
      relatesTo: String(id),
      to: this.#hasSession ? ANONYMOUS : undefined,
      security: isUnsecured ? undefined : this.#security?.header(),
    };
  }

  #operationOf(action: string | undefined): Operation | undefined {
    const own = this.#security === undefined ? undefined : tokenOperationOf(action);
    return own ?? this.#operations.get(action ?? '');
  }

  /**
   * A caller that asks for a token, or renews one that may have just expired, is not known yet: the issuer
   * checks it. Everybody else must have a token.
   */
  #securityFault(operation: Operation | undefined): Fault | undefined {
    const { issue, renew } = TOKEN_OPERATIONS;
    if (operation === issue || operation === renew) return undefined;
    const refusal = this.#security?.check(this.#reader.security ?? {});
    return refusal === undefined ? undefined : securityFault(refusal);
  }

  /** A call that asks for a token or cancels one; the keeper of the tokens answers it, not the contract. */
  #tokenCall(security: ServiceMessageSecurity, id: RequestId, operation: Operation): Request {
    const reader = this.#reader;
    try {
      if (!reader.enterBody()) return { kind: 'refused', id, fault: undispatchable(EMPTY_BODY) };
      const header = reader.security ?? {};
      const request = readTokenRequest(reader.xml);
      reader.finish();
      const own = async (): Promise<IssuedToken | undefined> => {
        try {
          if (operation !== TOKEN_OPERATIONS.cancel) return await security.issue(header, request);
          security.cancel(request);
          return undefined;
        } catch (error) {
          throw noToken(error);
        }
      };
      return { kind: 'call', id, operation, args: [], own };
    } catch (caught) {
      return { kind: 'refused', id, fault: deserializationFailed(operation, caught) };
    }
  }

  /** What is wrong with the headers, in the order in which WCF checks them. */
  #headerFault(operation: Operation | undefined): Fault | undefined {
    const { action, to, messageId, duplicate, notUnderstood } = this.#reader;
    const [first, ...others] = notUnderstood;
    if (duplicate !== undefined) {
      return undispatchable(`There is more than one ${duplicate} header.`);
    }
    if (this.#toFilter?.accepts(to) === false) return destinationUnreachable(to ?? '');
    if (action === undefined) return undispatchable(NO_ACTION);
    if (operation === undefined) return actionNotSupported(action, this.#isLater());
    if (first !== undefined) return mustUnderstand([first, ...others]);
    if (messageId === NO_MESSAGE_ID && !operation.oneWay) return undispatchable(NOT_CORRELATED);
    return undefined;
  }

  /** Reads the body and the rest of the message. @returns a fault when it cannot be understood */
  #arguments(operation: Operation): unknown[] | Fault {
    const { name, namespace, parameters } = operation;
    const { xml } = this.#reader;
    try {
      if (!this.#reader.enterBody()) return undispatchable(EMPTY_BODY);
      if (xml.name !== name || xml.namespace !== namespace) {
        return undispatchable(invalidBody({ name, namespace }, xml));
      }
      const args = this.#reader.values.members(parameters, placeOf);
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
