import type { Operation } from '../../contract/contract.ts';
import type { MessageShape } from '../../contract/message.ts';
import { toObject } from '../../contract/types/defaults.ts';
import { unwritable, within, wrongCount } from '../../contract/types/mismatch.ts';
import type { Field } from '../../contract/types/types.ts';
import { NetTcpError } from '../../errors.ts';
import type { MessageHeader } from '../../contract/header.ts';
import type { OctetWriter } from '../../octets.ts';
import { untrusted } from '../../printable.ts';
import { staticId } from '../binary-xml/static-dictionary.ts';
import type {
  Answer,
  AnswerWriter,
  ClientCodec,
  ClientCodecOptions,
  OperationOf,
  Reply,
  Request,
} from '../encoding.ts';
import { withHeaders } from '../received-headers.ts';
import type { ClientMessageSecurity } from '../message-security.ts';
import { unreadableReply } from '../unreadable.ts';
import { isNamed, writeArgumentsBody } from './body.ts';
import type { EnvelopeReader } from './envelope-reader.ts';
import type { EnvelopeWriter } from './envelope-writer.ts';
import { type Envelopes, openEnvelopes } from './envelopes.ts';
import { EMPTY_BODY, invalidBody } from './faults.ts';
import { CallIds, NO_MESSAGE_ID } from './message-id.ts';
import { readOwnAnswer } from './bodies/own-bodies.ts';
import { readMessage } from './bodies/read-message.ts';
import { messageWriter } from './bodies/write-message.ts';
import { writeHeaders } from './headers/write-headers.ts';
import { readFault } from './read-fault.ts';
import { refusalOf } from './security/refusal.ts';
import { GET_METADATA } from '../metadata-exchange.ts';
import { isTokenOperation } from '../token-operations.ts';
import { SOAP } from './vocabulary.ts';

/** What a Body holds. */
type Content = 'empty' | 'fault' | 'other';

interface SoapClientOptions extends ClientCodecOptions {
  /** Duplex mode: with string tables. Streamed mode has none. */
  readonly hasSession: boolean;
  /** 12 bytes unique to this session: its message ids begin with them. */
  readonly session: Uint8Array;
  /** Those of the session that these calls are callbacks of; default: a session's own. */
  readonly envelopes?: Envelopes;
  /** Where answers go; default: back on this session. */
  readonly replyTo?: string;
  /** Makes what reads and answers the calls of the other side. */
  readonly makeCallee: (envelopes: Envelopes) => Callee;
}

/** Reads calls after their headers, and answers them. */
interface Callee extends AnswerWriter {
  /** Whether the contract has an operation of that action. */
  has(action: string | undefined): boolean;
  readCall(): Request;
}

/** The client's side of SOAP for one session. */
export class SoapClientCodec implements ClientCodec {
  readonly #address: string;
  readonly #replyTo: string | undefined;
  readonly #hasSession: boolean;
  readonly #hasCallbacks: boolean;
  protected readonly ids: CallIds;
  protected readonly reader: EnvelopeReader;
  readonly #writer: EnvelopeWriter;
  readonly #security: ClientMessageSecurity | undefined;
  readonly #makeCallee: (envelopes: Envelopes) => Callee;
  #callee: Callee | undefined;
  #requests = 0;
  #lastId = 0;

  constructor(options: SoapClientOptions) {
    const { contract, address, hasSession, session, security, replyTo, makeCallee } = options;
    this.#address = address;
    this.#replyTo = replyTo;
    this.#hasSession = hasSession;
    this.#hasCallbacks = contract.callback !== undefined;
    this.ids = new CallIds(session);
    const { reader, writer } = options.envelopes ?? openEnvelopes(options);
    this.reader = reader;
    this.#writer = writer;
    this.#security = security;
    this.#makeCallee = makeCallee;
  }

