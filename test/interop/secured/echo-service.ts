import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { messageOf } from '../../../shared/errors.ts';
import type { Mechanism, SecurityContext } from '../../../shared/security/negotiate/mechanism.ts';
import { negotiate } from '../../../shared/transport/negotiate/handshake.ts';

/** Sends back what one client sends, after our side of the handshake. */
export class EchoService {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #outcome: Promise<string>;
  /** Bytes by which the last frame was longer than its content. */
  #added = 0;

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
    this.#server = createServer({ allowHalfOpen: true, noDelay: true });
    this.#outcome = once(this.#server, 'connection').then(async ([socket]: Socket[]) => {
      if (socket === undefined) return 'nobody called';
      this.#sockets.add(socket);
      try {
        const mechanism = this.#watched(start(), clock);
        const { stream, peer } = await negotiate(socket, new Uint8Array(0), 'acceptor', mechanism);
        stream.pipe(stream);
        await once(stream, 'close');
        return `${peer?.name}, ${this.#added} bytes added`;
      } catch (error) {
        return messageOf(error);
      }
    });
  }

  /** The mechanism with another clock, and a context that measures frames. */
  #watched(mechanism: Mechanism, clock: () => number): Mechanism {
    return {
      step: (token) => {
        const step = mechanism.step(token, clock());
        if (step.is === 'in-progress') return { ...step, next: this.#watched(step.next, clock) };
        return { ...step, context: this.#measured(step.context) };
      },
    };
  }

  #measured(context: SecurityContext): SecurityContext {
    return {
      wrap: (data) => context.wrap(data),
      unwrap: (token) => {
        const data = context.unwrap(token);
        this.#added = token.length - data.length;
        return data;
      },
      sign: (data) => context.sign(data),
      verify: (data, signature) => context.verify(data, signature),
      startData: () => context.startData(),
    };
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
