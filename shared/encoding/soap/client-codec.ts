import type { Contract, Operation } from '../../contract/contract.ts';
import { type ErrorCode, messageOf, NetTcpError } from '../../errors.ts';
import type { Limits } from '../../limits.ts';
import type { OctetWriter } from '../../octets.ts';
import { BinaryXmlReader } from '../binary-xml/reader.ts';
import { ReceivedStrings, SentStrings } from '../binary-xml/session-strings.ts';
import type { ClientCodec, Reply } from '../encoding.ts';
import { BadValue } from './bad-value.ts';
import { EnvelopeReader } from './envelope-reader.ts';
import { EnvelopeWriter } from './envelope-writer.ts';
import { EMPTY_BODY, invalidBody, mustUnderstand } from './faults.ts';
import { CallIds, NO_MESSAGE_ID } from './message-id.ts';
import { readFault } from './read-fault.ts';
import { readMembers } from './read-value.ts';
import { replyShape } from './reply-shape.ts';
import { SOAP } from './vocabulary.ts';
import { within } from './write-value.ts';

export interface SoapClientOptions {
  readonly contract: Contract;
  readonly limits: Limits;
  /** What `To` says. */
  readonly address: string;
  /** Duplex mode: with string tables. Streamed mode has none. */
  readonly hasSession: boolean;
  /** 12 octets that no other session of anybody has: the message ids begin with them. */
  readonly session: Uint8Array;
}

/** The client's side of SOAP for one session. */
export class SoapClientCodec implements ClientCodec {
  readonly #namespace: string;
  readonly #address: string;
  readonly #ids: CallIds;
  readonly #reader: EnvelopeReader;
  readonly #writer: EnvelopeWriter;
  #requests = 0;
  #lastId = 0;

  constructor({ contract, limits, address, hasSession, session }: SoapClientOptions) {
    this.#namespace = contract.namespace;
    this.#address = address;
    this.#ids = new CallIds(session);
    const strings = hasSession ? new ReceivedStrings(limits) : undefined;
    this.#reader = new EnvelopeReader(new BinaryXmlReader(limits, strings));
    this.#writer = new EnvelopeWriter(hasSession ? new SentStrings(limits) : undefined);
  }

  writeRequest(out: OctetWriter, id: number, operation: Operation, args: readonly unknown[]): void {
    const envelope = this.#writer;
    envelope.begin(out);
    try {
      envelope.open(operation.action, true);
      if (!operation.oneWay) {
        envelope.messageId();
        this.#ids.write(out, id);
        envelope.replyToAnonymous();
      }
      envelope.to(this.#address);
      envelope.body();
      envelope.wrapper(operation.name, this.#namespace);
      this.#parameters(operation, args);
      envelope.close();
      envelope.finish();
    } catch (error) {
      envelope.abandon();
      throw error;
    }
    if (operation.oneWay) return;
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
    const id = this.#answeredCall();
    const operation = id === undefined ? undefined : operationOf(id);
    if (id === undefined || operation === undefined) return undefined;

    const [first, ...others] = reader.notUnderstood;
    if (first !== undefined) {
      return refused(id, 'Protocol', mustUnderstand([first, ...others]).message);
    }
    if (!reader.enterBody()) {
      return operation.result.kind === 'void'
        ? { kind: 'result', id, value: undefined }
        : refused(id, 'Protocol', badReply(operation, EMPTY_BODY));
    }
    const { xml } = reader;
    if (xml.name === 'Fault' && xml.namespace === SOAP) {
      const fault = readFault(xml, operation.faults);
      reader.finish();
      return { kind: 'fault', id, fault };
    }
    return this.#result(id, operation);
  }

  #parameters(operation: Operation, args: readonly unknown[]): void {
    const { values } = this.#writer;
    for (let index = 0; index < operation.parameters.length; index++) {
      const { name, type } = operation.parameters[index] as Operation['parameters'][number];
      try {
        values.part(this.#namespace, name, type, args[index]);
      } catch (error) {
        if (!(error instanceof BadValue)) throw error;
        throw new NetTcpError('Usage', messageOf(within(`${operation.name}: ${name}`, error)));
      }
    }
  }

  /**
   * The call that the message answers. Mono leaves RelatesTo out of its faults: where there has been
   * one call only, the message can be about no other.
   */
  #answeredCall(): number | undefined {
    const { relatesTo } = this.#reader;
    if (relatesTo !== NO_MESSAGE_ID) return this.#ids.callOf(relatesTo);
    return this.#requests === 1 ? this.#lastId : undefined;
  }

  #result(id: number, operation: Operation): Reply {
    const { xml } = this.#reader;
    const { wrapper, members } = replyShape(operation);
    if (xml.name !== wrapper || xml.namespace !== this.#namespace) {
      const why = invalidBody({ name: wrapper, namespace: this.#namespace }, xml);
      return refused(id, 'Protocol', badReply(operation, why));
    }
    try {
      const [value] = readMembers(xml, members, this.#namespace);
      this.#reader.finish();
      return { kind: 'result', id, value };
    } catch (error) {
      if (!(error instanceof BadValue)) throw error;
      return refused(id, 'Protocol', badReply(operation, error.message));
    }
  }
}

function refused(id: number, code: ErrorCode, message: string): Reply {
  return { kind: 'fault', id, fault: { code, message } };
}

function badReply({ name }: Operation, why: string): string {
  return `Error in deserializing body of reply message for operation '${name}'. ${why}`;
}
