import type { Transfer } from '../machine/load-native.ts';
import type { RouteProblem } from './route-problem.ts';
import type { DaemonSummary, StatusPage } from './status.ts';

/**
 * The messages of daemon and services on the control socket; docs/handshake.md explains each.
 *
 * A descriptor travels beside the message that announces it, on a second connection (see `native.ts`), under the
 * number in `descriptor`: the message is the doorbell.
 */

/** Increases when an older side would misunderstand a newer one. Protocol 1 was JSON: see `protocol-1.ts`. */
export const PROTOCOL_VERSION = 2;

/** Why a registration was refused. The first five are WCF's ListenerExceptionStatus. */
export type RefusalStatus =
  | 'conflicting-registration'
  | 'failed-to-listen'
  | 'path-too-long'
  | 'quota-exceeded'
  | 'invalid-argument'
  /** Nobody can listen there, whoever has the port. */
  | 'cannot-listen';

export interface Hello {
  readonly type: 'hello';
  readonly protocol: number;
  /** Version of the suite. */
  readonly version: string;
  readonly pid: number;
  /** A `successor` wants to take the daemon's place. */
  readonly role: 'service' | 'tool' | 'successor';
  /** Whether the caller can take descriptors. */
  readonly handOver: boolean;
  /** A line feed: a daemon of protocol 1, which reads lines, closes the connection at once and does not wait. */
  readonly newline: '\n';
}

/** First message of a further connection: it carries descriptors, or the bytes of one relayed connection. */
export interface Attach {
  readonly type: 'attach';
  /** From `welcome`: proves that the connection comes from the same process. */
  readonly token: string;
  /** The dispatch whose bytes follow; absent: descriptors follow. */
  readonly dispatch?: number | undefined;
}

/** A listening socket, which travels under `descriptor`. */
export interface ListenerMessage {
  readonly type: 'listener';
  readonly descriptor: number;
  /** IP address that it listens on. */
  readonly host: string;
  readonly port: number;
}

export interface Register {
  readonly type: 'register';
  readonly request: number;
  readonly address: string;
  /** IP addresses to listen on, or `*4` and `*6` for all of a family. */
  readonly hosts: readonly string[];
  readonly queueLength: number;
  /** What the endpoint wants of its clients, in words for `status`, such as `tls`; absent: not said. */
  readonly security?: string | undefined;
  /** Whether other processes may register that address, if they say so, too. */
  readonly replicas?: boolean | undefined;
}

/** What was done at an address, since its service was made; see `CallCounts`. */
export interface CallReport {
  /** That of its `register`. */
  readonly request: number;
  readonly calls: number;
  readonly faults: number;
}

export interface Rejected {
  readonly type: 'rejected';
  readonly dispatch: number;
  readonly reason: string;
  /** Whether the service is at a limit of its own, so that the client should come back later. */
  readonly busy?: boolean | undefined;
  /** Whether it came too late to the connection, see `Dispatch.takeBy`: it would take it now. */
  readonly late?: boolean | undefined;
}

export type ServiceMessage =
  | Hello
  | Attach
  | Register
  /** From a service: a socket that it kept when the last daemon died. */
  | ListenerMessage
  /** The service has the connection, and the daemon may close its copy. */
  | { readonly type: 'accepted'; readonly dispatch: number }
  | Rejected
  /** How many of the connections that were handed over to it a replica has now. */
  | { readonly type: 'open'; readonly connections: number }
  /** What was done at addresses that it has registered; only to a daemon whose `welcome` has `calls`. */
  | { readonly type: 'calls'; readonly endpoints: readonly CallReport[] }
  /** A socket whose next preamble is for another service, and the bytes read from it. */
  | { readonly type: 'redispatch'; readonly descriptor: number; readonly octets: Uint8Array }
  /** From a successor: give me the listening sockets. */
  | { readonly type: 'inherit' }
  /** From a successor: I could take your place now. */
  | { readonly type: 'ready' }
  /** From a successor: I accept connections, and the control socket's name leads to me. */
  | { readonly type: 'serving' }
  /** From a tool. */
  | { readonly type: 'status' }
  /** From a tool: the file of static routes has changed. */
  | { readonly type: 'routes' }
  /** From a tool: send the next page of the last answer. */
  | { readonly type: 'more' }
  /** From a tool: end when the connections that you relay have ended. */
  | { readonly type: 'stop' };

export interface Welcome {
  readonly type: 'welcome';
  readonly protocol: number;
  readonly version: string;
  readonly pid: number;
  readonly transfer: Transfer;
  /** For `attach`; empty for a tool. */
  readonly token: string;
  /** The daemon's network, where the system names it: a service in another one cannot be reached through it. */
  readonly network?: string | undefined;
  /** It takes `calls`: one that does not say so would end the connection. */
  readonly calls?: boolean | undefined;
}

export interface Dispatch {
  readonly type: 'dispatch';
  readonly dispatch: number;
  readonly via: string;
  /** The bytes that the daemon has read from the connection. */
  readonly octets: Uint8Array;
  /** IP address of the client, where the service's socket does not tell: relayed, or through a front. */
  readonly from?: string | undefined;
  /** It came through a front that is trusted: another session on it may have the same via only. */
  readonly fronted?: boolean | undefined;
  /** The socket travels under this; absent: its bytes are relayed over a connection that the service opens. */
  readonly descriptor?: number | undefined;
  /**
   * To a replica: when it has not taken the connection by then, another may have it. Milliseconds on the machine's
   * monotonic clock.
   */
  readonly takeBy?: number | undefined;
}

export type DaemonMessage =
  | Welcome
  /** In place of `welcome`. */
  | { readonly type: 'version-unsupported'; readonly protocol: number; readonly version: string }
  /** In place of `welcome`: this daemon is as good as gone, and another may be started. */
  | { readonly type: 'ending' }
  /** In place of `welcome`, to a successor: there is already another one. */
  | { readonly type: 'succession-refused'; readonly message: string }
  /** In place of `welcome`: the caller's process has its share of this daemon's connections. */
  | { readonly type: 'too-many'; readonly message: string }
  /** The second connection has arrived: descriptors may be sent. */
  | { readonly type: 'attached' }
  | { readonly type: 'registered'; readonly request: number; readonly address: string }
  | {
      readonly type: 'refused';
      readonly request: number;
      readonly status: RefusalStatus;
      readonly message: string;
    }
  /** A copy of a listening socket: a service keeps it, a successor listens with it. */
  | ListenerMessage
  /** The daemon no longer listens there: close copies. */
  | { readonly type: 'listener-closed'; readonly host: string; readonly port: number }
  | Dispatch
  /** To a successor: these were all of the listening sockets. */
  | { readonly type: 'inheritance' }
  /** To a successor: take over, with this copy of the daemon's lock. */
  | { readonly type: 'go'; readonly descriptor?: number | undefined }
  /** To a successor: you are the daemon. Without this message it is not. */
  | { readonly type: 'retired' }
  /** The daemon has the socket of a `redispatch`. */
  | { readonly type: 'taken'; readonly descriptor: number }
  /** Pages follow, one for each `more`. */
  | { readonly type: 'status'; readonly status: DaemonSummary }
  | StatusPage
  /** The static routes are as in the file, except for `problems`. */
  | {
      readonly type: 'routes';
      readonly problems: readonly RouteProblem[];
      readonly isLast: boolean;
    }
  /** The daemon was told to end: services must not start another. */
  | { readonly type: 'stopping' };
