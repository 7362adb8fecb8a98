import type { Limits } from '../../limits.ts';
import type { Admission } from './admission.ts';
import type { Arrival } from './arrival.ts';
import type { Log } from '../machine/log.ts';
import type { Ports } from './ports.ts';
import type { ReturnQueue } from '../service/return-queue.ts';
import type { Router } from './router.ts';
import type { ServicePeer } from './service-peer.ts';

export interface EndingOptions {
  readonly limits: Limits;
  readonly log: Log;
  readonly ports: Ports;
  readonly router: Router;
  readonly admission: Admission;
  readonly peers: ReadonlySet<ServicePeer>;
  /** Connections whose octets go through this process. */
  readonly relaying: () => number;
}

const DRAIN_POLL_MS = 20;
const RETIRED_POLL_MS = 500;
// A service that answers at all does so in less.
const DISMISS_MS = 1_000;

/** How a daemon ends: told to, in favour of a new one, or because another is there already. */
export class Ending {
  readonly #options: EndingOptions;
  #hasBegun = false;
  /** It was told to end a second time. */
  #isUrgent = false;
  #resolve: (reason: string) => void = () => {};
  /** Resolves, with the reason, when the daemon has nothing to do any more. */
  readonly ended = new Promise<string>((resolve) => (this.#resolve = resolve));

  constructor(options: EndingOptions) {
    this.#options = options;
  }

  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** Stops listening, lets connections end, and tells the services not to start another daemon. */
  async stop(reason: string): Promise<void> {
    this.#isUrgent = this.#hasBegun;
    if (!this.#begin('stopping', reason)) return;
    await this.#drain();
    for (const peer of this.#options.peers) {
      peer.control.send({ type: 'stopping' });
      peer.control.close(reason);
    }
    this.#resolve(reason);
  }

  /** Leaves the field to another daemon: services connect to that one, with their listening sockets. */
  async yieldTo(reason: string): Promise<void> {
    if (!this.#begin('giving way', reason)) return;
    for (const peer of this.#options.peers) peer.control.close(reason);
    await this.#drain();
    this.#resolve(reason);
  }

  /**
   * Another daemon accepts the connections now: gives it what no service has yet, sends it the
   * services, and ends when nothing is relayed any more. Connections that are relayed stay.
   */
  async retire(successor: ReturnQueue): Promise<void> {
    const { peers, router, admission, relaying } = this.#options;
    const reason = 'another daemon has taken its place';
    if (!this.#begin('giving way', reason)) return;
    for (const peer of peers) peer.clearQueue();
    for (const arrival of router.arrivals) {
      if (![...peers].some((peer) => peer.isDispatching(arrival))) {
        this.#giveAway(arrival, successor);
      }
    }
    await Promise.all([...peers].map((peer) => this.#dismiss(peer, successor, reason)));
    await this.#until(() => successor.size === 0 && admission.open <= relaying());
    while (relaying() > 0 && !this.#isUrgent) await pause(RETIRED_POLL_MS);
    this.#resolve(reason);
  }

  /** @returns false where the daemon is ending already */
  #begin(event: string, reason: string): boolean {
    if (this.#hasBegun) return false;
    this.#hasBegun = true;
    this.#options.log.write(event, { reason });
    this.#options.ports.close();
    this.#options.router.close();
    return true;
  }

  /** Lets a service say what became of what it was sent, and sends it to the other daemon. */
  async #dismiss(peer: ServicePeer, successor: ReturnQueue, reason: string): Promise<void> {
    const deadline = performance.now() + DISMISS_MS;
    while (peer.unacknowledged > 0 && performance.now() < deadline) await pause(DRAIN_POLL_MS);
    const isHandedOver = peer.transfer === 'hand-over';
    for (const arrival of peer.close()) {
      // A service that is stopped finds socket and message where they are, when it goes on.
      if (isHandedOver) arrival.release();
      else this.#giveAway(arrival, successor);
      this.#options.router.forget(arrival);
    }
    peer.control.close(reason);
  }

  #giveAway(arrival: Arrival, successor: ReturnQueue): void {
    const connection = arrival.withdraw();
    this.#options.router.forget(arrival);
    if (connection !== undefined) successor.give(connection);
  }

  /** Waits for connections on their way and for relayed ones, within bounds. */
  #drain(): Promise<void> {
    const { router, relaying } = this.#options;
    return this.#until(() => router.arrivals.size + relaying() === 0);
  }

  async #until(isDone: () => boolean): Promise<void> {
    const deadline = performance.now() + this.#options.limits.drainTimeoutMs;
    while (!isDone() && performance.now() < deadline) await pause(DRAIN_POLL_MS);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
