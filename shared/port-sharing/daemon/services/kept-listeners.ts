import { showEndpoint } from '../../../address.ts';
import { messageOf } from '../../../errors.ts';
import { descriptorOf } from '../../../transport/node-internals.ts';
import type { CallerLink } from '../../handshake/link.ts';
import type { ListenerMessage } from '../../handshake/messages.ts';
import type { Listening } from '../port.ts';
import type { Registrar } from '../registrations/registrar.ts';

/** The listening sockets that one service keeps copies of, for the day when the daemon dies. */
export class KeptListeners {
  readonly #link: CallerLink;
  readonly #registrar: Registrar;
  /** As `host:port`. */
  readonly #kept = new Set<string>();

  constructor(link: CallerLink, registrar: Registrar) {
    this.#link = link;
    this.#registrar = registrar;
  }

  /** Gives the service a copy of a listening socket, unless it has one. */
  keep({ host, port, server }: Listening): void {
    const listening = descriptorOf(server);
    if (listening === undefined || this.#kept.has(showEndpoint(host, port))) return;
    const message = { type: 'listener', host, port } as const;
    const id = this.#link.sendDescriptor(listening, (descriptor) => ({ ...message, descriptor }));
    if (typeof id === 'number') this.#kept.add(showEndpoint(host, port));
  }

  /** Has the service close its copy of a listening socket that is closed. */
  drop(host: string, port: number): void {
    if (!this.#kept.delete(showEndpoint(host, port))) return;
    this.#link.control.send({ type: 'listener-closed', host, port });
  }

  /** Takes over a listening socket that the service kept when the last daemon died. */
  adopt({ descriptor: id, host, port }: ListenerMessage): void {
    const descriptor = this.#link.receiveDescriptor(id, 'listener');
    if (descriptor === undefined) return;
    try {
      this.#registrar.adopt({ host, port, descriptor }, this.#link.pid);
      this.#kept.add(showEndpoint(host, port));
    } catch (error) {
      this.#link.control.close(messageOf(error));
    }
  }
}
