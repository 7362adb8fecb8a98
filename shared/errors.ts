import { shown } from './printable.ts';

/**
 * The codes of all failures that the suite raises on purpose, with their exit statuses.
 *
 * Programs match on `code` (and on `reason` where one code covers several causes), never on the message: a message
 * may be reworded in any release, a code may not. A command that fails ends with that status; 64 to 78 have the
 * meaning that BSD `sysexits.h` gives them.
 */
export const EXIT_STATUS = {
  Usage: 64, // the command line was wrong
  Fault: 65, // the service answered a call with a fault
  EndpointNotFound: 66, // nobody listens at that address
  Internal: 70, // a bug in this suite
  AddressAlreadyInUse: 73, // another listener has the address
  Communication: 74, // the connection failed, or the peer gave it up
  Timeout: 75, // trying again may work
  Protocol: 76, // the peer does not speak net.tcp, or breaks its rules
  QuotaExceeded: 79, // a message, a path or a count is over its limit
  ServerTooBusy: 80, // trying again later may work
  ActionNotSupported: 81, // the contract has no such operation
  CommunicationObjectFaulted: 82, // the channel broke earlier; make a new one
  CommunicationObjectAborted: 83, // the channel or host was aborted or closed by its own user
  OperationCanceled: 84, // the caller's AbortSignal fired
  SecurityNegotiation: 85, // one side refused the other's credential, or the negotiation broke
  MessageSecurity: 86, // a message lies about its sender or its age
  SecurityAccessDenied: 87, // the caller is known, but not allowed to call
} as const;

/** What went wrong: a key of {@link EXIT_STATUS}. */
export type ErrorCode = keyof typeof EXIT_STATUS;

/** Causes behind a code that covers several, each with its own exit status. */
export const REASON_EXIT_STATUS = {
  'host-not-found': 68, // EndpointNotFound: DNS does not know the host
  'connection-refused': 69, // EndpointNotFound: nothing listens on that port
  'host-unreachable': 69, // EndpointNotFound: no route leads to that host
  'already-registered': 73, // AddressAlreadyInUse: by another service that shares the port
  'access-denied': 77, // Communication: the runtime directory or the daemon refuses this user
  'maybe-executed': 74, // Communication: the call was sent, and nobody knows what became of it
  'port-sharing-disabled': 78, // Communication: the start type is "disabled"
  'security-mismatch': 76, // Protocol: the two sides have different security, most likely
} as const;

/** One of several causes of a code, such as `connection-refused` of `EndpointNotFound`. */
export type ErrorReason = keyof typeof REASON_EXIT_STATUS;

/** What an error has beside its code and message. */
interface NetTcpErrorOptions extends ErrorOptions {
  /** Which of the causes that its code covers. */
  readonly reason?: ErrorReason | undefined;
  /** Name of the [MC-NMF] fault that was received, or that the peer is to be sent. */
  readonly framingFault?: string | undefined;
}

/** The base of all failures: any other error that the suite throws is a bug in it. */
export class NetTcpError extends Error {
  /** `NetTcpError`, or `FaultException`. */
  override readonly name: string = 'NetTcpError';
  /** What programs match on. */
  readonly code: ErrorCode;
  /** Which cause it was, if `code` covers several. */
  readonly reason: ErrorReason | undefined;
  /** Name of the [MC-NMF] fault that was received, or that the peer is to be sent. */
  readonly framingFault: string | undefined;

  /** @param message one sentence or more for a person: what happened, to which address, what to do */
  constructor(code: ErrorCode, message: string, options: NetTcpErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.reason = options.reason;
    this.framingFault = options.framingFault;
  }

  /** Exit status of a command that ends with it, 64 to 87. */
  get exitStatus(): number {
    return this.reason === undefined ? EXIT_STATUS[this.code] : REASON_EXIT_STATUS[this.reason];
  }

  /** Turns anything that was caught into a `NetTcpError`; the original stays as `cause`. */
  static from(caught: unknown): NetTcpError {
    const cause = legible(caught);
    if (cause instanceof NetTcpError) return cause;
    const message = messageOf(cause);
    if (!isOfTheMachine(cause)) return new NetTcpError('Internal', message, { cause });
    return new NetTcpError('Communication', `A call of the system failed: ${message}.`, { cause });
  }
}

/** System errors that can happen to any program; any other is a bug of this suite. */
const MACHINE_CODES = new Set(
  'EACCES EAGAIN EDQUOT EIO EMFILE ENFILE ENOBUFS ENOMEM ENOSPC EPERM EROFS'.split(' '),
);

function isOfTheMachine(caught: unknown): boolean {
  return MACHINE_CODES.has(systemCode(caught) ?? '');
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(EXIT_STATUS, value);
}

/** The message of anything that can be thrown. */
export function messageOf(caught: unknown): string {
  const error = legible(caught);
  return error instanceof Error ? error.message : String(error);
}

/** The stack of an error; `undefined` if it has none, or if the program's own way of making stacks throws. */
export function stackOf(error: Error): string | undefined {
  try {
    return error.stack;
  } catch {
    return undefined;
  }
}

/**
 * What was thrown, or an error in its place if reading it would throw: a getter or a proxy may, and an object
 * without a prototype cannot become text.
 */
export function legible(caught: unknown): unknown {
  try {
    const text: unknown = caught instanceof Error ? caught.message : String(caught);
    if (typeof text === 'string') return caught;
  } catch {
    // It is replaced below.
  }
  return new Error(`${shown(caught)} was thrown, which has no message`);
}

/** The `code` of a Node system error (`ECONNREFUSED`), or `undefined`. */
export function systemCode(caught: unknown): string | undefined {
  const code = caught instanceof Error ? (caught as NodeJS.ErrnoException).code : undefined;
  return typeof code === 'string' ? code : undefined;
}
