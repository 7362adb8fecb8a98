import { atPort } from '../../address.ts';
import { NetTcpError } from '../../errors.ts';
import type { Limits } from '../../limits.ts';
import type { Log } from '../machine/log.ts';
import type { Ports } from './ports.ts';
import { refusal } from '../handshake/refusal.ts';
import type { Registry } from './registry.ts';
import { problemOf, type RouteProblem } from '../handshake/route-problem.ts';
import type { Destination, Router } from './router.ts';
import type { RouteEntry } from '../machine/routes-file.ts';
import { StaticRoute, type StaticRouteHandler } from './static-route.ts';

export interface StaticRoutesOptions {
  readonly limits: Limits;
  readonly log: Log;
  readonly registry: Registry<Destination>;
  readonly ports: Ports;
  readonly router: Router;
  readonly onRelay: StaticRouteHandler['onRelay'];
}

/** The static routes of a daemon: registrations that no process makes, and that stay until they are removed. */
export class StaticRoutes {
  readonly #options: StaticRoutesOptions;
  readonly #routes = new Map<string, StaticRoute>();

  constructor(options: StaticRoutesOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#routes.size;
  }

  /**
   * Makes the routes what `entries` says: adds what is new, removes what is gone.
   *
   * @returns what could not be done
   */
  async update(entries: readonly RouteEntry[]): Promise<readonly RouteProblem[]> {
    const wanted = new Map(entries.map((entry) => [JSON.stringify(entry), entry]));
    for (const [key, route] of this.#routes) if (!wanted.has(key)) this.#remove(key, route);
    const problems: RouteProblem[] = [];
    for (const [key, entry] of wanted) {
      if (this.#routes.has(key)) continue;
      const problem = await this.#add(key, entry);
      if (problem !== undefined) problems.push(problem);
    }
    return problems;
  }

  close(): void {
    for (const [key, route] of this.#routes) this.#remove(key, route);
  }

  async #add(key: string, entry: RouteEntry): Promise<RouteProblem | undefined> {
    const { registry, ports, limits, log, router, onRelay } = this.#options;
    const route = new StaticRoute(entry, limits, {
      onRefused: (arrival, fault) => router.refuse(arrival, fault),
      onDone: (arrival) => router.forget(arrival),
      onRelay,
      leadsBack: ({ via }, { remotePort, remoteAddress }) => {
        if (remotePort === undefined || remoteAddress === undefined) return false;
        if (ports.listening(remotePort).every(({ host }) => host !== remoteAddress)) return false;
        return registry.find(remotePort, via, remoteAddress)?.owner instanceof StaticRoute;
      },
      onUnanswered: ({ remoteAddress: from, port, via }) => {
        const reason = `${route.target} has not answered in time`;
        log.write('connection refused', { from, port, via, reason });
      },
      onNext: ({ port, localAddress }, socket, octets) =>
        router.acceptAgain(socket, port, localAddress, octets),
    });
    const checked = registry.check(entry.address, entry.hosts, route);
    if ('status' in checked) {
      const { status, message } = checked;
      const { code, reason } = refusal(status, message);
      return { address: entry.address, code, reason, message };
    }
    let port: number;
    try {
      port = await ports.acquire(checked.port, entry.hosts);
    } catch (error) {
      return problemOf(NetTcpError.from(error), entry.address);
    }
    this.#routes.set(key, route);
    registry.add({
      address: atPort(checked, port),
      hosts: entry.hosts,
      queueLength: limits.maxPendingConnections,
      owner: route,
      since: new Date(),
      counts: { handedOver: 0, relayed: 0, refused: 0 },
    });
    log.write('route added', { address: entry.address, to: route.target });
    router.retry();
    return undefined;
  }

  #remove(key: string, route: StaticRoute): void {
    const { registry, ports, log, router } = this.#options;
    this.#routes.delete(key);
    for (const registration of registry.of(route)) {
      registry.remove(registration);
      ports.release(registration.address.port, registration.hosts);
    }
    for (const arrival of route.close()) router.route(arrival);
    log.write('route removed', { address: route.entry.address });
  }
}
