import { isLoopback, parseAddress } from '../../address.ts';
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

  /** @param published what the registry has of this machine already: an earlier publisher of it may have died */
  constructor(place: Place, published: ReadonlySet<string>) {
    this.#place = place;
    this.#paths = published;
  }

  /** Endpoints of the daemon that are not published: no front reaches them at the place. */
  get unreached(): number {
    return this.#unreached;
  }

  /**
   * What is to be published now. Endpoints that are new are, always; one that has gone is withdrawn only on the word
   * of a daemon that has been there for {@link SETTLED_MS}.
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
      if (forMs >= ABANDONED_MS) this.#paths = new Set();
      this.#unreached = 0;
      return this.#paths;
    }
    const { there, unreached } = reachablePaths(status, this.#place);
    this.#unreached = unreached;
    this.#paths = forMs >= SETTLED_MS ? there : new Set([...this.#paths, ...there]);
    return this.#paths;
  }
}

/** The paths of those endpoints that fronts reach: never those that only loopback reaches. */
function reachablePaths(
  { registrations }: Received<DaemonStatus>,
  place: Place,
): { readonly there: ReadonlySet<string>; readonly unreached: number } {
  const there = new Set<string>();
  let unreached = 0;
  for (const registration of registrations) {
    const address = parseAddress(rawText(registration.address));
    if (address.port === place.port && isReachable(registration.listensOn, place)) {
      there.add(pathKey(address));
    } else unreached += 1;
  }
  return { there, unreached };
}

function isReachable(listensOn: readonly Untrusted[], { host, isOwn }: Place): boolean {
  return listensOn.map(rawText).some((at) => {
    if (at === ANY_IPV4) return !isOwn || !host.includes(':');
    if (at === ANY_IPV6) return !isOwn || host.includes(':');
    return isOwn ? at === host : !isLoopback(at);
  });
}
