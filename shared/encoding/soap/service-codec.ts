import type { Contract, Operation } from '../../contract/contract.ts';
import { unwritable, within } from '../../contract/types/mismatch.ts';
import { NetTcpError } from '../../errors.ts';
import type { MessageHeader } from '../../contract/header.ts';
import type { QName } from '../../contract/types/type-names.ts';
import type { OctetWriter } from '../../octets.ts';
import { staticId } from '../binary-xml/static-dictionary.ts';
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
import { withHeaders } from '../received-headers.ts';
import type { SecurityHeader, ServiceMessageSecurity } from '../message-security.ts';
import { readArguments, writeResultBody } from './body.ts';
import type { EnvelopeReader } from './envelope-reader.ts';
import type { EnvelopeWriter } from './envelope-writer.ts';
import { type Envelopes, openEnvelopes } from './envelopes.ts';
import { extensionOf, faultAction, NO_ACTION, shapeOf, undispatchable } from './faults.ts';
import { headerFault } from './header-fault.ts';
import { NO_MESSAGE_ID } from './message-id.ts';
import { securityFault } from './security/faults.ts';
import { readTokenCall } from './security/token-call.ts';
import { isTokenOperation, TOKEN_OPERATIONS, tokenOperationOf } from '../token-operations.ts';
import { messageWriter } from './bodies/write-message.ts';
import { writeHeaders } from './headers/write-headers.ts';
import { ToFilter } from './to-address.ts';
import { ANONYMOUS } from './vocabulary.ts';
import { writeFaultBody } from './write-fault.ts';

interface SoapServiceOptions extends ServiceCodecOptions {
  /** Duplex mode: it has string tables, and answers say whom they are for. Streamed mode has neither. */
  readonly hasSession: boolean;
  /** Those of the session that these calls are callbacks of; default: a session's own. */
  readonly envelopes?: Envelopes;
  /** Whom answers are for; default: the client. */
  readonly answersTo?: string;
  /** Makes what calls the client, where the contract has callbacks. */
  readonly makeCaller?: ((envelopes: Envelopes) => Caller) | undefined;
}

/** Writes calls, and reads answers after their headers. */
interface Caller extends RequestWriter {
  readAnswer(operationOf: OperationOf): Answer | undefined;
}

/** The service's side of SOAP: one session, or in streamed mode one message after another. */
export class SoapServiceCodec implements ServiceCodec {
  readonly #contract: Contract;
  readonly #operations: ReadonlyMap<string, Operation>;
  readonly #answersTo: string | undefined;
  readonly #hasSession: boolean;
  readonly #toFilter: ToFilter | undefined;
  protected readonly reader: EnvelopeReader;
  readonly #writer: EnvelopeWriter;
  readonly #security: ServiceMessageSecurity | undefined;
  readonly #understood: readonly QName[] | undefined;
  readonly #makeCaller: ((envelopes: Envelopes) => Caller) | undefined;
  #caller: Caller | undefined;
  #requests = 0;

  constructor(options: SoapServiceOptions) {
    const { contract, address, acceptsAnyTo, hasSession, security, answersTo } = options;
    const operations = [...contract.operations.values()];
    this.#contract = contract;
    this.#operations = new Map(operations.map((operation) => [operation.action, operation]));
    this.#answersTo = answersTo ?? (hasSession ? ANONYMOUS : undefined);
    // A callback that fails is no reason to end the session, whichever message it is.
    this.#hasSession = hasSession && options.envelopes === undefined;
    this.#toFilter = acceptsAnyTo === true ? undefined : new ToFilter(address);
    const { reader, writer } = options.envelopes ?? openEnvelopes(options);
    this.reader = reader;
    this.#writer = writer;
    this.#security = security;
    this.#understood = options.understood;
    this.#makeCaller = options.makeCaller;
  }

  readRequest(bytes: Uint8Array, start: number, end: number, admit?: Admit): Request {
    this.reader.readHeaders(bytes, start, end);
    return this.readCall(admit);
  }

  readDuplex(
    bytes: Uint8Array,
    start: number,
    end: number,
    callbackOf: OperationOf,
    admit?: Admit,
  ): Request | CallbackAnswer {
    this.reader.readHeaders(bytes, start, end);
    if (this.reader.relatesTo === NO_MESSAGE_ID) return this.readCall(admit);
    return { kind: 'answer', answer: this.calls.readAnswer(callbackOf) };
  }

