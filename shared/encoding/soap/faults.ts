import type { Operation } from '../../contract/contract.ts';
import type { QName } from '../../contract/types/type-names.ts';
import { faultOf } from '../../contract/to-operation.ts';
import type { Fault } from '../encoding.ts';
import { headerNotUnderstood } from '../received-headers.ts';
import { DISPATCHER, unreadableRequest } from '../unreadable.ts';
import { SECURITY } from './security/vocabulary.ts';
import { ADDRESSING, FAULT_ACTION } from './vocabulary.ts';

/** What a SOAP fault has beside its reason: a row of the table in {@link SHAPE}. */
export interface FaultShape {
  readonly action: string;
  readonly code: 'Sender' | 'Receiver' | 'MustUnderstand';
  readonly subcode?: QName;
  /** It ends the session. */
  readonly endsSession: boolean;
  /** It goes to an unknown caller, without a security header. */
  readonly isUnsecured?: boolean;
}

/** The faults of WCF's dispatcher, as .NET clients know them. */
const SHAPE = {
  /** For the first message of a session, and for any message without a session. */
  actionNotSupported: {
    action: FAULT_ACTION.addressing,
    code: 'Sender',
    subcode: { name: 'ActionNotSupported', namespace: ADDRESSING },
    endsSession: false,
  },
  /** For a later message of a session. */
  laterActionNotSupported: {
    action: FAULT_ACTION.soap,
    code: 'Sender',
    subcode: { name: 'ActionNotSupported', namespace: ADDRESSING },
    endsSession: true,
  },
  destinationUnreachable: {
    action: FAULT_ACTION.soap,
    code: 'Sender',
    subcode: { name: 'DestinationUnreachable', namespace: ADDRESSING },
    endsSession: false,
  },
  mustUnderstand: { action: FAULT_ACTION.soap, code: 'MustUnderstand', endsSession: false },
  deserializationFailed: {
    action: FAULT_ACTION.dispatcher,
    code: 'Sender',
    subcode: { name: 'DeserializationFailed', namespace: DISPATCHER },
    endsSession: false,
  },
  internal: {
    action: FAULT_ACTION.dispatcher,
    code: 'Receiver',
    subcode: { name: 'InternalServiceFault', namespace: DISPATCHER },
    endsSession: true,
  },
  /** The caller is known but not allowed: WCF's clients raise a SecurityAccessDeniedException. */
  accessDenied: {
    action: FAULT_ACTION.soap,
    code: 'Sender',
    subcode: { name: 'FailedAuthentication', namespace: SECURITY },
    endsSession: false,
  },
  /** A fault that an implementation raised on purpose. */
  explicit: { action: FAULT_ACTION.soap, code: 'Sender', endsSession: false },
} as const satisfies Readonly<Record<string, FaultShape>>;

/** What this codec attaches to a fault that it found itself; nobody else reads it. */
export class FaultExtension {
  readonly shape: FaultShape;
  /** The whole detail as text: the action that is not supported. */
  readonly detailText: string | undefined;
  /** Headers that had to be understood and were not. */
  readonly notUnderstood: readonly QName[];

  constructor(
    shape: FaultShape,
    more: { readonly detailText?: string; readonly notUnderstood?: readonly QName[] } = {},
  ) {
    this.shape = shape;
    this.detailText = more.detailText;
    this.notUnderstood = more.notUnderstood ?? [];
  }
}

/** `undefined` for faults that the codec did not find itself. */
export function extensionOf({ extension }: Fault): FaultExtension | undefined {
  return extension instanceof FaultExtension ? extension : undefined;
}

/** WCF's text for an exception that callers may not see, markup of its configuration files included. */
export const INTERNAL_ERROR =
  'The server was unable to process the request due to an internal error.  For more information about the error, either turn on IncludeExceptionDetailInFaults (either from ServiceBehaviorAttribute or from the <serviceDebug> configuration behavior) on the server in order to send the exception information back to the client, or turn on tracing as per the Microsoft .NET Framework SDK documentation and inspect the server trace logs.';

export function actionNotSupported(action: string, isLater: boolean): Fault {
  return {
    code: 'ActionNotSupported',
    message: `The message with Action '${action}' cannot be processed at the receiver, due to a ContractFilter mismatch at the EndpointDispatcher. This may be because of either a contract mismatch (mismatched Actions between sender and receiver) or a binding/security mismatch between the sender and the receiver.  Check that sender and receiver have the same contract and the same binding (including security requirements, e.g. Message, Transport, None).`,
    extension: isLater
      ? new FaultExtension(SHAPE.laterActionNotSupported, { detailText: action })
      : new FaultExtension(SHAPE.actionNotSupported),
  };
}

