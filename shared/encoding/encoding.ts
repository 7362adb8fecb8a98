import type { Contract, Operation } from '../contract/contract.ts';
import type { MessageHeader } from '../contract/header.ts';
import type { StreamPlace } from '../contract/message.ts';
import type { EncodedHeaders } from './received-headers.ts';
import type { QName } from '../contract/types/type-names.ts';
import type { FaultCode } from '../contract/fault-exception.ts';
import type { ValueType } from '../contract/types/types.ts';
import type { ErrorCode } from '../errors.ts';
import type { Limits } from '../limits.ts';
import type { OctetWriter } from '../octets.ts';
import type { ClientMessageSecurity, ServiceMessageSecurity } from './message-security.ts';
import type { Untrusted } from '../printable.ts';
import type { TellsUnknown } from './unknown.ts';

/** What a caller is told when a call has no result. Never a stack, never an internal message. */
export interface Fault {
  /** `Fault`, `ActionNotSupported` or another code of the suite. */
  readonly code: ErrorCode;
  readonly message: string;
  /**
   * Internals, where the service was told to include them: an exception as JavaScript's `stack` has
   * it, `Type: message` and then the places; its causes follow, each after a line that begins with
   * ` ---> `.
   */
  readonly detail?: string | undefined;
  /** Code and subcodes, in SOAP's form. */
  readonly faultCode?: FaultCode | undefined;
  /** What a `FaultException` has as its detail. */
  readonly typed?: { readonly type: ValueType; readonly value: unknown } | undefined;
  /**
   * The operation failed without meaning to: an exception that the implementation did not raise as a
   * fault, or a request that could not even be dispatched. Encodings may say so in their own way, and
   * may end the session for it: see {@link ServiceCodec.endsSession}.
   */
  readonly unhandled?: boolean | undefined;
  /**
   * What the codec that found the fault in a request needs to write it. It is private to the codec: others
   * pass it back unread.
   */
  readonly extension?: unknown;
}

/** A request as the service reads it. `id` is what the encoding needs to write the answer. */
export type Request =
  | {
      readonly kind: 'call';
      readonly id: RequestId;
      readonly operation: Operation;
      readonly args: unknown[];
      /** Headers of the application, if there are any. */
      readonly headers?: EncodedHeaders | undefined;
      /** Makes a call that is not one of the contract: the encoding answers it itself. */
      readonly own?: (() => unknown) | undefined;
    }
  /** A call that cannot be made: answered with `fault`, or not at all when `id` is undefined. */
  | { readonly kind: 'refused'; readonly id: RequestId | undefined; readonly fault: Fault };

/** `''` is the id of a streamed request that did not arrive whole: its client waits for no other answer. */
export type RequestId = number | string;

/** What a call came to. */
export type Answer = {
  readonly id: number;
  /** Headers of the application, if there are any. */
  readonly headers?: EncodedHeaders | undefined;
} & (
  | { readonly kind: 'result'; readonly value: unknown }
  | { readonly kind: 'fault'; readonly fault: Fault }
);

/** What a client answers to a callback; `undefined` if nobody waits for it. */
export interface CallbackAnswer {
  readonly kind: 'answer';
  readonly answer: Answer | undefined;
}

/** What a client reads: an answer, or a callback, which is a call that the service makes. */
export type Reply =
  | Answer
  | { readonly kind: 'callback'; readonly request: Request }
  /** One that wants no answer, and that the contract does not have. `name` is in the encoding's form. */
  | { readonly kind: 'one-way'; readonly name: Untrusted };

/** Whether a call may be made. @returns why not; `undefined`: it may, or that is still being decided */
export type Admit = (operation: Operation) => Fault | undefined;

/** Whether a callback wants no answer, and is none that the contract has. */
export function isUnheard(request: Request): boolean {
  return (
    request.kind === 'refused' &&
    request.id === undefined &&
    request.fault.code === 'ActionNotSupported'
  );
}

/** The operation that an id was called with; `undefined` for an id that no call waits with. */
export type OperationOf = (id: number) => Operation | undefined;

/** Writes calls. */
export interface RequestWriter {
  /**
   * @param id 0 to 2^32 − 1, not in use by another call of this session
   * @throws {NetTcpError} `Usage` when the arguments are not the operation's; `out` is as it was
   */
  writeRequest(
    out: OctetWriter,
    id: number,
    operation: Operation,
    args: readonly unknown[],
    headers?: readonly MessageHeader[],
  ): void;
}

