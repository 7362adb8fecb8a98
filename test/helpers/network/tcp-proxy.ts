import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** Stands between a client and a service on the same port of another loopback address. Closed when the test ends. */
export class TcpProxy {
  readonly #frozen = new WeakSet<Socket>();
  readonly #sockets = new Set<Socket>();
  readonly #take: ((socket: Socket, index: number) => boolean) | undefined;
  /** Connections that have come. */
  connections = 0;

  private constructor(take: ((socket: Socket, index: number) => boolean) | undefined) {
    this.#take = take;
  }

  /**
   * @param port of the service on 127.0.0.1; the proxy has it on 127.0.0.2
   * @param take handles a connection itself, the first being 1, by returning true
   */
  static async listen(
    port: number,
    take?: (socket: Socket, index: number) => boolean,
  ): Promise<TcpProxy> {
    const proxy = new TcpProxy(take);
    const server = createServer((socket) => proxy.#accept(socket, port)).listen(port, '127.0.0.2');
    await once(server, 'listening');
    onTestFinished(() => {
      server.close();
      for (const socket of proxy.#sockets) socket.destroy();
    });
    return proxy;
  }

  /** From now on nothing goes through the open connections, as when a firewall has forgotten them. */
  freeze(): void {
    for (const socket of this.#sockets) this.#frozen.add(socket);
  }

  #accept(socket: Socket, port: number): void {
    this.connections += 1;
    this.#sockets.add(socket.on('error', () => {}));
    if (this.#take?.(socket, this.connections) === true) return;
    const onward = connect(port, '127.0.0.1');
    this.#sockets.add(onward.on('error', () => {}));
    const forward = (from: Socket, to: Socket): void => {
      const isOpen = (): boolean => !this.#frozen.has(from);
      from.on('data', (octets) => isOpen() && to.write(octets));
      from.on('end', () => isOpen() && to.end());
      from.on('close', () => isOpen() && to.destroy());
    };
    forward(socket, onward);
    forward(onward, socket);
  }
}
