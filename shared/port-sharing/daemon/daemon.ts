import { showEndpoint } from '../../address.ts';
import type { Limits } from '../../limits.ts';
import type { CallerLink } from '../handshake/link.ts';
import type { DaemonSummary, RegistrationStatus } from '../handshake/status.ts';
import { descriptorLimit } from '../machine/descriptor-limit.ts';
import { type Inherited, inherited } from '../machine/inheritance.ts';
import { limited, type Log, LOG_LINES_PER_SECOND } from '../machine/log.ts';
import type { Native } from '../machine/native.ts';
import type { Fronts } from '../../transport/fronts/fronts.ts';
import { Admission } from './admission.ts';
import { Shares } from './control/shares.ts';
import { Idle } from './idle.ts';
import { Ports } from './ports.ts';
import { Registrar } from './registrations/registrar.ts';
import { Registry } from './registrations/registry.ts';
import type { Destination } from './destination.ts';
import { Router } from './router.ts';
import { StaticRoutes } from './routes/static-routes.ts';
import { ServicePeer } from './services/service-peer.ts';
import { Services } from './services/services.ts';
import { Moment } from '../../time.ts';
import { Ending } from './succession/ending.ts';

interface DaemonOptions {
  /** `undefined`: every connection is relayed. */
  readonly native: Native | undefined;
  readonly limits: Limits;
  readonly log: Log;
  /** Shown by `status`. */
  readonly logsTo: string;
  readonly version: string;
  /** See {@link Fronts}. */
  readonly fronts: Fronts;
}

/**
 * The port-sharing daemon: accepts the connections of shared ports, reads where they want to go, and brings
 * them to the service that is registered there.
 *
 * It keeps nothing that its services cannot give back: when it has died and another has taken its place, they
 * bring their registrations and listening sockets again.
 */
export class Daemon {
  /** Listening sockets. */
  readonly ports: Ports;
  /** Enters registrations, and has the daemon listen for them. */
  readonly registrar: Registrar;
  readonly routes: StaticRoutes;
  /** How it ends: it is told to, replaced, or not needed any more. */
  readonly ending: Ending;
  /** Which other processes take how many of this process's descriptors. */
  readonly shares: Shares;
  readonly #options: DaemonOptions;
  readonly #log: Log;
  readonly #registry: Registry<Destination>;
  readonly #admission: Admission;
  readonly #router: Router;
  readonly #services: Services;
  readonly #since = new Moment();
  /** Asked once: a status, which may be asked for ten times a second, reads no files. */
  readonly #inherited: Inherited;

  constructor(options: DaemonOptions) {
    const { limits, native, fronts } = options;
    const log = limited(options.log, LOG_LINES_PER_SECOND);
    const idle = new Idle(limits.idleExitMs);
    const registry = new Registry<Destination>(limits);
    const descriptors = descriptorLimit(native);
    const shares = new Shares(limits.maxDescriptorsPerProcess, descriptors);
    const admission = new Admission(limits, {
      descriptorLimit: descriptors,
      handsOver: native !== undefined,
      shares,
    });
    const router = new Router({ limits, log, registry, admission, idle, fronts });
    const services = new Services({ registry, idle });
    const ports = new Ports({ native, limits, log, router, services, shares });
    const registrar = new Registrar({ limits, log, registry, ports, router });
    const routed = { limits, log, connections: router, ports, registry };
    this.routes = new StaticRoutes({ ...routed, registrar, idle });
    this.ending = new Ending({ limits, log, registrar, router, admission, services, idle });
    this.ports = ports;
    this.shares = shares;
    this.registrar = registrar;
    this.#options = options;
    this.#inherited = inherited(native);
    this.#log = log;
    this.#registry = registry;
    this.#admission = admission;
    this.#router = router;
    this.#services = services;
    void idle.reached.then(() => this.ending.stop('no service is registered', 0));
  }

  /** Its state, without what there may be many of: {@link listeners} and {@link registrations}. */
  get status(): DaemonSummary {
    const { version, native, logsTo } = this.#options;
    return {
      pid: process.pid,
      version,
      since: this.#since.toISOString(),
      transfer: native === undefined ? 'relay' : 'hand-over',
      log: logsTo,
      activated: this.ports.activated,
      pending: this.#router.arrivals.size,
      notFound: this.#router.counts.notFound,
      dropped: this.#admission.dropped,
      relaying: this.#router.counts.relayed,
      leaving: this.#router.health.isLeaving || undefined,
      ...this.#router.seen.status,
      ...this.#inherited,
    };
  }

  /** `host:port` of every listening socket. */
  get listeners(): readonly string[] {
    return this.ports.listening().map(({ host, port }) => showEndpoint(host, port));
  }

  /** The current registrations, oldest first; each is read when it is asked for. */
  *registrations(): Generator<RegistrationStatus> {
    for (const registration of this.#registry.all()) {
      const { address, owner, since, hosts, security, counts } = registration;
      yield {
        address: address.uri,
        pid: owner.pid,
        since: since.toISOString(),
        listensOn: hosts,
        target: owner.target,
        security,
        handedOver: counts.handedOver,
        relayed: counts.relayed,
        queued: owner.queued(registration),
        refused: counts.refused,
        calls: counts.calls,
        faults: counts.faults,
      };
    }
  }

  /** Serves a service that has said hello, until its link ends, and its registrations with it. */
  serve(link: CallerLink): void {
    const { limits } = this.#options;
    const { ports, registrar } = this;
    const log = this.#log;
    const peer = new ServicePeer(link, {
      limits,
      log,
      connections: this.#router,
      ports,
      registrar,
    });
    this.#services.add(peer);
    link.control.onClose = (reason) => {
      this.#services.delete(peer);
      const registrations = this.#registry.of(peer).length;
      registrar.leave(peer);
      if (this.ending.hasBegun) return;
      const details = { pid: peer.pid, registrations };
      log.write('service left', reason === undefined ? details : { ...details, reason });
    };
  }
}
