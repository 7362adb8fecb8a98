import type { Operation } from '../../contract/contract.ts';
import { toObject } from '../../contract/types/defaults.ts';
import { placeOf, unwritable, within, wrongCount } from '../../contract/types/mismatch.ts';
import { type ErrorCode, NetTcpError } from '../../errors.ts';
import type { OctetWriter } from '../../octets.ts';
import { untrusted } from '../../printable.ts';
import { BinaryXmlReader } from '../binary-xml/reader.ts';
import { ReceivedStrings, SentStrings } from '../binary-xml/session-strings.ts';
import { staticId } from '../binary-xml/static-dictionary.ts';
import type { ClientCodec, ClientCodecOptions, Reply } from '../encoding.ts';
import type { ClientMessageSecurity, TokenRequest } from '../message-security.ts';
import { unreadableReply } from '../unreadable.ts';
import { EnvelopeReader } from './envelope-reader.ts';
import { EnvelopeWriter } from './envelope-writer.ts';
import { actionNotSupported, EMPTY_BODY, invalidBody, mustUnderstand, shapeOf } from './faults.ts';
import { CallIds, NO_MESSAGE_ID } from './message-id.ts';
import { readFault } from './read-fault.ts';
import { unsecuredFault } from './security/faults.ts';
import { readTokenAnswer } from './security/read-trust.ts';
import { isTokenOperation } from '../token-operations.ts';
import { writeTokenRequest } from './security/write-trust.ts';
import { SOAP } from './vocabulary.ts';
import { writeFaultBody } from './write-fault.ts';

interface SoapClientOptions extends ClientCodecOptions {
  /** Duplex mode: with string tables. Streamed mode has none. */
  readonly hasSession: boolean;
  /** 12 bytes unique to this session: its message ids begin with them. */
  readonly session: Uint8Array;
}

/** The client's side of SOAP for one session. */
export class SoapClientCodec implements ClientCodec {
  readonly #address: string;
  readonly #hasSession: boolean;
  readonly #ids: CallIds;
  readonly #reader: EnvelopeReader;
  readonly #writer: EnvelopeWriter;
  readonly #security: ClientMessageSecurity | undefined;
  #requests = 0;
  #lastId = 0;

  constructor({ limits, address, hasSession, session, security }: SoapClientOptions) {
    this.#address = address;
    this.#hasSession = hasSession;
    this.#ids = new CallIds(session);
    const strings = hasSession ? new ReceivedStrings(limits) : undefined;
    this.#reader = new EnvelopeReader(new BinaryXmlReader(limits, strings), security !== undefined);
    this.#writer = new EnvelopeWriter(hasSession ? new SentStrings(limits) : undefined, limits);
    this.#security = security;
  }

  writeRequest(out: OctetWriter, id: number, operation: Operation, args: readonly unknown[]): void {
    const { name, namespace, oneWay, parameters } = operation;
    const isOwn = isTokenOperation(operation);
    const action = isOwn ? staticId(operation.action) : operation.action;
    if (!isOwn && args.length !== parameters.length) {
      throw new NetTcpError('Usage', wrongCount(operation, args.length));
    }
    const envelope = this.#writer;
    const messageId = oneWay ? undefined : (to: OctetWriter): void => this.#ids.write(to, id);
    const security = this.#security?.header();
    envelope.request(out, { action, to: this.#address, messageId, security }, () => {
      if (isOwn) return writeTokenRequest(envelope.xml, args[0] as TokenRequest);
      envelope.wrapper(name, namespace);
      this.#parameters(operation, args);
      envelope.xml.endElement();
    });
    if (oneWay) return;
    this.#requests++;
    this.#lastId = id;
  }

  readReply(
    bytes: Uint8Array,
    start: number,
    end: number,
    operationOf: (id: number) => Operation | undefined,
  ): Reply | undefined {
    const reader = this.#reader;
    reader.readHeaders(bytes, start, end);
    if (this.#isCallback()) return { kind: 'callback', writeRefusal: this.#refusal() };
    const id = this.#answeredCall();
    const operation = id === undefined ? undefined : operationOf(id);
    if (id === undefined || operation === undefined) return this.#unasked();
    try {
      return this.#reply(id, operation);
    } catch (caught) {
      if (reader.relatesTo === NO_MESSAGE_ID) throw caught; // it does not say whose answer it is
      return { kind: 'fault', id, fault: unreadableReply(operation, caught) };
    }
  }

  #parameters(operation: Operation, args: readonly unknown[]): void {
    const { values } = this.#writer;
    let index = 0;
    for (const parameter of operation.parameters) {
      try {
        values.part(parameter, args[index++]);
      } catch (caught) {
        throw unwritable(operation, within(placeOf(parameter), caught), 'Usage');
      }
    }
  }

