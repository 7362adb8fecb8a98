import { isErrorCode } from '../../errors.ts';
import type { RouteProblem } from './route-problem.ts';

/**
 * What daemon and services say to each other on the control socket: one JSON object a line.
 *
 * A descriptor travels beside the message that announces it, on a second connection (see
 * `native.ts`), under the number in `descriptor`: the message is the doorbell.
 */

/** Changes when an older side would misunderstand a newer one. */
export const PROTOCOL_VERSION = 1;

/** Why a registration was refused. The first six are WCF's ListenerExceptionStatus. */
export type RefusalStatus =
  | 'conflicting-registration'
  | 'failed-to-listen'
  | 'path-too-long'
  | 'quota-exceeded'
  | 'protocol-unsupported'
  | 'invalid-argument'
  | 'version-unsupported'
  | 'access-denied'
  /** It cannot be listened there, whoever has the port. */
  | 'cannot-listen';

export interface Hello {
  readonly type: 'hello';
  readonly protocol: number;
  /** Version of the suite. */
  readonly version: string;
  readonly pid: number;
  /** A successor wants to take the daemon's place. */
  readonly role: 'service' | 'tool' | 'successor';
  /** The service can take sockets. */
  readonly handOver: boolean;
}

/** First line of a further connection: it carries descriptors, or the octets of one relayed connection. */
export interface Attach {
  readonly type: 'attach';
  /** From `welcome`: proves that it comes from the same service. */
  readonly token: string;
  /** The dispatch whose octets follow; absent: descriptors follow. */
  readonly dispatch?: number | undefined;
}

export type ServiceMessage =
  | Hello
  | {
      readonly type: 'register';
      readonly request: number;
      readonly address: string;
      /** IP addresses to listen on, or `*4` and `*6` for all of a family. */
      readonly hosts: readonly string[];
      readonly queueLength: number;
    }
  | { readonly type: 'unregister'; readonly address: string }
  /** A listening socket that the service kept when the last daemon died. */
  | {
      readonly type: 'listener';
      readonly descriptor: number;
      readonly host: string;
      readonly port: number;
    }
  | { readonly type: 'accepted'; readonly dispatch: number }
  | {
      readonly type: 'rejected';
      readonly dispatch: number;
      readonly reason: string;
      /** The service is at a limit of its own: the client is to come back later. */
      readonly busy?: boolean | undefined;
    }
  /** A socket whose next preamble is for somebody else, and what was read of it. */
  | { readonly type: 'redispatch'; readonly descriptor: number; readonly octets: string }
  /** A successor's: give me the listening sockets. */
  | { readonly type: 'inherit' }
  /** A successor's: I could take your place now. */
  | { readonly type: 'ready' }
  /** A successor's: I accept connections, and the control socket's name leads to me. */
  | { readonly type: 'serving' }
  | { readonly type: 'status' }
  /** The file of static routes has changed. */
  | { readonly type: 'routes' }
  /** Ends the daemon; `drain`: when the connections that it relays have ended. */
  | { readonly type: 'stop' };

export type DaemonMessage =
  | {
      readonly type: 'welcome';
      readonly protocol: number;
      readonly version: string;
      readonly pid: number;
      readonly transfer: 'hand-over' | 'relay';
      readonly token: string;
    }
  | { readonly type: 'version-unsupported'; readonly protocol: number; readonly version: string }
  /** The second connection has arrived: descriptors may be sent. */
  | { readonly type: 'attached' }
  | { readonly type: 'registered'; readonly request: number; readonly address: string }
  | {
      readonly type: 'refused';
      readonly request: number;
      readonly status: RefusalStatus;
      readonly message: string;
    }
  /** A copy of a listening socket, to be kept. */
  | {
      readonly type: 'listener';
      readonly descriptor: number;
      readonly host: string;
      readonly port: number;
    }
  /** The daemon does not listen there any more: copies are to be closed. */
  | { readonly type: 'listener-closed'; readonly host: string; readonly port: number }
  | {
      readonly type: 'dispatch';
      readonly dispatch: number;
      readonly via: string;
      /** What was read of the connection, base64. */
      readonly octets: string;
      readonly transfer: 'hand-over' | 'relay';
    }
  /** To a successor: there is another one already. */
  | { readonly type: 'succession-refused'; readonly message: string }
  /** To a successor: these were all of the listening sockets. */
  | { readonly type: 'inheritance' }
  /** To a successor: take over; with a copy of the daemon's lock. */
  | { readonly type: 'go'; readonly descriptor?: number | undefined }
  /** To a successor: you are the daemon. Without it, it is not. */
  | { readonly type: 'retired' }
  /** The daemon has the socket of a `redispatch`. */
  | { readonly type: 'taken'; readonly descriptor: number }
  | { readonly type: 'status'; readonly status: DaemonStatus }
  /** The static routes are what the file says, but for `problems`. */
  | { readonly type: 'routes'; readonly problems: readonly RouteProblem[] }
  /** The daemon was told to end: no other is to be started for it. */
  | { readonly type: 'stopping' };

