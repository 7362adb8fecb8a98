import { type EndpointAddress, isIpAddress, parseAddress, whyTooLong } from '../../../address.ts';
import { NetTcpError } from '../../../errors.ts';
import { HEALTH_PATH, isHealthPath } from '../../../transport/fronts/health-path.ts';
import type { Limits } from '../../../limits.ts';
import { PrefixTable } from '../../../prefix-table.ts';
import { quoted } from '../../../printable.ts';
import type { RefusalStatus } from '../../handshake/messages.ts';
import { ANY_IPV4, ANY_IPV6 } from '../../machine/hosts.ts';
import { Place } from './place.ts';
import type { OwnerLike, Registration } from './registration.ts';

/** Why a registration is refused. */
export interface Refusal {
  readonly status: RefusalStatus;
  readonly message: string;
  /** The system's error, if there was one. */
  readonly error?: NetTcpError;
}

/** What somebody wants to register. */
export interface Wish {
  readonly address: string;
  readonly hosts: readonly string[];
  /** See {@link Registration.isReplica}. */
  readonly isReplica: boolean;
}

// Bounds the cost of one registration, and a page of status. To use more, name all addresses of a family.
const MAX_HOSTS = 64;

/** Who is registered for what, on all ports. Pure: it knows no socket. */
export class Registry<Owner extends OwnerLike> {
  readonly #ports = new Map<number, PrefixTable<Place<Owner>>>();
  readonly #byOwner = new Map<Owner, Set<Registration<Owner>>>();
  /** How many registrations a process has, over all of its connections. */
  readonly #byPid = new Map<number, number>();
  /** All registrations, in the order in which they came. */
  readonly #all = new Set<Registration<Owner>>();
  readonly #limits: Limits;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#all.size;
  }

  /** Whether `address` may be registered, and if not, why. Changes nothing. */
  check({ address, hosts, isReplica }: Wish, owner: Owner): EndpointAddress | Refusal {
    const message = whyTooLong(address, this.#limits.maxViaBytes);
    if (message !== undefined) return { status: 'path-too-long', message };
    let parsed: EndpointAddress;
    try {
      parsed = parseAddress(address);
    } catch (error) {
      return { status: 'invalid-argument', message: NetTcpError.from(error).message };
    }
    if (isHealthPath(parsed)) {
      const message = `the path ${HEALTH_PATH} is the daemon's own: it says there whether it is well`;
      return { status: 'invalid-argument', message };
    }
    const problem = problemOfHosts(hosts);
    if (problem !== undefined) return { status: 'invalid-argument', message: problem };
    const existing = this.#ports.get(parsed.port)?.get(parsed.segments)?.all() ?? [];
    const conflict = whyConflicting(existing, isReplica, owner);
    if (conflict !== undefined) return { status: 'conflicting-registration', message: conflict };
    if (existing.length >= this.#limits.maxReplicas) {
      const message = `the quota of replicas was exceeded: ${existing.length} have that address`;
      return { status: 'quota-exceeded', message };
    }
    const own = this.#byPid.get(owner.pid) ?? 0;
    if (
      own >= this.#limits.maxRegistrationsPerService ||
      this.size >= this.#limits.maxRegistrations
    ) {
      const message = `the quota of registrations was exceeded: ${own} of process ${owner.pid}, ${this.size} in all`;
      return { status: 'quota-exceeded', message };
    }
    return parsed;
  }

  /** Adds a registration that `check` allowed. */
  add(registration: Registration<Owner>): void {
    const { address, owner } = registration;
    let table = this.#ports.get(address.port);
    if (table === undefined) this.#ports.set(address.port, (table = new PrefixTable()));
    let place = table.get(address.segments);
    if (place === undefined) table.set(address.segments, (place = new Place()));
    place.add(registration);
    let own = this.#byOwner.get(owner);
    if (own === undefined) this.#byOwner.set(owner, (own = new Set()));
    own.add(registration);
    this.#byPid.set(owner.pid, (this.#byPid.get(owner.pid) ?? 0) + 1);
    this.#all.add(registration);
  }

  remove(registration: Registration<Owner>): void {
    const { address, owner } = registration;
    const own = this.#byOwner.get(owner);
    if (own === undefined || !own.delete(registration)) return;
    if (own.size === 0) this.#byOwner.delete(owner);
    const left = (this.#byPid.get(owner.pid) ?? 0) - 1;
    if (left > 0) this.#byPid.set(owner.pid, left);
    else this.#byPid.delete(owner.pid);
    const table = this.#ports.get(address.port);
    const place = table?.get(address.segments);
    place?.delete(registration);
    if (place?.size === 0) table?.delete(address.segments);
    if (table?.size === 0) this.#ports.delete(address.port);
    this.#all.delete(registration);
  }

  /** What one service has registered. */
  of(owner: Owner): readonly Registration<Owner>[] {
    return [...(this.#byOwner.get(owner) ?? [])];
  }

  /** Everybody who has registered something. */
  owners(): Iterable<Owner> {
    return this.#byOwner.keys();
  }

  onPort(port: number): readonly Registration<Owner>[] {
    return [...(this.#ports.get(port)?.values() ?? [])].flatMap((place) => place.all());
  }

  /** All registrations, oldest first. */
  all(): readonly Registration<Owner>[] {
    return [...this.#all];
  }

  /**
   * Who answers a connection: the longest prefix of its path among the registrations that may be
   * reached at the local address it arrived at. To everyone else they do not exist. Of several, see `Place`.
   *
   * @param via          as the client wrote it; its host and port do not matter
   * @param localAddress IP address of this machine that the client connected to
   * @param but          those of several that have not taken it
   */
  find(
    port: number,
    via: string,
    localAddress: string,
    but?: ReadonlySet<Owner>,
  ): Registration<Owner> | undefined {
    let segments: readonly string[];
    try {
      ({ segments } = parseAddress(via));
    } catch {
      return undefined;
    }
    return this.#ports
      .get(port)
      ?.find(segments, (place) => place.isReachableAt(localAddress))
      ?.choose(localAddress, but);
  }
}

/** Why somebody else's registration stands in the way; undefined if all of them are replicas. */
function whyConflicting<Owner extends OwnerLike>(
  existing: readonly Registration<Owner>[],
  isReplica: boolean,
  owner: Owner,
): string | undefined {
  const [first] = existing;
  if (first === undefined) return undefined;
  const message = `the URI is already registered with the service, by process ${first.owner.pid}`;
  const isOfOneKind = (first.owner.target === undefined) === (owner.target === undefined);
  const isOwn = existing.some((one) => one.owner === owner);
  if (!isOfOneKind || isOwn) return message;
  if (first.isReplica === isReplica) return isReplica ? undefined : message;
  return isReplica
    ? `${message}, which shares it with nobody (replicas)`
    : `${message}, which shares it only with services that have replicas, too`;
}

/** Why nothing can listen on `hosts`; undefined if something can. */
function problemOfHosts(hosts: readonly string[]): string | undefined {
  if (hosts.length === 0) return 'no address to listen on was named';
  if (hosts.length > MAX_HOSTS) {
    return `${hosts.length} addresses to listen on were named: ${MAX_HOSTS} are allowed`;
  }
  const wrong = hosts.find((host) => host !== ANY_IPV4 && host !== ANY_IPV6 && !isIpAddress(host));
  return wrong === undefined ? undefined : `${quoted(wrong)} is not an IP address`;
}