  /** Whether the message is a callback, of a duplex contract, that wants an answer. */
  #isCallback(): boolean {
    const { relatesTo, messageId } = this.#reader;
    return this.#hasSession && relatesTo === NO_MESSAGE_ID && messageId !== NO_MESSAGE_ID;
  }

  /** What WCF's dispatcher answers to a call that the contract does not have. */
  #refusal(): (out: OctetWriter) => void {
    const { action = '', messageId: relatesTo } = this.#reader;
    const fault = actionNotSupported(action, false);
    const shape = shapeOf(fault, false);
    const headers = { action: shape.action, isInContract: false, relatesTo, to: this.#address };
    return (out) =>
      this.#writer.reply(out, headers, () => writeFaultBody(this.#writer, fault, shape));
  }

  /**
   * The call that the message answers, if it answers one. Mono leaves RelatesTo out of its faults: after one
   * call only, a fault can be about no other.
   */
  #answeredCall(): number | undefined {
    const { relatesTo } = this.#reader;
    if (relatesTo !== NO_MESSAGE_ID) return this.#ids.callOf(relatesTo);
    return this.#requests === 1 ? this.#lastId : undefined;
  }

  /** A one-way callback; `undefined` for a late answer, or a fault that does not say what it answers. */
  #unasked(): Reply | undefined {
    const { relatesTo, action = '' } = this.#reader;
    if (relatesTo !== NO_MESSAGE_ID || this.#enterBody() === 'fault') return undefined;
    return { kind: 'one-way', name: untrusted(action) };
  }

  #enterBody(): 'empty' | 'fault' | 'other' {
    if (!this.#reader.enterBody()) return 'empty';
    const { name, namespace } = this.#reader.xml;
    return name === 'Fault' && namespace === SOAP ? 'fault' : 'other';
  }

  #reply(id: number, operation: Operation): Reply | undefined {
    const reader = this.#reader;
    const body = this.#enterBody();
    if (reader.relatesTo === NO_MESSAGE_ID && body !== 'fault') {
      return { kind: 'one-way', name: untrusted(reader.action ?? '') };
    }
    const refusal = this.#securityFault(id, operation, body === 'fault');
    if (refusal !== undefined) return refusal;
    const [first, ...others] = reader.notUnderstood;
    if (first !== undefined) {
      return refused(id, 'Protocol', mustUnderstand([first, ...others]).message);
    }
    if (body === 'empty') {
      if (operation.result.kind === 'void') return { kind: 'result', id, value: undefined };
      throw new NetTcpError('Protocol', EMPTY_BODY);
    }
    if (body === 'fault') {
      const fault = readFault(reader.values, operation.faults);
      reader.finish();
      return { kind: 'fault', id, fault };
    }
    return { kind: 'result', id, value: this.#result(operation) };
  }

  /** An answer must say when it was made; a fault need not, as it may be about just that. */
  #securityFault(id: number, operation: Operation, isFault: boolean): Reply | undefined {
    const reader = this.#reader;
    if (this.#security === undefined) return undefined;
    if (isFault && reader.security === undefined) {
      const fault = readFault(reader.values, operation.faults);
      reader.finish();
      return { kind: 'fault', id, fault: unsecuredFault(fault) };
    }
    try {
      this.#security.check(reader.security ?? {});
      return undefined;
    } catch (error) {
      const { code, message } = NetTcpError.from(error);
      return refused(id, code, message);
    }
  }

  #result(operation: Operation): unknown {
    const { xml } = this.#reader;
    if (isTokenOperation(operation)) {
      const token = readTokenAnswer(xml);
      this.#reader.finish();
      return token;
    }
    const { namespace, replyName, results, hasSeveralResults } = operation;
    const { values } = this.#reader;
    const [member] = results;
    if (xml.name !== replyName || xml.namespace !== namespace) {
      throw new NetTcpError('Protocol', invalidBody({ name: replyName, namespace }, xml));
    }
    try {
      if (member === undefined) xml.skip();
      const value = hasSeveralResults
        ? toObject(
            results,
            values.members(results, ({ name }) => `.${name}`),
          )
        : member && values.result(member);
      this.#reader.finish();
      return value;
    } catch (caught) {
      throw within('result', caught);
    }
  }
}

function refused(id: number, code: ErrorCode, message: string): Reply {
  return { kind: 'fault', id, fault: { code, message } };
}
