import type { EndpointAddress } from '../../../address.ts';
import type { Moment } from '../../../time.ts';
import { ANY_IPV4, ANY_IPV6 } from '../../machine/hosts.ts';

/** What registrations have to know of their owners. */
export interface OwnerLike {
  readonly pid: number;
  /** `host:port` that a static route leads to; absent for a service. */
  readonly target?: string | undefined;
  /** Connections that it has, those on their way to it included. */
  readonly open: number;
  /** It has not answered for so long that it should get nothing while there is another. */
  readonly isStuck: boolean;
}

/** A path on a port, and who answers there. `Owner` is what the daemon keeps of a service. */
export interface Registration<Owner> {
  readonly address: EndpointAddress;
  /** Local IP addresses it may be reached at. */
  readonly hosts: readonly string[];
  readonly queueLength: number;
  /** In words, as its owner said; `undefined` if he did not. */
  readonly security?: string | undefined;
  /** Whether others may have the same address, if they say so, too. */
  readonly isReplica: boolean;
  readonly owner: Owner;
  readonly since: Pick<Moment, 'toISOString'>;
  readonly counts: Counts;
}

/** What became of connections to an address, and what its service says of the calls in them. */
interface Counts {
  handedOver: number;
  relayed: number;
  refused: number;
  /** Absent until it says so: a route never does. */
  calls?: number;
  faults?: number;
}

/** Whether a registration for `host` may be reached at `localAddress`. */
export function reaches(host: string, localAddress: string): boolean {
  if (host === ANY_IPV4) return !localAddress.includes(':');
  if (host === ANY_IPV6) return localAddress.includes(':');
  return host === localAddress;
}
