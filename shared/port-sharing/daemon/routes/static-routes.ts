import { NetTcpError } from '../../../errors.ts';
import { refusal } from '../../handshake/refusal.ts';
import { problemOf, type RouteProblem } from '../../handshake/route-problem.ts';
import type { Paths } from '../../machine/paths.ts';
import { readRoutes, type RouteEntry } from '../../machine/routes-file.ts';
import type { Idle } from '../idle.ts';
import { StaticRoute, type StaticRouteOptions } from './static-route.ts';
import type { Registrar } from '../registrations/registrar.ts';

interface StaticRoutesOptions extends StaticRouteOptions {
  readonly registrar: Registrar;
  readonly idle: Idle;
}

/** The static routes of a daemon: registrations that no process makes, and that stay until they are removed. */
export class StaticRoutes {
  readonly #options: StaticRoutesOptions;
  readonly #routes = new Map<string, StaticRoute>();
  /** The last update; updates run one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: StaticRoutesOptions) {
    this.#options = options;
  }

  /** Makes the routes as the file says. @returns what could not be done */
  load(paths: Paths): Promise<readonly RouteProblem[]> {
    const update = this.#last.then(async () => {
      try {
        return await this.#update(readRoutes(paths));
      } catch (error) {
        return [problemOf(NetTcpError.from(error))];
      }
    });
    this.#last = update;
    return update;
  }

  /** Adds what is new, removes what is gone. */
  async #update(entries: readonly RouteEntry[]): Promise<readonly RouteProblem[]> {
    if (this.#options.registrar.isClosed) return [ENDING];
    const wanted = new Map(entries.map((entry) => [JSON.stringify(entry), entry]));
    for (const [key, route] of this.#routes) if (!wanted.has(key)) this.#remove(key, route);
    const added = [...wanted].filter(([key]) => !this.#routes.has(key));
    // All at once: each port that is taken is tried for a while.
    const problems = await Promise.all(added.map(([key, entry]) => this.#add(key, entry)));
    return problems.filter((problem) => problem !== undefined);
  }

  async #add(key: string, entry: RouteEntry): Promise<RouteProblem | undefined> {
    const { registrar, limits, idle } = this.#options;
    const route = new StaticRoute(entry, this.#options);
    const { address, hosts } = entry;
    const queueLength = limits.maxPendingConnections;
    // One path may lead to several targets.
    const wish = { address, hosts, isReplica: true, queueLength };
    const outcome = await registrar.enter(route, wish);
    if (outcome === undefined) return { ...ENDING, address };
    if ('status' in outcome) {
      const { status, message, error } = outcome;
      // The advice for services does not help a user who adds a route.
      if (error !== undefined) return problemOf(error, address);
      const { code, reason } = refusal(status, message);
      return { address, code, reason, message };
    }
    this.#routes.set(key, route);
    idle.enter();
    return undefined;
  }

  #remove(key: string, route: StaticRoute): void {
    this.#routes.delete(key);
    this.#options.registrar.leave(route);
    this.#options.idle.leave();
  }
}

const ENDING: RouteProblem = {
  code: 'Communication',
  message: 'the port-sharing daemon is ending',
};