  get answers(): Callee {
    return (this.#callee ??= this.#makeCallee({ reader: this.reader, writer: this.#writer }));
  }

  writeRequest(
    out: OctetWriter,
    id: number,
    operation: Operation,
    args: readonly unknown[],
    others?: readonly MessageHeader[],
  ): void {
    const { oneWay, parameters, request } = operation;
    const isOwn = isTokenOperation(operation);
    const action = isOwn ? staticId(operation.action) : operation.action;
    if (!isOwn && args.length !== parameters.length) {
      throw new NetTcpError('Usage', wrongCount(operation, args.length));
    }
    const envelope = this.#writer;
    const security = this.#security?.header();
    try {
      envelope.begin(out, action, operation !== GET_METADATA, security !== undefined);
      const message = request && messageWriter(envelope, operation, args[0], 'message');
      message?.headers();
      if (others !== undefined) writeHeaders(envelope, others);
      if (!oneWay) {
        envelope.messageId(this.ids, id);
        envelope.replyTo(this.#replyTo);
      }
      envelope.to(this.#address);
      envelope.body(security);
      if (message === undefined) writeArgumentsBody(envelope, operation, args);
      else message.body();
      envelope.end();
    } catch (caught) {
      envelope.abandon();
      throw unwritable(operation, caught, 'Usage');
    }
    if (oneWay) return;
    this.#requests++;
    this.#lastId = id;
  }

  readReply(
    bytes: Uint8Array,
    start: number,
    end: number,
    operationOf: OperationOf,
  ): Reply | undefined {
    const reader = this.reader;
    reader.readHeaders(bytes, start, end);
    if (reader.relatesTo !== NO_MESSAGE_ID) return this.readAnswer(operationOf);
    if (this.#isCallback()) return { kind: 'callback', request: this.answers.readCall() };
    const body = this.enterBody();
    if (body !== 'fault') return { kind: 'one-way', name: untrusted(reader.action ?? '') };
    // Mono leaves RelatesTo out of its faults: after one call only, it can be about no other.
    const operation = this.#requests === 1 ? operationOf(this.#lastId) : undefined;
    return operation && this.#answer(this.#lastId, operation, body);
  }

  /** Reads an answer after its headers; `undefined` for one that nobody waits for. */
  readAnswer(operationOf: OperationOf): Answer | undefined {
    const id = this.ids.callOf(this.reader.relatesTo);
    const operation = id === undefined ? undefined : operationOf(id);
    if (id === undefined || operation === undefined) return undefined;
    try {
      return this.#answer(id, operation, this.enterBody());
    } catch (caught) {
      return { kind: 'fault', id, fault: unreadableReply(operation, caught) };
    }
  }

  /** Whether a message that answers nothing is a callback that wants an answer, or one of the contract's. */
  #isCallback(): boolean {
    const { messageId, action } = this.reader;
    if (!this.#hasSession) return false;
    return messageId !== NO_MESSAGE_ID || (this.#hasCallbacks && this.answers.has(action));
  }

  protected enterBody(): Content {
    if (!this.reader.enterBody()) return 'empty';
    const { name, namespace } = this.reader.xml;
    return name === 'Fault' && namespace === SOAP ? 'fault' : 'other';
  }

  #answer(id: number, operation: Operation, body: Content): Answer {
    const refusal = this.refusal(id, operation, body === 'fault');
    if (refusal !== undefined) return refusal;
    const answer = this.#content(id, operation, body);
    return withHeaders(answer, this.reader.received('reply', operation));
  }

  #content(id: number, operation: Operation, body: Content): Answer {
    const reader = this.reader;
    if (body === 'fault') {
      const fault = readFault(reader.values, operation.faults);
      reader.finish();
      reader.tell('answer', operation);
      return { kind: 'fault', id, fault };
    }
    if (operation.reply !== undefined) {
      const value = this.#message(operation, operation.reply, body !== 'empty');
      return { kind: 'result', id, value };
    }
    if (body !== 'empty') return { kind: 'result', id, value: this.#result(operation) };
    if (operation.result.kind === 'void') return { kind: 'result', id, value: undefined };
    throw new NetTcpError('Protocol', EMPTY_BODY);
  }

  /** Why an answer is not taken. */
  protected refusal(id: number, operation: Operation, isFault: boolean): Answer | undefined {
    const { faults, reply } = operation;
    const understood = reply?.headers.map(({ header }) => header);
    const fault = refusalOf(this.reader, this.#security, isFault ? faults : undefined, understood);
    return fault && { kind: 'fault', id, fault };
  }

  /** @param isEntered there is something in the Body @param stream as of {@link readMessage} */
  #message(operation: Operation, shape: MessageShape, isEntered: boolean): unknown {
    const { reader } = this;
    if (shape.wrapper !== undefined && !isEntered) throw new NetTcpError('Protocol', EMPTY_BODY);
    if (shape.wrapper !== undefined) this.enterReply(operation);
    try {
      const value = readMessage(reader, operation, shape, 'reply', isEntered);
      reader.tell('answer', operation);
      return value;
    } catch (caught) {
      throw within('result', caught);
    }
  }

  #result(operation: Operation): unknown {
    const own = readOwnAnswer(this.reader, operation);
    if (own !== undefined) return own.value;
    const { results, hasSeveralResults } = operation;
    const values = this.reader.valuesOf(operation);
    const member = this.enterReply(operation);
    try {
      let value: unknown;
      if (hasSeveralResults || member === undefined) {
        const members = values.members(results, ({ name }) => `.${name}`, 'result');
        if (hasSeveralResults) value = toObject(results, members);
      } else value = values.result(member);
      this.reader.finish();
      this.reader.tell('answer', operation);
      return value;
    } catch (caught) {
      throw within('result', caught);
    }
  }

  /** Checks the wrapper at which the reader stands. @returns its first member */
  protected enterReply({ namespace, replyName, results, reply }: Operation): Field | undefined {
    const due = reply?.wrapper ?? { name: replyName, namespace };
    if (!isNamed(this.reader.xml, due)) {
      throw new NetTcpError('Protocol', invalidBody(due, this.reader.xml));
    }
    return results[0];
  }
}