/** One registration, as `net-tcp-port-sharing status` shows it. */
export interface RegistrationStatus {
  readonly address: string;
  readonly pid: number;
  /** ISO 8601. */
  readonly since: string;
  readonly listensOn: readonly string[];
  /** `host:port` that a static route leads to; absent for a service. */
  readonly target?: string | undefined;
  readonly handedOver: number;
  readonly relayed: number;
  readonly queued: number;
  readonly refused: number;
}

export interface DaemonStatus {
  readonly pid: number;
  readonly version: string;
  readonly since: string;
  readonly transfer: 'hand-over' | 'relay';
  readonly log: string;
  /** `host:port` of every listening socket. */
  readonly listeners: readonly string[];
  /** `host:port` of those that systemd opened and keeps; a daemon of 0.1.0 does not say. */
  readonly activated?: readonly string[];
  readonly registrations: readonly RegistrationStatus[];
  /** Connections whose preamble has not arrived in full. */
  readonly pending: number;
  /** Connections told that there is no such endpoint, or that there are too many. */
  readonly notFound: number;
  readonly dropped: number;
  readonly relaying: number;
}

type Check = (value: unknown) => boolean;
const isText: Check = (value) => typeof value === 'string';
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isFlag: Check = (value) => typeof value === 'boolean';
const isTexts: Check = (value) => Array.isArray(value) && value.every(isText);
const isObject: Check = (value) => typeof value === 'object' && value !== null;
const isProblem: Check = (value) => {
  if (!isObject(value)) return false;
  const { address, code, message } = value as Readonly<Record<string, unknown>>;
  return (address === undefined || isText(address)) && isErrorCode(code) && isText(message);
};
const isProblems: Check = (value) => Array.isArray(value) && value.every(isProblem);
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);

const LISTENER = { descriptor: isCount, host: isText, port: isCount };

/** The members of each message, by type: what does not fit is not read. */
const SERVICE_SHAPES = shapesOf({
  hello: { protocol: isCount, version: isText, pid: isCount, role: isText, handOver: isFlag },
  attach: { token: isText, dispatch: optional(isCount) },
  register: { request: isCount, address: isText, hosts: isTexts, queueLength: isCount },
  unregister: { address: isText },
  listener: LISTENER,
  accepted: { dispatch: isCount },
  rejected: { dispatch: isCount, reason: isText, busy: optional(isFlag) },
  redispatch: { descriptor: isCount, octets: isText },
  inherit: {},
  ready: {},
  serving: {},
  status: {},
  routes: {},
  stop: {},
});

const DAEMON_SHAPES = shapesOf({
  welcome: {
    protocol: isCount,
    version: isText,
    pid: isCount,
    transfer: isText,
    token: isText,
  },
  'version-unsupported': { protocol: isCount, version: isText },
  attached: {},
  registered: { request: isCount, address: isText },
  refused: { request: isCount, status: isText, message: isText },
  listener: LISTENER,
  'listener-closed': { host: isText, port: isCount },
  dispatch: { dispatch: isCount, via: isText, octets: isText, transfer: isText },
  'succession-refused': { message: isText },
  inheritance: {},
  go: { descriptor: optional(isCount) },
  retired: {},
  taken: { descriptor: isCount },
  status: { status: isObject },
  routes: { problems: isProblems },
  stopping: {},
});

/** Reads a line that a service sent. @returns undefined for anything else than a message */
export function parseServiceMessage(line: string): ServiceMessage | Attach | undefined {
  return parse(line, SERVICE_SHAPES) as ServiceMessage | Attach | undefined;
}

/** Reads a line that the daemon sent. @returns undefined for anything else than a message */
export function parseDaemonMessage(line: string): DaemonMessage | undefined {
  return parse(line, DAEMON_SHAPES) as DaemonMessage | undefined;
}

type Shapes = ReadonlyMap<string, readonly (readonly [name: string, check: Check])[]>;

function shapesOf(shapes: Readonly<Record<string, Readonly<Record<string, Check>>>>): Shapes {
  return new Map(Object.entries(shapes).map(([type, members]) => [type, Object.entries(members)]));
}

function parse(line: string, shapes: Shapes): object | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || !('type' in value)) return undefined;
  const shape = typeof value.type === 'string' ? shapes.get(value.type) : undefined;
  if (shape === undefined) return undefined;
  const members = value as Readonly<Record<string, unknown>>;
  return shape.every(([name, check]) => check(members[name])) ? value : undefined;
}
