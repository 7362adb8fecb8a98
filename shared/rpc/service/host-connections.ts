import type { Preamble } from '../../framing/records.ts';
import type { Limits } from '../../limits.ts';
import { Sweeper } from '../../time.ts';
import { ByteTotal } from '../../transport/byte-total.ts';
import { keepAlive } from '../../transport/keep-alive.ts';
import type { Incoming } from '../../transport/listener.ts';
import { descriptorOf } from '../../transport/node-internals.ts';
import { SlowReaders } from '../../transport/slow-readers.ts';
import type { ServiceUpgrade } from '../../transport/upgrade.ts';
import type { ServiceConnectionOwner } from './connection-owner.ts';
import type { Route } from './endpoint-table.ts';
import { HandshakeLimit } from '../handshake-limit.ts';
import { Leaving } from './leaving.ts';
import { SecuredConnection } from './secured-connection.ts';
import { ServiceConnection } from './service-connection.ts';
import { SessionLimit } from './session-limit.ts';

/** What the connections of a host ask of it. */
interface ConnectionsOwner {
  /** Where a preamble leads. */
  route(preamble: Preamble): Route;
  /** Takes a connection whose preamble is for another service of the port. @returns false if it cannot */
  giveAway(connection: Incoming): boolean;
  /** A connection is gone; `error` says why, if it was not closed in order. Or a credential was refused on it. */
  onClosed(error: Error | undefined): void;
}

// With TLS to give one up takes a third of a millisecond, for which calls wait.
const GIVEN_UP_A_TURN = 8;

/** All connections of a host: decides which there is room for, and which have been idle for too long. */
export class HostConnections {
  readonly #all = new Set<ServiceConnection>();
  readonly #sessions: SessionLimit<ServiceConnection>;
  readonly #owner: ServiceConnectionOwner;
  readonly #limits: Limits;
  readonly #leaving: Leaving;
  #onNone: (() => void) | undefined;
  /** A timer for each connection would take a tenth of an idle connection's memory. */
  readonly #clock = new Sweeper((now) => this.#checkTimes(now));
  /** Those whose time was not looked at yet, this time. */
  #round: Iterator<ServiceConnection> | undefined;

  constructor(limits: Limits, owner: ConnectionsOwner) {
    this.#limits = limits;
    this.#sessions = new SessionLimit(limits, this.#all);
    this.#leaving = new Leaving(limits.maxConnectionAgeMs);
    const maxBytes = limits.maxTotalPartialBytes;
    // What a method has read since is not told.
    const partial = new ByteTotal<ServiceConnection>(maxBytes, ({ heldBytes }) => heldBytes);
    this.#owner = {
      limits,
      slowReaders: new SlowReaders(limits),
      handshakes: new HandshakeLimit(limits),
      route: (preamble, connection) => this.#letIn(owner.route(preamble), connection),
      onSessionOver: () => this.#sessions.leave(),
      onHeld(connection, bytes) {
        partial.set(connection, bytes);
        partial.takeGreediest()?.refuse();
      },
      giveAway: (connection, incoming) => {
        if (!owner.giveAway(incoming)) incoming.socket.destroy();
        this.#owner.onClosed(connection, undefined);
      },
      onRefused: (error) => owner.onClosed(error),
      onClosed: (connection, error) => {
        this.#all.delete(connection);
        partial.set(connection, 0);
        owner.onClosed(error);
        if (this.#all.size === 0) this.#onNone?.();
      },
    };
  }

  get size(): number {
    return this.#all.size;
  }

  /** Whether another session would be let in. */
  get hasRoom(): boolean {
    return this.#sessions.hasRoom;
  }

  /** @param descriptorLimit files and connections that the process may have open */
  useDescriptors(descriptorLimit: number): void {
    this.#sessions.useDescriptors(descriptorLimit);
  }

  /** Takes a new connection. @param upgrade what each of its sessions has to begin with */
  accept(incoming: Incoming, upgrade: ServiceUpgrade | undefined): void {
    const hasRoom = this.#sessions.arrive(descriptorOf(incoming.socket));
    keepAlive(incoming.socket, this.#limits.keepAliveAfterMs);
    const connection =
      upgrade === undefined
        ? new ServiceConnection(this.#owner, incoming)
        : new SecuredConnection(this.#owner, incoming, upgrade);
    this.#all.add(connection);
    this.#leaving.add(connection);
    this.#clock.lookEvery(this.#lookMs);
    if (hasRoom) connection.start(incoming.octets);
    else connection.refuse();
  }

  /**
   * Ends each once its running calls are answered, and all of them after `hostCloseTimeoutMs`.
   *
   * @param isReplica whether clients find another one: then each session ends at a moment that suits its client,
   *   in half of that time
   */
  async close(isReplica: boolean): Promise<void> {
    if (this.#all.size === 0) return;
    const { hostCloseTimeoutMs } = this.#limits;
    const none = new Promise<void>((resolve) => (this.#onNone = resolve));
    const closeAll = (): void => {
      for (const connection of this.#all) connection.close();
    };
    if (isReplica) {
      this.#leaving.begin(this.#all);
      this.#clock.lookEvery(this.#lookMs);
    } else closeAll();
    const closing = isReplica ? setTimeout(closeAll, hostCloseTimeoutMs / 2) : undefined;
    const timer = setTimeout(() => {
      for (const connection of this.#all) connection.giveUp();
    }, hostCloseTimeoutMs);
    await none;
    clearTimeout(closing);
    clearTimeout(timer);
  }

  /** Drops them all at once. */
  abort(): void {
    for (const connection of this.#all) connection.abort();
  }

  #letIn(route: Route, connection: ServiceConnection): Route {
    if (route.to !== 'endpoint' || this.#sessions.enter(connection)) return route;
    return { to: 'fault', fault: 'ServerTooBusy' };
  }

  /** A connection is given up late by at most a thirty-second of the shortest time limit: twice this. */
  get #lookMs(): number {
    const { preambleTimeoutMs, receiveTimeoutMs, idleTimeoutMs } = this.#limits;
    const shortestMs = Math.min(preambleTimeoutMs, receiveTimeoutMs, idleTimeoutMs);
    return Math.min(shortestMs / 64, this.#leaving.lookMs);
  }

  /** Goes on in the next turn where the time of many has come: a thousand handshakes are not dropped in one. */
  #checkTimes(now: number): number {
    let givenUp = 0;
    this.#round ??= this.#all.values();
    for (let at = this.#round.next(); at.done !== true; at = this.#round.next()) {
      if (at.value.checkTime(now)) givenUp += 1;
      this.#leaving.look(at.value, now);
      if (givenUp === GIVEN_UP_A_TURN) return 1;
    }
    this.#round = undefined;
    return this.#all.size > 0 ? this.#lookMs : Infinity;
  }
}