/** Writes what requests come to. */
export interface AnswerWriter {
  /** @throws {NetTcpError} `Internal` when the value is not of the result's type; `out` is as it was */
  writeResult(
    out: OctetWriter,
    id: RequestId,
    operation: Operation,
    value: unknown,
    headers?: readonly MessageHeader[],
  ): void;
  /**
   * @param fault one of the dispatcher's own, or of the request, with its `extension`
   * @param operation the one that failed, if it is known
   * @throws {NetTcpError} `Internal` when the fault's detail is not of its type, or a code is not an XML name
   */
  writeFault(
    out: OctetWriter,
    id: RequestId,
    fault: Fault,
    operation?: Operation,
    headers?: readonly MessageHeader[],
  ): void;
  /**
   * Whether the service has to end the session once it has sent `fault`, as WCF does where it cannot
   * tell what state the session is in. Callers on the other side know that, and expect the End.
   */
  endsSession(fault: Fault): boolean;
}

/**
 * The service's side of one session. Offsets delimit the payload of one envelope record inside
 * `bytes`, which is only good until the call returns.
 */
export interface ServiceCodec extends AnswerWriter {
  /**
   * A request that names its call and cannot be read beyond that is refused: it costs that call only.
   *
   * @param admit is asked of an operation of the contract before its arguments are read; a fault refuses the call
   * @throws {NetTcpError} `Protocol` when the bytes do not name a call, `QuotaExceeded` when they pass a
   *   limit before they do: the session is over
   */
  readRequest(bytes: Uint8Array, start: number, end: number, admit?: Admit): Request;
  /**
   * The same for a request that is still arriving, up to where its stream begins; in streamed mode only.
   *
   * @param place  where its stream begins, if it has one
   * @param stream the argument of an operation that takes one
   * @returns `undefined` if the operation takes no stream there: then more of the message is needed
   */
  readRequestHead?(
    bytes: Uint8Array,
    end: number,
    place: StreamPlace,
    stream: unknown,
    admit?: Admit,
  ): Request | undefined;
  /** The same where there are callbacks: it may be the answer to one. @param callbackOf those that wait for it */
  readDuplex(
    bytes: Uint8Array,
    start: number,
    end: number,
    callbackOf: OperationOf,
    admit?: Admit,
  ): Request | CallbackAnswer;
  /** Calls the client. @throws {NetTcpError} `Internal` where the contract has no callbacks */
  readonly calls: RequestWriter;
}

/** The client's side of one session. */
export interface ClientCodec extends RequestWriter {
  /** Answers callbacks. */
  readonly answers: AnswerWriter;
  /**
   * An answer that names its call and cannot be read beyond that is a fault of that call.
   *
   * @returns the answer, a callback, or `undefined` for an answer that nobody waits for
   * @throws {NetTcpError} `Protocol` when the bytes do not name a call, `QuotaExceeded` when they pass a
   *   limit before they do: the session is over
   */
  readReply(
    bytes: Uint8Array,
    start: number,
    end: number,
    operationOf: OperationOf,
  ): Reply | undefined;
  /**
   * The same for an answer that is still arriving, up to where its stream begins; in streamed mode only.
   *
   * @param stream the result
   * @returns `undefined` if there is no stream in it: then the message is needed as a whole
   */
  readReplyHead?(
    bytes: Uint8Array,
    end: number,
    operation: Operation,
    stream: unknown,
  ): Reply | undefined;
}

export interface CodecOptions extends TellsUnknown {
  readonly contract: Contract;
  readonly limits: Limits;
  /** The endpoint's address: SOAP's `To` is this, and is checked against it. */
  readonly address: string;
}

export interface ServiceCodecOptions extends CodecOptions {
  /** Messages may be addressed to anybody: `To` is not checked. */
  readonly acceptsAnyTo?: boolean | undefined;
  /** Headers that the application understands, though no operation declares them. */
  readonly understood?: readonly QName[] | undefined;
  /** How messages say who sends them; `undefined` if they do not. Only SOAP messages can. */
  readonly security?: ServiceMessageSecurity | undefined;
}

export interface ClientCodecOptions extends CodecOptions {
  /** The same for a client. */
  readonly security?: ClientMessageSecurity | undefined;
}

/** One way to write messages, as the preamble's encoding record names it. */
export interface MessageEncoding {
  /** Name on a command line. */
  readonly name: 'msgpack' | 'soap';
  /** Byte of a known-encoding record, or the content type of an extensible-encoding record. */
  readonly contentType: number | string;
  /** [MC-NMF] mode: 1 streamed (singleton-unsized), 2 buffered (duplex). */
  readonly mode: 1 | 2;
  /** The codec of one session; one that remembers nothing of a session may serve many. */
  service(options: ServiceCodecOptions): ServiceCodec;
  client(options: ClientCodecOptions): ClientCodec;
}
