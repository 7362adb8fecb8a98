import type { Socket } from 'node:net';
import type { EndpointAddress } from '../address.ts';
import type { Limits } from '../limits.ts';
import { ignoreError, startReading } from './connection.ts';

interface Idle {
  readonly socket: Socket;
  readonly openedAt: number;
  readonly timer: NodeJS.Timeout;
  readonly forget: () => void;
}

/**
 * Connections between sessions, kept for the next one to the same host and port, whatever its path:
 * as .NET's client does. Idle ones do not keep the process alive.
 */
export class ConnectionPool {
  readonly #limits: Limits;
  readonly #idle = new Map<string, Idle[]>();
  readonly #openedAt = new WeakMap<Socket, number>();

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** Takes the connection that was used last, or `undefined` when none is left. */
  take(address: EndpointAddress): Socket | undefined {
    const idle = this.#idle.get(keyOf(address))?.pop();
    if (idle === undefined) return undefined;
    clearTimeout(idle.timer);
    const { socket, forget } = idle;
    socket.off('close', forget).off('data', forget).off('end', forget).off('error', ignoreError);
    socket.ref();
    return socket;
  }

  /** Keeps a connection whose session is over, unless there are enough or it is too old. */
  put(address: EndpointAddress, socket: Socket): void {
    const key = keyOf(address);
    const openedAt = this.#openedAt.get(socket) ?? performance.now();
    const list = this.#idle.get(key) ?? [];
    if (
      socket.destroyed ||
      list.length >= this.#limits.maxOutboundConnectionsPerEndpoint ||
      performance.now() - openedAt > this.#limits.leaseTimeoutMs
    ) {
      socket.destroySoon();
      return;
    }
    this.#openedAt.set(socket, openedAt);
    // Octets or an end that nobody asked for: the service has finished with this connection.
    const forget = (): void => {
      const at = list.indexOf(entry);
      if (at >= 0) list.splice(at, 1);
      if (list.length === 0) this.#idle.delete(key);
      clearTimeout(entry.timer);
      socket.destroySoon();
    };
    const timer = setTimeout(forget, this.#limits.idleTimeoutMs).unref();
    const entry: Idle = { socket, openedAt, timer, forget };
    list.push(entry);
    this.#idle.set(key, list);
    socket.on('error', ignoreError); // 'close' follows
    socket.on('close', forget).on('data', forget).on('end', forget);
    socket.unref();
    startReading(socket);
  }

  /** Closes every idle connection. */
  close(): void {
    for (const { forget } of [...this.#idle.values()].flat()) forget();
  }
}

function keyOf({ host, port }: EndpointAddress): string {
  return `${host.toLowerCase()}:${port}`;
}
