import type { Socket } from 'node:net';
import type { FramingFault } from '../../framing/faults.ts';
import type { Limits } from '../../limits.ts';
import { adoptSocket } from '../../transport/shared-read.ts';
import { startReading } from '../../transport/node-internals.ts';
import type { Log } from '../machine/log.ts';
import type { Admission } from './admission.ts';
import { Arrival, type ArrivalHandler } from './arrival.ts';
import type { Idle } from './idle.ts';
import type { Registration, Registry } from './registrations/registry.ts';

/** What is registered and takes the connections that lead there: a service, or a static route. */
export interface Destination {
  /** Process that is registered; the daemon's own for a static route. */
  readonly pid: number;
  /** `host:port` that a static route leads to; absent for a service. */
  readonly target?: string | undefined;
  /** It was closed, and takes nothing more. */
  readonly isClosed: boolean;
  /** Brings a connection there, after those that wait, or refuses it. */
  dispatch(arrival: Arrival, registration: Registration<Destination>): void;
  /** Connections that wait for it. */
  queued(registration: Registration<Destination>): number;
  /** A connection that may be waiting is gone. */
  forget(arrival: Arrival): void;
  /** Ends the destination itself. @returns the connections that have not got through */
  close(): readonly Arrival[];
}

/** How destinations report what became of their connections. */
export interface Connections {
  /** Nobody takes it: tells its client. */
  refuse(arrival: Arrival, fault: FramingFault): void;
  /** Another process has it, or its client is gone. */
  forget(arrival: Arrival): void;
  /** Its bytes go through this process from now on. @returns a function to call when they no longer do */
  relaying(arrival: Arrival): () => void;
  /**
   * The client of a relayed connection begins another session, perhaps with another destination.
   * @param socket has no listener any more
   * @param octets what the client has sent of it
   */
  again(arrival: Arrival, socket: Socket, octets: Uint8Array): void;
  /**
   * A service gives back a connection whose client begins another session.
   *
   * @param descriptor its socket
   * @param octets     what the client has sent of it
   */
  comeBack(descriptor: number, octets: Uint8Array): void;
}

interface RouterOptions {
  readonly limits: Limits;
  readonly log: Log;
  readonly registry: Registry<Destination>;
  readonly admission: Admission;
  readonly idle: Idle;
}

// Times that connections are checked in `preambleTimeoutMs`: a late preamble is noticed one check late at most.
const CHECKS = 64;
// Stands for all ports: nothing listens on this one.
const ALL_PORTS = 0;

/**
 * The connections in the daemon, each from accept to its end:
 *
 *     accept ─ admitted? ─ Arrival reads the preamble ─ onPreamble ─ route ─ Destination.dispatch
 *  again, comeBack ───────────┘                                                 │
 *         └──────────── relaying ─────────────────────────────────────────────┤
 *                       forget (handed over) ──────────────────────────────────┤
 *                       refuse (nobody there, or nobody takes it) ─────────────┘
 *
 * `onGone` is the end of one that was closed, refused or too slow, wherever it was.
 */
export class Router implements ArrivalHandler, Connections {
  readonly #options: RouterOptions;
  readonly #arrivals = new Set<Arrival>();
  /** Preambles without a match, while services may still be coming back. */
  readonly #waiting = new Set<Arrival>();
  /** Until when services may come back, by port. */
  readonly #recovering = new Map<number, number>();
  #notFound = 0;
  #relayed = 0;
  #isClosed = false;
  #clock: NodeJS.Timeout | undefined;

  constructor(options: RouterOptions) {
    this.#options = options;
  }

  /** Connections that nobody has taken yet. */
  get arrivals(): ReadonlySet<Arrival> {
    return this.#arrivals;
  }

  /** How many were told that there is no such endpoint. */
  get notFound(): number {
    return this.#notFound;
  }

  /** How many are relayed now. */
  get relayed(): number {
    return this.#relayed;
  }

  /**
   * Takes a connection in.
   *
   * @param localAddress IP address of this machine that it came in at
   * @returns undefined if there is no room for it
   */
  accept(socket: Socket, port: number, localAddress: string): Arrival | undefined {
    const { admission, log } = this.#options;
    if (!admission.admit(socket)) {
      const from = socket.remoteAddress ?? '?';
      log.write('connection dropped', { from, port, reason: 'no descriptor is left for it' });
      return undefined;
    }
    return this.#take(socket, port, localAddress);
  }

