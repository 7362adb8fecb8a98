import { closeSync } from 'node:fs';
import { atPort, showEndpoint } from '../../../address.ts';
import { NetTcpError, systemCode } from '../../../errors.ts';
import type { Limits } from '../../../limits.ts';
import { printable, quoted } from '../../../printable.ts';
import { Moment } from '../../../time.ts';
import type { Log } from '../../machine/log.ts';
import { NOBODY } from '../control/shares.ts';
import type { GivenListener } from '../given-socket.ts';
import type { Ports } from '../ports.ts';
import type { Registration } from './registration.ts';
import type { Refusal, Registry, Wish } from './registry.ts';
import type { Destination } from '../destination.ts';
import type { Router } from '../router.ts';

interface RegistrarOptions {
  readonly limits: Limits;
  readonly log: Log;
  readonly registry: Registry<Destination>;
  readonly ports: Ports;
  readonly router: Router;
}

// A daemon that died left its listening sockets with its services, which bring them within moments.
const IN_USE_RETRY_MS = 1_000;

// Room for any list of words; 65,536 registrations keep it.
const MAX_SECURITY_CHARS = 64;

/** What somebody wants to register, and how many connections may wait for it. */
export interface Entry extends Wish {
  readonly queueLength: number;
  /** Words for `status`; at most {@link MAX_SECURITY_CHARS}, printable. */
  readonly security?: string | undefined;
}

/** Enters services and static routes into the registry, and has the daemon listen where they want it. */
export class Registrar {
  readonly #options: RegistrarOptions;
  /** The last registration under way, by port: those of one port go one after the other. */
  readonly #turns = new Map<number, Promise<unknown>>();
  #isClosed = false;

  constructor(options: RegistrarOptions) {
    this.#options = options;
  }

  /** The daemon is ending: nobody can register any more, and it listens on nothing. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** @returns the registration, or why it is refused; undefined if owner or daemon have gone meanwhile */
  async enter(
    owner: Destination,
    entry: Entry,
  ): Promise<Registration<Destination> | Refusal | undefined> {
    const { security } = entry;
    if (security !== undefined && printable(security, MAX_SECURITY_CHARS) !== security) {
      const message = `the security ${quoted(security)} is longer than ${MAX_SECURITY_CHARS} characters, or not printable`;
      return { status: 'invalid-argument', message };
    }
    const checked = this.#options.registry.check(entry, owner);
    if ('status' in checked) return checked;
    // Counted from now, not from its turn: a hundred for a taken port would wait for each other.
    const deadline = performance.now() + IN_USE_RETRY_MS;
    return await this.#inTurn(checked.port, () => this.#enter(owner, entry, deadline));
  }

  /** Ends all registrations of an owner that is gone. What had not got through to it is routed again. */
  leave(owner: Destination): void {
    const { registry, ports, log, router } = this.#options;
    for (const registration of registry.of(owner)) {
      registry.remove(registration);
      router.departures.note(registration.address);
      ports.release(registration.address.port, registration.hosts);
      const address = registration.address.uri;
      if (owner.target === undefined) log.write('unregistered', { pid: owner.pid, address });
      else log.write('route removed', { address });
    }
    for (const arrival of owner.close()) router.route(arrival);
  }

  /**
   * Listens on a socket that another process had: its services are about to come.
   *
   * @param pid process that had it, for which it counts: the service; none if it was the last daemon's
   * @throws {NetTcpError} `Protocol` when it listens somewhere else, `QuotaExceeded`; it is closed then
   */
  adopt(listener: GivenListener, pid = NOBODY): void {
    const isOfUse = !this.#isClosed && this.#options.ports.adopt(listener, pid);
    if (!isOfUse) return closeSync(listener.descriptor);
    const { host, port } = listener;
    if (pid !== NOBODY) {
      this.#options.log.write('took over', { listener: showEndpoint(host, port), pid });
    }
    this.awaitServices(port);
  }

  /** Has connections to a port, by default to all ports, wait for a while for services that may come back. */
  awaitServices(port?: number): void {
    const { router, ports } = this.#options;
    router.awaitServices(() => ports.closeUnwanted(), port);
  }

  close(): void {
    this.#isClosed = true;
    this.#options.ports.close();
  }

  async #inTurn<T>(port: number, act: () => Promise<T>): Promise<T> {
    // Each gets another port.
    if (port === 0) return await act();
    const before = this.#turns.get(port);
    const turn = before === undefined ? act() : before.then(act, act);
    this.#turns.set(port, turn);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(port) === turn) this.#turns.delete(port);
    }
  }

  async #enter(
    owner: Destination,
    entry: Entry,
    deadline: number,
  ): Promise<Registration<Destination> | Refusal | undefined> {
    const { registry, ports, log, limits, router } = this.#options;
    const { hosts, queueLength, security, isReplica } = entry;
    const before = registry.check(entry, owner);
    if ('status' in before) return before;
    if (this.#isClosed || owner.isClosed) return undefined;
    let port: number;
    try {
      // Static routes count for no process: they are the user's own.
      const pid = owner.target === undefined ? owner.pid : NOBODY;
      port = await ports.acquire(before.port, hosts, { pid, deadline });
    } catch (error) {
      return this.#isClosed ? undefined : whyNotListening(error);
    }
    // Other ports' registrations have gone on meanwhile.
    const checked = registry.check(entry, owner);
    const isRefused = 'status' in checked;
    if (isRefused || this.#isClosed || owner.isClosed) {
      ports.release(port, hosts);
      return isRefused ? checked : undefined;
    }
    const registration = {
      address: atPort(checked, port),
      hosts,
      queueLength: Math.min(queueLength, limits.maxPendingConnections),
      security,
      isReplica,
      owner,
      since: new Moment(),
      counts: { handedOver: 0, relayed: 0, refused: 0 },
    };
    registry.add(registration);
    const { uri } = registration.address;
    const { pid, target } = owner;
    if (target === undefined) {
      log.write('registered', { pid, address: uri, hosts: hosts.join(',') });
    } else log.write('route added', { address: uri, to: target });
    // Later, so that the owner hears of it first.
    setImmediate(() => router.retry());
    return registration;
  }
}

/** What a service is told when the daemon cannot listen for it, with advice where there is any. */
function whyNotListening(caught: unknown): Refusal {
  const error = NetTcpError.from(caught);
  const { message } = error;
  const refusal = { status: 'cannot-listen', message, error } as const;
  if (error.code === 'AddressAlreadyInUse') return { ...refusal, status: 'failed-to-listen' };
  if (error.code === 'QuotaExceeded') return { ...refusal, status: 'quota-exceeded' };
  switch (systemCode(error.cause)) {
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT': {
      const advice = 'This machine has no such address: bind to one that it has.';
      return { ...refusal, message: `${message} ${advice}` };
    }
    case 'EACCES': {
      const advice = 'This user may not listen on that port: choose a higher one.';
      return { ...refusal, message: `${message} ${advice}` };
    }
    default:
      return refusal;
  }
}
