import type { Inherited } from '../machine/inheritance.ts';
import type { Transfer } from '../machine/load-native.ts';

/** One registration, as `net-tcp-port-sharing status` shows it. */
export interface RegistrationStatus {
  readonly address: string;
  readonly pid: number;
  /** ISO 8601. */
  readonly since: string;
  readonly listensOn: readonly string[];
  /** `host:port` that a static route leads to; absent for a service. */
  readonly target?: string | undefined;
  /** What it wants of its clients, as it said when it registered; absent for a route, and where nothing was said. */
  readonly security?: string | undefined;
  readonly handedOver: number;
  readonly relayed: number;
  readonly queued: number;
  readonly refused: number;
  /** Requests that its service has had there, and those answered with a fault; absent where it does not say. */
  readonly calls?: number | undefined;
  readonly faults?: number | undefined;
}

/** A trusted front that has come since the daemon started. */
export interface FrontStatus {
  /** IP address. */
  readonly address: string;
  /** Clients' connections that came through it, not those that are there now. */
  readonly connections: number;
  /** How often it has asked the health path. */
  readonly checks: number;
  /** When it asked last; ISO 8601. */
  readonly lastCheck?: string | undefined;
  /** When it came last, for whatever; ISO 8601. */
  readonly lastSeen: string;
}

/** What a daemon says about itself in one message. */
export interface DaemonSummary extends Inherited {
  readonly pid: number;
  readonly version: string;
  /** ISO 8601. */
  readonly since: string;
  readonly transfer: Transfer;
  readonly log: string;
  /** `host:port` of those listening sockets that systemd opened and keeps. */
  readonly activated: readonly string[];
  /** Connections whose preamble has not arrived in full. */
  readonly pending: number;
  /** Connections told that there is no such endpoint. */
  readonly notFound: number;
  /** Connections turned away because there were too many. */
  readonly dropped: number;
  readonly relaying: number;
  /** Whether the health path says that nobody should be sent here; absent: it does not. */
  readonly leaving?: boolean | undefined;
  /** Fronts that are trusted, as they were written; absent: none. */
  readonly trusted?: readonly string[] | undefined;
  /** Those that came last; absent where none is trusted. */
  readonly fronts?: readonly FrontStatus[] | undefined;
}

/** {@link DaemonSummary} with the lists that may be long. */
export interface DaemonStatus extends DaemonSummary {
  /** `host:port` of every listening socket. */
  readonly listeners: readonly string[];
  /** Oldest first. */
  readonly registrations: readonly RegistrationStatus[];
}

/** A part of the two lists: all listeners come before all registrations. */
export interface StatusPage {
  readonly type: 'status-page';
  readonly listeners: readonly string[];
  readonly registrations: readonly RegistrationStatus[];
  readonly isLast: boolean;
}
