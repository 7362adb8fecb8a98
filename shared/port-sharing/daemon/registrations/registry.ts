import { isIP } from 'node:net';
import { type EndpointAddress, parseAddress, whyTooLong } from '../../../address.ts';
import { NetTcpError } from '../../../errors.ts';
import type { Limits } from '../../../limits.ts';
import { PrefixTable } from '../../../prefix-table.ts';
import { quoted } from '../../../printable.ts';
import type { RefusalStatus } from '../../handshake/messages.ts';
import { ANY_IPV4, ANY_IPV6 } from '../../machine/hosts.ts';

/** A path on a port, and who answers there. `Owner` is what the daemon keeps of a service. */
export interface Registration<Owner> {
  readonly address: EndpointAddress;
  /** Local IP addresses it may be reached at. */
  readonly hosts: readonly string[];
  readonly queueLength: number;
  /** In words, as its owner said; `undefined` if he did not. */
  readonly security?: string | undefined;
  readonly owner: Owner;
  readonly since: Date;
  readonly counts: { handedOver: number; relayed: number; refused: number };
}

/** Why a registration is refused. */
export interface Refusal {
  readonly status: RefusalStatus;
  readonly message: string;
  /** The system's error, if there was one. */
  readonly error?: NetTcpError;
}

// Bounds the cost of one registration, and a page of status. To use more, name all addresses of a family.
const MAX_HOSTS = 64;

interface OwnerLike {
  readonly pid: number;
}

/** Who is registered for what, on all ports. Pure: it knows no socket. */
export class Registry<Owner extends OwnerLike> {
  readonly #ports = new Map<number, PrefixTable<Registration<Owner>>>();
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
  check(address: string, hosts: readonly string[], owner: Owner): EndpointAddress | Refusal {
    const message = whyTooLong(address, this.#limits.maxViaBytes);
    if (message !== undefined) return { status: 'path-too-long', message };
    let parsed: EndpointAddress;
    try {
      parsed = parseAddress(address);
    } catch (error) {
      return { status: 'invalid-argument', message: NetTcpError.from(error).message };
    }
    const problem = problemOfHosts(hosts);
    if (problem !== undefined) return { status: 'invalid-argument', message: problem };
    const existing = this.#ports.get(parsed.port)?.get(parsed.segments);
    if (existing !== undefined) {
      const message = `the URI is already registered with the service, by process ${existing.owner.pid}`;
      return { status: 'conflicting-registration', message };
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
    table.set(address.segments, registration);
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
    table?.delete(address.segments);
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
    return [...(this.#ports.get(port)?.values() ?? [])];
  }

  /** All registrations, oldest first. */
  all(): readonly Registration<Owner>[] {
    return [...this.#all];
  }

  /**
   * Who answers a connection: the longest prefix of its path among the registrations that may be
   * reached at the local address it arrived at. To everyone else they do not exist.
   *
   * @param via          as the client wrote it; its host and port do not matter
   * @param localAddress IP address of this machine that the client connected to
   */
  find(port: number, via: string, localAddress: string): Registration<Owner> | undefined {
    let segments: readonly string[];
    try {
      ({ segments } = parseAddress(via));
    } catch {
      return undefined;
    }
    return this.#ports
      .get(port)
      ?.find(segments, ({ hosts }) => hosts.some((host) => reaches(host, localAddress)));
  }
}

/** Why nothing can listen on `hosts`; undefined if something can. */
function problemOfHosts(hosts: readonly string[]): string | undefined {
  if (hosts.length === 0) return 'no address to listen on was named';
  if (hosts.length > MAX_HOSTS) {
    return `${hosts.length} addresses to listen on were named: ${MAX_HOSTS} are allowed`;
  }
  const wrong = hosts.find((host) => host !== ANY_IPV4 && host !== ANY_IPV6 && isIP(host) === 0);
  return wrong === undefined ? undefined : `${quoted(wrong)} is not an IP address`;
}

/** Whether a registration for `host` may be reached at `localAddress`. */
export function reaches(host: string, localAddress: string): boolean {
  if (host === ANY_IPV4) return !localAddress.includes(':');
  if (host === ANY_IPV6) return localAddress.includes(':');
  return host === localAddress;
}