  onPreamble(arrival: Arrival): void {
    this.route(arrival);
  }

  /** Brings a connection to the destination that is registered for its via. */
  route(arrival: Arrival): void {
    const { admission, registry } = this.#options;
    admission.remove(arrival);
    const registration = registry.find(arrival.port, arrival.via, arrival.localAddress);
    if (registration === undefined) {
      if (this.isRecovering(arrival.port)) {
        this.#waiting.add(arrival);
        return;
      }
      this.#notFound += 1;
      return this.refuse(arrival, 'EndpointNotFound');
    }
    this.#waiting.delete(arrival);
    registration.owner.dispatch(arrival, registration);
  }

  refuse(arrival: Arrival, fault: FramingFault): void {
    this.#waiting.delete(arrival);
    arrival.refuse(fault);
  }

  relaying(arrival: Arrival): () => void {
    const { admission, idle } = this.#options;
    idle.enter();
    this.#relayed += 1;
    admission.countRelay(1);
    this.forget(arrival);
    return () => {
      this.#relayed -= 1;
      admission.countRelay(-1);
      idle.leave();
    };
  }

  again({ port, localAddress }: Arrival, socket: Socket, octets: Uint8Array): void {
    // A daemon that is ending knows nobody any more: the client connects again, to the next one.
    if (this.#isClosed) {
      socket.destroy();
      return;
    }
    // It was admitted when it came.
    const arrival = this.#take(socket, port, localAddress);
    startReading(socket);
    arrival.receive(octets);
  }

  comeBack(descriptor: number, octets: Uint8Array): void {
    const socket = adoptSocket(descriptor);
    const { localPort: port, localAddress: host } = socket;
    if (port === undefined || host === undefined) socket.destroy();
    else this.accept(socket, port, host)?.receive(octets);
  }

  onGone(gone: Arrival, reason: string | undefined): void {
    const { log, registry } = this.#options;
    if (reason !== undefined) {
      const { remoteAddress: from, port, via } = gone;
      log.write('connection refused', { from, port, via, reason });
    }
    for (const destination of registry.owners()) destination.forget(gone);
    this.forget(gone);
  }

  forget(arrival: Arrival): void {
    this.#waiting.delete(arrival);
    this.#options.admission.remove(arrival);
    if (this.#arrivals.delete(arrival)) this.#options.idle.leave();
  }

  /** Routes what waits again: somebody has registered. */
  retry(): void {
    for (const arrival of this.#waiting) this.route(arrival);
  }

  /**
   * For `recoveryGraceMs`, connections wait for services that may come back; then `onOver` is called.
   *
   * @param port default: all. A service that keeps bringing one port's sockets holds up no other port's clients
   */
  awaitServices(onOver: () => void, port = ALL_PORTS): void {
    const { recoveryGraceMs } = this.#options.limits;
    const until = performance.now() + recoveryGraceMs;
    this.#recovering.set(port, until);
    setTimeout(() => {
      if (this.#recovering.get(port) !== until) return;
      this.#recovering.delete(port);
      onOver();
      this.retry();
    }, recoveryGraceMs + 1).unref();
  }

  /** Whether services of a port may still come back. */
  isRecovering(port: number): boolean {
    const until = (key: number): number => this.#recovering.get(key) ?? 0;
    return performance.now() < Math.max(until(port), until(ALL_PORTS));
  }

  /** From now on, closes connections that come back from a relay. */
  close(): void {
    this.#isClosed = true;
  }

  #take(socket: Socket, port: number, localAddress: string): Arrival {
    const { admission, limits, idle } = this.#options;
    const arrival = new Arrival(socket, port, localAddress, limits, this);
    idle.enter();
    this.#arrivals.add(arrival);
    admission.add(arrival);
    this.#clock ??= setInterval(this.#checkTimes, limits.preambleTimeoutMs / CHECKS);
    return arrival;
  }

  /** One timer for all connections, while there are any. */
  readonly #checkTimes = (): void => {
    const now = performance.now();
    for (const arrival of this.#arrivals) arrival.checkTime(now);
    if (this.#arrivals.size > 0) return;
    clearInterval(this.#clock);
    this.#clock = undefined;
  };
}
