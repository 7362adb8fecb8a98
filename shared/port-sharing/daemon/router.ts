import type { Socket } from 'node:net';
import type { FramingFault } from '../../framing/faults.ts';
import { asksForHealth } from '../../transport/fronts/health-path.ts';
import type { Limits } from '../../limits.ts';
import { Sweeper } from '../../time.ts';
import type { Fronts } from '../../transport/fronts/fronts.ts';
import { adoptSocket } from '../../transport/shared-read.ts';
import { startReading } from '../../transport/node-internals.ts';
import type { Log } from '../machine/log.ts';
import type { Admission } from './admission.ts';
import { Arrival, type ArrivalHandler, type CameIn } from './arrival.ts';
import type { Connections, Destination } from './destination.ts';
import { Departures } from './fronts/departures.ts';
import { Health } from './fronts/health-check.ts';
import { SeenFronts } from './fronts/seen-fronts.ts';
import type { Idle } from './idle.ts';
import { Recovery } from './recovery.ts';
import type { Registration } from './registrations/registration.ts';
import type { Registry } from './registrations/registry.ts';

interface RouterOptions {
  readonly limits: Limits;
  readonly log: Log;
  readonly registry: Registry<Destination>;
  readonly admission: Admission;
  readonly idle: Idle;
  /** Whose word counts for where a connection comes from. */
  readonly fronts: Fronts;
}

// Times that connections are checked in `preambleTimeoutMs`: a late preamble is noticed one check late at most.
const CHECKS = 64;

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
  /** The answer to whoever asks whether clients should be sent here. */
  readonly health: Health;
  readonly departures: Departures;
  readonly seen: SeenFronts;
  /** Connections that were told that there is no such endpoint, and those that are relayed now. */
  readonly counts = { notFound: 0, relayed: 0 };
  readonly #options: RouterOptions;
  readonly #arrivals = new Set<Arrival>();
  /** Preambles without a match, while services may come back, or a front does not know that one has gone. */
  readonly #waiting = new Set<Arrival>();
  /** Replicas that have not taken a connection, while others may. */
  readonly #tried = new Map<Arrival, Set<Destination>>();
  /** Whether services may still come back. */
  readonly #recovery: Recovery;
  #isClosed = false;
  /** One timer for all connections, while there are any. */
  readonly #clock = new Sweeper((now) => {
    for (const arrival of this.#arrivals) arrival.checkTime(now);
    return this.#arrivals.size > 0 ? this.#checkMs : Infinity;
  });

  constructor(options: RouterOptions) {
    this.#options = options;
    this.health = new Health(options.limits);
    this.seen = new SeenFronts(options.fronts);
    this.departures = new Departures(options, (arrival) => {
      if (this.#waiting.delete(arrival)) arrival.close();
    });
    this.#recovery = new Recovery(options.limits.recoveryGraceMs);
  }

  /** Connections that nobody has taken yet. */
  get arrivals(): ReadonlySet<Arrival> {
    return this.#arrivals;
  }

  /**
   * Takes a connection in.
   *
   * @param localAddress IP address of this machine that it came in at
   * @returns undefined if there is no room for it
   */
  accept(socket: Socket, port: number, localAddress: string): Arrival | undefined {
    const { admission, log, fronts } = this.#options;
    if (!admission.admit(socket)) {
      const from = socket.remoteAddress ?? '?';
      log.write('connection dropped', { from, port, reason: 'no descriptor is left for it' });
      return undefined;
    }
    return this.#take({ socket, port, localAddress, isFronts: fronts.has(socket) });
  }

  onPreamble(arrival: Arrival): void {
    this.seen.note(arrival);
    this.route(arrival);
  }

  /** Brings a connection to the destination that is registered for its via. */
  route(arrival: Arrival): void {
    if (asksForHealth(arrival.via)) {
      this.#options.admission.remove(arrival);
      if (this.#arrivals.delete(arrival)) this.#options.idle.forget();
      return this.health.answer(arrival); // neither logged nor counted
    }
    if (arrival.origin?.admits(arrival.via) === false) return arrival.close();
    this.#options.admission.remove(arrival);
    const registration = this.#find(arrival);
    if (registration === undefined) {
      if (this.isRecovering(arrival.port) || this.departures.holds(arrival)) {
        return void this.#waiting.add(arrival);
      }
      // It has waited for a service that does not come back, which its front knows by now: as in `Departures`.
      if (this.#waiting.has(arrival) && arrival.origin?.isFronted === true) return arrival.close();
      this.counts.notFound += 1;
      return this.refuse(arrival, 'EndpointNotFound');
    }
    this.#waiting.delete(arrival);
    registration.owner.dispatch(arrival, registration);
  }

  notTaken(arrival: Arrival, by: Registration<Destination>, fault: FramingFault): void {
    if (by.isReplica) {
      let tried = this.#tried.get(arrival);
      if (tried === undefined) this.#tried.set(arrival, (tried = new Set()));
      tried.add(by.owner);
      const next = this.#find(arrival, tried);
      if (next !== undefined) return next.owner.dispatch(arrival, next);
    }
    by.counts.refused += 1;
    this.refuse(arrival, fault);
  }

  pass(arrival: Arrival, { owner }: Registration<Destination>): boolean {
    const next = this.#find(arrival, new Set([...(this.#tried.get(arrival) ?? []), owner]));
    if (next === undefined || next.owner.isStuck) return false;
    next.owner.dispatch(arrival, next);
    return true;
  }

  refuse(arrival: Arrival, fault: FramingFault): void {
    this.#waiting.delete(arrival);
    arrival.refuse(fault);
  }

  relaying(arrival: Arrival): () => void {
    const { admission, idle } = this.#options;
    idle.enter();
    this.counts.relayed += 1;
    admission.countRelay(1);
    this.forget(arrival);
    return () => {
      this.counts.relayed -= 1;
      admission.countRelay(-1);
      idle.leave();
    };
  }

  again({ port, localAddress }: Arrival, socket: Socket, octets: Uint8Array): void {
    // A daemon that is ending knows nobody any more: the client connects again, to the next one.
    if (this.#isClosed) return void socket.destroy();
    // It was admitted when it came.
    const arrival = this.#take({ socket, port, localAddress, isFronts: false });
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
    this.#tried.delete(arrival);
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
   * @param port default: all
   */
  awaitServices(onOver: () => void, port?: number): void {
    this.#recovery.begin(() => {
      onOver();
      this.retry();
    }, port);
  }

  /** Whether services of a port may still come back. */
  isRecovering(port: number): boolean {
    return this.#recovery.isUnderWay(port);
  }

  /** From now on, closes connections that come back from a relay. */
  close(): void {
    this.health.leave();
    this.#isClosed = true;
  }

  get #checkMs(): number {
    return this.#options.limits.preambleTimeoutMs / CHECKS;
  }

  #find(
    { port, via, localAddress }: Arrival,
    but?: ReadonlySet<Destination>,
  ): Registration<Destination> | undefined {
    return this.#options.registry.find(port, via, localAddress, but);
  }

  #take(cameIn: CameIn): Arrival {
    const { admission, limits, idle } = this.#options;
    const arrival = new Arrival(cameIn, limits, this);
    idle.enter();
    this.#arrivals.add(arrival);
    admission.add(arrival);
    this.#clock.lookEvery(this.#checkMs);
    return arrival;
  }
}
