import type { Limits } from '../../../limits.ts';
import { sleep } from '../../../time.ts';
import type { ReturnQueue } from '../../handshake/return-queue.ts';
import type { Log, LogEvent } from '../../machine/log.ts';
import type { Admission } from '../admission.ts';
import type { Arrival } from '../arrival.ts';
import type { Idle } from '../idle.ts';
import type { Registrar } from '../registrations/registrar.ts';
import type { Router } from '../router.ts';
import type { ServicePeer } from '../services/service-peer.ts';
import type { Services } from '../services/services.ts';

interface EndingOptions {
  readonly limits: Limits;
  readonly log: Log;
  readonly registrar: Registrar;
  readonly router: Router;
  readonly admission: Admission;
  readonly services: Services;
  readonly idle: Idle;
}

const DRAIN_POLL_MS = 20;
const RETIRED_POLL_MS = 500;
// A service that answers at all does so in less time.
const DISMISS_MS = 1_000;

/** How a daemon ends: it is told to, it gives way to a new one, or another has taken its name. */
export class Ending {
  readonly #options: EndingOptions;
  #hasBegun = false;
  /** It was told to end a second time. */
  #isUrgent = false;
  /** Ends the time in which it only says that it leaves. */
  #hurry: AbortController | undefined;
  #resolve: ((reason: string) => void) | undefined;
  /** Resolves, with the reason, when the daemon has nothing to do any more. */
  readonly ended = new Promise<string>((resolve) => (this.#resolve = resolve));

  constructor(options: EndingOptions) {
    this.#options = options;
  }

  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /**
   * Stops listening, lets connections end, and tells the services not to start another daemon. Whoever asks twice
   * is in a hurry.
   *
   * @param leaveMs how long before that its health path says so
   */
  async stop(reason: string, leaveMs = this.#options.limits.leaveMs): Promise<void> {
    this.#isUrgent = this.#hasBegun;
    await this.#leave(reason, leaveMs);
    if (!this.#begin('stopping', reason)) return;
    await this.#drain();
    for (const { link } of this.#options.services) {
      link.control.send({ type: 'stopping' });
      link.control.close(reason);
    }
    this.#resolve?.(reason);
  }

  /** Gives way to another daemon, to which services connect with their listening sockets. */
  async yieldTo(reason: string): Promise<void> {
    if (!this.#begin('giving way', reason)) return;
    for (const { link } of this.#options.services) link.control.close(reason);
    await this.#drain();
    this.#resolve?.(reason);
  }

  /**
   * Another daemon accepts the connections now: gives it those that no service has yet, sends the services to
   * it, and ends when nothing is relayed any more, or when it is told to. Relayed connections stay here.
   */
  async retire(successor: ReturnQueue): Promise<void> {
    const { services, router, admission } = this.#options;
    const reason = 'another daemon has taken its place';
    if (!this.#begin('giving way', reason)) return;
    for (const peer of services) peer.clearQueue();
    for (const arrival of router.arrivals) {
      if (!services.areDispatching(arrival)) this.#giveAway(arrival, successor);
    }
    await Promise.all([...services].map((peer) => this.#dismiss(peer, successor, reason)));
    await this.#until(() => successor.size === 0 && admission.open <= router.counts.relayed);
    while (router.counts.relayed > 0 && !this.#isUrgent) await sleep(RETIRED_POLL_MS);
    this.#resolve?.(reason);
  }

  /** Everything goes on for that long, but for what the health path says; a second time it is over at once. */
  async #leave(reason: string, leaveMs: number): Promise<void> {
    if (this.#hasBegun || leaveMs === 0) return;
    if (this.#hurry !== undefined) return this.#hurry.abort();
    this.#options.log.write('leaving', { reason, forMs: leaveMs });
    this.#options.router.health.leave();
    this.#hurry = new AbortController();
    await sleep(leaveMs, 0, this.#hurry.signal);
  }

  /** @returns false if the daemon is ending already */
  #begin(event: LogEvent, reason: string): boolean {
    if (this.#hasBegun) return false;
    this.#hasBegun = true;
    this.#options.log.write(event, { reason });
    this.#options.registrar.close();
    this.#options.router.close();
    this.#options.idle.close();
    return true;
  }

  /** Lets a service answer what it was sent, then ends its link, so that it goes to the other daemon. */
  async #dismiss(peer: ServicePeer, successor: ReturnQueue, reason: string): Promise<void> {
    const deadline = performance.now() + DISMISS_MS;
    while (peer.unacknowledged.length > 0 && performance.now() < deadline)
      await sleep(DRAIN_POLL_MS);
    const isHandedOver = peer.link.transfer === 'hand-over';
    for (const arrival of peer.close()) {
      // A stopped service still finds socket and message when it goes on.
      if (isHandedOver) arrival.release();
      else this.#giveAway(arrival, successor);
      this.#options.router.forget(arrival);
    }
    peer.link.control.close(reason);
  }

  #giveAway(arrival: Arrival, successor: ReturnQueue): void {
    const connection = arrival.withdraw();
    this.#options.router.forget(arrival);
    if (connection !== undefined) successor.give(connection);
  }

  /** Waits for connections on their way and for relayed ones, up to `drainTimeoutMs`. */
  #drain(): Promise<void> {
    const { router } = this.#options;
    return this.#until(() => router.arrivals.size + router.counts.relayed === 0);
  }

  async #until(isDone: () => boolean): Promise<void> {
    const deadline = performance.now() + this.#options.limits.drainTimeoutMs;
    while (!isDone() && performance.now() < deadline) await sleep(DRAIN_POLL_MS);
  }
}
