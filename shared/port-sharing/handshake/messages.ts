import type { RouteProblem } from './route-problem.ts';
import type { DaemonSummary, StatusPage } from './status.ts';

/**
 * What daemon and services say to each other on the control socket; docs/handshake.md has it message by message.
 *
 * A descriptor travels beside the message that announces it, on a second connection (see `native.ts`), under the
 * number in `descriptor`: the message is the doorbell.
 */

/** Changes when an older side would misunderstand a newer one. Protocol 1 was JSON: see `protocol-1.ts`. */
export const PROTOCOL_VERSION = 2;

/** Why a registration was refused. The first five are WCF's ListenerExceptionStatus. */
export type RefusalStatus =
  | 'conflicting-registration'
  | 'failed-to-listen'
  | 'path-too-long'
  | 'quota-exceeded'
  | 'invalid-argument'
  /** It cannot be listened there, whoever has the port. */
  | 'cannot-listen';

/** Whether connections are given away as descriptors, or their bytes go through the daemon. */
export type Transfer = 'hand-over' | 'relay';

export interface Hello {
  readonly type: 'hello';
  readonly protocol: number;
  /** Version of the suite. */
  readonly version: string;
  readonly pid: number;
  /** A successor wants to take the daemon's place. */
  readonly role: 'service' | 'tool' | 'successor';
  /** The caller can take descriptors. */
  readonly handOver: boolean;
  /** A line feed: a daemon of protocol 1, which reads lines, closes the connection at once and does not wait. */
  readonly newline: '\n';
}

/** First message of a further connection: it carries descriptors, or the bytes of one relayed connection. */
export interface Attach {
  readonly type: 'attach';
  /** From `welcome`: proves that it comes from the same process. */
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
}

export type ServiceMessage =
  | Hello
  | Attach
  | Register
  /** From a service: one that it kept when the last daemon died. */
  | ListenerMessage
  /** The service has the connection, and the daemon may close its copy. */
  | { readonly type: 'accepted'; readonly dispatch: number }
  | {
      readonly type: 'rejected';
      readonly dispatch: number;
      readonly reason: string;
      /** The service is at a limit of its own: the client is to come back later. */
      readonly busy?: boolean | undefined;
    }
  /** A socket whose next preamble is for somebody else, and what was read of it. */
  | { readonly type: 'redispatch'; readonly descriptor: number; readonly octets: Uint8Array }
  /** A successor's: give me the listening sockets. */
  | { readonly type: 'inherit' }
  /** A successor's: I could take your place now. */
  | { readonly type: 'ready' }
  /** A successor's: I accept connections, and the control socket's name leads to me. */
  | { readonly type: 'serving' }
  /** A tool's. */
  | { readonly type: 'status' }
  /** A tool's: the file of static routes has changed. */
  | { readonly type: 'routes' }
  /** A tool's: the next page of the last answer. */
  | { readonly type: 'more' }
  /** A tool's: ends the daemon when the connections that it relays have ended. */
  | { readonly type: 'stop' };

export interface Welcome {
  readonly type: 'welcome';
  readonly protocol: number;
  readonly version: string;
  readonly pid: number;
  readonly transfer: Transfer;
  /** For `attach`; empty for a tool. */
  readonly token: string;
  /** The daemon's network, where the system names it: a service in another one is not reached through it. */
  readonly network?: string | undefined;
}

export interface Dispatch {
  readonly type: 'dispatch';
  readonly dispatch: number;
  readonly via: string;
  /** What was read of the connection. */
  readonly octets: Uint8Array;
  /** The socket travels under it; absent: its bytes are relayed over a connection that the service opens. */
  readonly descriptor?: number | undefined;
}

export type DaemonMessage =
  | Welcome
  /** In place of `welcome`. */
  | { readonly type: 'version-unsupported'; readonly protocol: number; readonly version: string }
  /** In place of `welcome`: it is as good as gone, and another may be started. */
  | { readonly type: 'ending' }
  /** In place of `welcome`, to a successor: there is another one already. */
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
  /** A copy of a listening socket: to be kept by a service, to be listened with by a successor. */
  | ListenerMessage
  /** The daemon does not listen there any more: copies are to be closed. */
  | { readonly type: 'listener-closed'; readonly host: string; readonly port: number }
  | Dispatch
  /** To a successor: these were all of the listening sockets. */
  | { readonly type: 'inheritance' }
  /** To a successor: take over; with a copy of the daemon's lock. */
  | { readonly type: 'go'; readonly descriptor?: number | undefined }
  /** To a successor: you are the daemon. Without it, it is not. */
  | { readonly type: 'retired' }
  /** The daemon has the socket of a `redispatch`. */
  | { readonly type: 'taken'; readonly descriptor: number }
  /** Pages follow, one for each `more`. */
  | { readonly type: 'status'; readonly status: DaemonSummary }
  | StatusPage
  /** The static routes are what the file says, but for `problems`. */
  | {
      readonly type: 'routes';
      readonly problems: readonly RouteProblem[];
      readonly isLast: boolean;
    }
  /** The daemon was told to end: no other is to be started for it. */
  | { readonly type: 'stopping' };
