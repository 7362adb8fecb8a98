import { isLoopback, parseAddress } from '../../address.ts';
import { systemCode } from '../../errors.ts';
import { DEFAULT_LIMITS } from '../../limits.ts';
import { restMs } from '../../port-sharing/handshake/ask.ts';
import type { DaemonStatus } from '../../port-sharing/handshake/status.ts';
import { ANY_IPV4, ANY_IPV6 } from '../../port-sharing/machine/hosts.ts';
import { rawText, type Received, type Untrusted } from '../../printable.ts';
import { pathKey } from '../registry/machine.ts';

/**
 * A daemon is believed that an endpoint has gone once it has been there for this long: services register again
 * within two seconds after their daemon's death, and a busy machine takes its time.
 */
export const SETTLED_MS = 10_000;
/**
 * Nobody starts a daemon for this long: there is no service that could, so its endpoints have gone, too. Until then
 * fronts see by their health checks whether somebody answers.
 */
export const ABANDONED_MS = 30_000;

/** How often the daemon is asked, at most: a new service is known that soon. */
const ASK_EVERY_MS = 100;
/** A quarter of the time for which a daemon covers for a service that has gone: an answer and the way to fronts follow. */
const PAUSE_MS = DEFAULT_LIMITS.departureGraceMs / 4;

/**
 * How long to wait before the daemon is asked again. On a busy machine an answer is slow, though it costs the daemon
 * little: the pause that {@link restMs} gives would outlast `departureGraceMs`, and fronts would send callers to what
 * has gone. So it is cut to a quarter of that, but never below the time that the answer took: the daemon has half of
 * its time.
 *
 * @param tookMs how long it took to answer
 */
export function askAgainMs(tookMs: number): number {
  return Math.min(restMs(tookMs, ASK_EVERY_MS), Math.max(PAUSE_MS, tookMs));
}

/** Where fronts reach this machine. */
export interface Place {
  /** An IP address. */
  readonly host: string;
  readonly port: number;
  /** Whether this machine has that address itself, and not a device before it that passes connections on. */
  readonly isOwn: boolean;
}

/** Which paths a machine publishes, by what its daemon says from time to time. */
export class Publication {
  readonly #place: Place;
  #paths: ReadonlySet<string>;
  #pid: number | undefined;
  /** Milliseconds on the caller's clock: when this daemon, or that there is none, was seen first. */
  #since = -Infinity;
  #unreached = 0;
  /** Processes that have a path, if all of them were seen: what a daemon in another namespace calls them is no use. */
  readonly #owners = new Map<string, ReadonlySet<number>>();
  readonly #isAlive: (pid: number) => boolean;

  /**
   * @param published what the registry has of this machine already: an earlier publisher of it may have died
   * @param isAlive   whether a process of this machine is there
   */
  constructor(
    place: Place,
    published: ReadonlySet<string>,
    isAlive: (pid: number) => boolean = isProcess,
  ) {
    this.#place = place;
    this.#paths = published;
    this.#isAlive = isAlive;
  }

  /** Endpoints of the daemon that are not published: no front reaches them at the place. */
  get unreached(): number {
    return this.#unreached;
  }

  /**
   * What is to be published now. Endpoints that are new are, always; one that has gone is withdrawn only on the word
   * of a daemon that has been there for {@link SETTLED_MS}, or once all processes that had it have ended: those do
   * not come back to the next daemon, and fronts would send callers to where nobody is.
   *
   * @param status `undefined` if no daemon runs
   * @param now    `performance.now()`
   * @param wall   milliseconds since 1970, for a daemon that was there before
   */
  next(status: Received<DaemonStatus> | undefined, now: number, wall: number): ReadonlySet<string> {
    if (this.#since === -Infinity || status?.pid !== this.#pid) {
      const wasThere =
        this.#since === -Infinity && status !== undefined
          ? wall - Date.parse(rawText(status.since))
          : 0;
      this.#since = now - Math.max(0, wasThere);
      this.#pid = status?.pid;
    }
    const forMs = now - this.#since;
    if (status === undefined) {
      this.#paths = forMs >= ABANDONED_MS ? new Set() : this.#withoutDead();
      this.#unreached = 0;
      return this.#paths;
    }
    const { there, unreached } = reachablePaths(status, this.#place);
    this.#unreached = unreached;
    const paths = new Set(there.keys());
    this.#paths = forMs >= SETTLED_MS ? paths : new Set([...this.#withoutDead(), ...paths]);
    for (const path of this.#owners.keys()) if (!this.#paths.has(path)) this.#owners.delete(path);
    for (const [path, pids] of there) {
      if ([...pids].every((pid) => pid > 0 && this.#isAlive(pid))) this.#owners.set(path, pids);
      else if (forMs >= SETTLED_MS) this.#owners.delete(path);
    }
    return this.#paths;
  }

  /** What is published, without paths whose processes have all ended. */
  #withoutDead(): ReadonlySet<string> {
    const isDead = (path: string): boolean => {
      const owners = this.#owners.get(path);
      return owners !== undefined && ![...owners].some((pid) => this.#isAlive(pid));
    };
    return new Set([...this.#paths].filter((path) => !isDead(path)));
  }
}

/**
 * The paths of those endpoints that fronts reach, with their processes: never those that only loopback reaches. A
 * route's is 0: the next daemon has it, too.
 */
function reachablePaths(
  { registrations }: Received<DaemonStatus>,
  place: Place,
): { readonly there: ReadonlyMap<string, ReadonlySet<number>>; readonly unreached: number } {
  const there = new Map<string, Set<number>>();
  let unreached = 0;
  for (const { address: uri, listensOn, pid, target } of registrations) {
    const address = parseAddress(rawText(uri));
    if (address.port === place.port && isReachable(listensOn, place)) {
      const path = pathKey(address);
      let pids = there.get(path);
      if (pids === undefined) there.set(path, (pids = new Set()));
      pids.add(target === undefined ? pid : 0);
    } else unreached += 1;
  }
  return { there, unreached };
}

/** Whether there is a process, whoever's. */
function isProcess(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}

function isReachable(listensOn: readonly Untrusted[], { host, isOwn }: Place): boolean {
  return listensOn.map(rawText).some((at) => {
    if (at === ANY_IPV4) return !isOwn || !host.includes(':');
    if (at === ANY_IPV6) return !isOwn || host.includes(':');
    return isOwn ? at === host : !isLoopback(at);
  });
}