export function destinationUnreachable(to: string): Fault {
  return {
    code: 'EndpointNotFound',
    message: `The message with To '${to}' cannot be processed at the receiver, due to an AddressFilter mismatch at the EndpointDispatcher.  Check that the sender and receiver's EndpointAddresses agree.`,
    extension: new FaultExtension(SHAPE.destinationUnreachable),
  };
}

export function mustUnderstand(headers: readonly [QName, ...QName[]]): Fault {
  return {
    code: 'Fault',
    message: headerNotUnderstood(headers[0]),
    extension: new FaultExtension(SHAPE.mustUnderstand, { notUnderstood: headers }),
  };
}

/** The body of a request that cannot be read. @param caught as {@link unreadableRequest} takes it */
export function deserializationFailed(operation: Operation, caught: unknown): Fault {
  return {
    ...unreadableRequest(operation, caught),
    extension: new FaultExtension(SHAPE.deserializationFailed),
  };
}

/** Why a message may be undispatchable, in WCF's words. */
export const NO_ACTION = `No Action header was found with namespace '${ADDRESSING}' for the given message.`;
export const NOT_CORRELATED =
  'The incoming message with action could not be processed because it is targeted at a request-reply operation, but cannot be replied to as the MessageId property is not set.';
export const EMPTY_BODY =
  'The OperationFormatter could not deserialize any information from the Message because the Message is empty (IsEmpty = true).';

export function invalidBody(expected: QName, found: QName): string {
  return `OperationFormatter encountered an invalid Message body. Expected to find node type 'Element' with name '${expected.name}' and namespace '${expected.namespace}'. Found node type 'Element' with name '${found.name}' and namespace '${found.namespace}'`;
}

/** The fault for a well-formed message that cannot be dispatched. @param why a sentence for our own logs */
export function undispatchable(why: string): Fault {
  const extension = new FaultExtension(SHAPE.internal);
  return { code: 'Fault', message: why, unhandled: true, extension };
}

/** The shape of any fault: the codec's own faults carry theirs, the dispatcher's are looked up. */
export function shapeOf(fault: Fault, isLater: boolean): FaultShape {
  const own = extensionOf(fault);
  if (own !== undefined) return own.shape;
  if (fault.unhandled === true) return SHAPE.internal;
  if (fault.code === 'EndpointNotFound') return SHAPE.destinationUnreachable;
  if (fault.code === 'SecurityAccessDenied') return SHAPE.accessDenied;
  if (fault.code !== 'ActionNotSupported') return SHAPE.explicit;
  return isLater ? SHAPE.laterActionNotSupported : SHAPE.actionNotSupported;
}

/**
 * The action of a fault with a detail that the operation declares, such as `…/IEcho/FailProblemFault`:
 * WCF's clients read details by it. `undefined` for all other faults.
 */
export function faultAction(
  { typed }: Fault,
  operation: Operation | undefined,
): string | undefined {
  return faultOf(operation, typed?.type)?.action;
}

/** An exception in the form of WCF's ExceptionDetail. */
export interface ExceptionDetail {
  readonly type: string;
  readonly message: string;
  readonly stackTrace: string;
  /** In the form of `Fault.detail`. */
  readonly inner?: string | undefined;
}

/** Stands between an exception and the one inside it. */
const INNER = '\n ---> ';

/**
 * Takes apart `Fault.detail`, which has the form of JavaScript's `stack`: `Type: message`, then lines. A
 * detail of another form becomes the stack trace as a whole.
 *
 * @param reason the message, if it is known; otherwise it is the rest of the first line
 */
export function toExceptionDetail(detail: string, reason?: string): ExceptionDetail {
  const end = detail.indexOf(INNER);
  const own = end < 0 ? detail : detail.slice(0, end);
  const inner = end < 0 ? undefined : detail.slice(end + INNER.length);
  const [, type, line = ''] = /^([\w$.+`]+)(?:: ?(.*)|$)/m.exec(own) ?? [];
  const message = reason ?? line;
  if (type === undefined || !own.startsWith(type)) {
    return { type: 'Error', message, stackTrace: own, inner };
  }
  const head = `${type}: ${message}`;
  const rest = own.slice(own.startsWith(head) ? head.length : type.length);
  return { type, message, stackTrace: rest.replace(/^:? ?\n?/, ''), inner };
}

/** The inverse of {@link toExceptionDetail}. */
export function fromExceptionDetail(exception: ExceptionDetail): string {
  const { type, message, stackTrace, inner } = exception;
  const own = `${type}: ${message}${stackTrace === '' ? '' : `\n${stackTrace}`}`;
  return inner === undefined ? own : own + INNER + inner;
}