  get calls(): Caller {
    this.#caller ??= this.#makeCaller?.({ reader: this.reader, writer: this.#writer });
    if (this.#caller === undefined) throw new NetTcpError('Internal', 'there are no callbacks');
    return this.#caller;
  }

  has(action: string | undefined): boolean {
    return this.#operations.has(action ?? '');
  }
  /** Reads a call after its headers. @param stream its argument, of a message that has been read up to it */
  readCall(admit?: Admit, stream?: unknown): Request {
    const reader = this.reader;
    this.#requests++;
    const id = reader.messageId;
    const operation = this.operationOf(reader.action);
    const fault =
      this.#securityFault(operation) ??
      headerFault(reader, operation, this.#toFilter, this.#understood, this.#isLater());
    if (operation === undefined) {
      return { kind: 'refused', id, fault: fault ?? undispatchable(NO_ACTION) };
    }
    if (fault === undefined && this.#security !== undefined && isTokenOperation(operation)) {
      return readTokenCall(this.#security, reader, id, operation);
    }
    const read = fault ?? admit?.(operation) ?? readArguments(reader, operation, stream);
    if (Array.isArray(read)) {
      return withHeaders(
        { kind: 'call', id, operation, args: read },
        reader.received('request', operation),
      );
    }
    return { kind: 'refused', id: operation.oneWay ? undefined : id, fault: read };
  }

  writeResult(
    out: OctetWriter,
    id: RequestId,
    operation: Operation,
    value: unknown,
    others?: readonly MessageHeader[],
  ): void {
    const envelope = this.#writer;
    const security = this.#security?.header();
    const isOwn = isTokenOperation(operation);
    const action = isOwn ? staticId(operation.replyAction) : operation.replyAction;
    try {
      envelope.begin(out, action, true, security !== undefined);
      const { reply } = operation;
      const message = reply && messageWriter(envelope, operation, value, 'result');
      message?.headers();
      this.#otherHeaders(id, others, security);
      if (message === undefined) writeResultBody(envelope, operation, value);
      else message.body();
      envelope.end();
    } catch (caught) {
      envelope.abandon();
      throw unwritable(operation, caught, 'Internal');
    }
  }

  writeFault(
    out: OctetWriter,
    id: RequestId,
    fault: Fault,
    operation?: Operation,
    others?: readonly MessageHeader[],
  ): void {
    const envelope = this.#writer;
    const shape = shapeOf(fault, this.#isLater());
    const action = faultAction(fault, operation) ?? shape.action;
    const isUnsecured = shape.isUnsecured === true || operation === TOKEN_OPERATIONS.issue;
    const security = isUnsecured ? undefined : this.#security?.header();
    try {
      envelope.begin(out, action, false, security !== undefined);
      for (const header of extensionOf(fault)?.notUnderstood ?? []) envelope.notUnderstood(header);
      this.#otherHeaders(id, others, security);
      try {
        writeFaultBody(envelope, fault, shape, operation);
      } catch (caught) {
        throw within('fault', caught);
      }
      envelope.end();
    } catch (caught) {
      envelope.abandon();
      throw unwritable(operation ?? this.#contract, caught, 'Internal');
    }
  }

  /** Writes the other headers of an answer. @param others those of the application */
  #otherHeaders(
    id: RequestId,
    others: readonly MessageHeader[] | undefined,
    security: SecurityHeader | undefined,
  ): void {
    const envelope = this.#writer;
    envelope.relatesTo(String(id));
    if (others !== undefined) writeHeaders(envelope, others);
    if (this.#answersTo !== undefined) envelope.to(this.#answersTo);
    envelope.body(security);
  }

  endsSession(fault: Fault): boolean {
    return this.#hasSession && shapeOf(fault, this.#isLater()).endsSession;
  }

  protected operationOf(action: string | undefined): Operation | undefined {
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
    const refusal = this.#security?.check(this.reader.security ?? {});
    return refusal === undefined ? undefined : securityFault(refusal);
  }

  #isLater(): boolean {
    return this.#hasSession && this.#requests > 1;
  }
}
