import { atPort } from '../../address.ts';
import { NetTcpError, systemCode } from '../../errors.ts';
import type { Limits } from '../../limits.ts';
import type { RefusalStatus, ServiceMessage } from '../handshake/messages.ts';
import type { Log } from '../machine/log.ts';
import type { Ports } from './ports.ts';
import type { Registry } from './registry.ts';
import type { Destination } from './router.ts';
import type { ServicePeer } from './service-peer.ts';

type Register = Extract<ServiceMessage, { type: 'register' }>;

export interface RegistrarOptions {
  readonly limits: Limits;
  readonly log: Log;
  readonly registry: Registry<Destination>;
  readonly ports: Ports;
  /** Whether a service is still there. */
  readonly isHere: (peer: ServicePeer) => boolean;
  readonly isEnding: () => boolean;
  /** There is a registration more, or one less. */
  readonly onChange: () => void;
}

/** Enters services into the registry, one after the other, and has the daemon listen where they want it. */
export class Registrar {
  readonly #options: RegistrarOptions;
  #last: Promise<void> = Promise.resolve();

  constructor(options: RegistrarOptions) {
    this.#options = options;
  }

  /** Answers with `registered` or `refused`, in the order in which it was asked. */
  register(peer: ServicePeer, message: Register): void {
    this.#last = this.#last.then(() => this.#register(peer, message));
  }

  unregister(peer: ServicePeer, address: string): void {
    const { registry, ports, log, onChange } = this.#options;
    const registration = registry.of(peer).find((one) => one.address.uri === address);
    if (registration === undefined) return;
    registry.remove(registration);
    ports.release(registration.address.port, registration.hosts);
    log.write('unregistered', { pid: peer.pid, address });
    onChange();
  }

  /** Ends all registrations of a service. @returns how many that were */
  remove(peer: ServicePeer): number {
    const { registry, ports, log } = this.#options;
    const registrations = registry.of(peer);
    for (const registration of registrations) {
      registry.remove(registration);
      ports.release(registration.address.port, registration.hosts);
      log.write('unregistered', { pid: peer.pid, address: registration.address.uri });
    }
    return registrations.length;
  }

  async #register(peer: ServicePeer, message: Register): Promise<void> {
    const { registry, ports, log, limits, isHere, isEnding, onChange } = this.#options;
    const { request, hosts, queueLength } = message;
    const refuse = (status: RefusalStatus, text: string): void => {
      const { pid } = peer;
      log.write('registration refused', { pid, address: message.address, status, reason: text });
      peer.control.send({ type: 'refused', request, status, message: text });
    };
    const checked = registry.check(message.address, hosts, peer);
    if ('status' in checked) return refuse(checked.status, checked.message);
    // It asks again, of whoever comes after.
    if (isEnding()) return peer.control.close('the port-sharing daemon is ending');
    let port: number;
    try {
      port = await ports.acquire(checked.port, hosts);
    } catch (error) {
      return refuse(...whyNotListening(error));
    }
    if (!isHere(peer)) return ports.release(port, hosts);
    const address = atPort(checked, port);
    registry.add({
      address,
      hosts,
      queueLength: Math.min(queueLength, limits.maxPendingConnections),
      owner: peer,
      since: new Date(),
      counts: { handedOver: 0, relayed: 0, refused: 0 },
    });
    for (const { host, port: bound, server } of ports.listening(port)) {
      peer.sendListener(host, bound, server);
    }
    log.write('registered', { pid: peer.pid, address: address.uri, hosts: hosts.join(',') });
    peer.control.send({ type: 'registered', request, address: address.uri });
    onChange();
  }
}

/** What a service is told when the daemon cannot listen for it, and what can be done where that is known. */
function whyNotListening(caught: unknown): [status: RefusalStatus, message: string] {
  const { code, cause, message } = NetTcpError.from(caught);
  if (code === 'AddressAlreadyInUse') return ['failed-to-listen', message];
  switch (systemCode(cause)) {
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
      return [
        'cannot-listen',
        `${message} This machine has no such address: bind to one that it has.`,
      ];
    case 'EACCES':
      return [
        'cannot-listen',
        `${message} This user may not listen on that port: choose a higher one.`,
      ];
    default:
      return ['cannot-listen', message];
  }
}
