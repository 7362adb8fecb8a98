import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { messageOf } from '../../../shared/errors.ts';
import type { Mechanism } from '../../../shared/security/negotiate/mechanism.ts';
import { NegotiatedSocket } from './negotiated-socket.ts';

/** Sends back what one client sends, after our side of the handshake. */
export class EchoService {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #outcome: Promise<string>;

  static async listen(
    start: () => Mechanism,
    clock: () => number = Date.now,
  ): Promise<EchoService> {
    const service = new EchoService(start, clock);
    service.#server.listen(0, '127.0.0.1');
    await once(service.#server, 'listening');
    return service;
  }

  private constructor(start: () => Mechanism, clock: () => number) {
    this.#server = createServer();
    this.#outcome = once(this.#server, 'connection').then(async ([socket]: Socket[]) => {
      if (socket === undefined) return 'nobody called';
      this.#sockets.add(socket);
      try {
        const negotiated = new NegotiatedSocket(socket);
        await negotiated.handshake('acceptor', start(), clock);
        for (;;) {
          const data = await negotiated.receive();
          if (data === undefined) break;
          negotiated.send(data);
        }
        await negotiated.end();
        return `${negotiated.peer?.name}, ${negotiated.added} bytes added`;
      } catch (error) {
        return messageOf(error);
      }
    });
  }

  /** Name of the client, which has ended, and what its frames added; or what was wrong with it. */
  get outcome(): Promise<string> {
    return this.#sockets.size === 0 ? Promise.resolve('nobody called') : this.#outcome;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
