import type { Socket } from 'node:net';
import type { EndpointAddress } from '../address.ts';
import type { Limits } from '../limits.ts';
import { Sweeper } from '../time.ts';
import { ignoreError } from './connection.ts';
import { closeStream } from './draining.ts';
import { startReading } from './node-internals.ts';

interface Idle {
  readonly socket: Socket;
  /** Key of the pool's list that it is in. */
  readonly key: string;
  /** On the clock of `performance.now()`. */
  readonly openedAt: number;
  readonly idleSince: number;
}

const POOL = Symbol('pool');
const OPENED_AT = Symbol('opened at');

/** An idle socket knows its pool, and how old it is. */
interface Pooled extends Socket {
  [OPENED_AT]?: number;
  [POOL]?: { readonly pool: ConnectionPool; readonly idle: Idle } | undefined;
}

/**
 * Connections between sessions, kept for the next session to the same host and port, whatever its path, as
 * .NET's client does. Idle ones do not keep the process alive.
 */
export class ConnectionPool {
  readonly #limits: Limits;
  readonly #idle = new Map<string, Idle[]>();
  readonly #clock = new Sweeper((now) => this.#dropOld(now));

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** Takes the most recently used connection, or `undefined` when none is left. */
  take(address: EndpointAddress): Socket | undefined {
    const key = keyOf(address);
    const list = this.#idle.get(key);
    const idle = list?.pop();
    if (idle === undefined) return undefined;
    if (list?.length === 0) this.#idle.delete(key);
    const { socket } = idle;
    (socket as Pooled)[POOL] = undefined;
    socket.off('close', forget).off('data', forget).off('end', forget).off('error', ignoreError);
    socket.ref();
    return socket;
  }

  /** Keeps a connection whose session is over; closes it when there are enough or it is too old. */
  put(address: EndpointAddress, socket: Socket): void {
    const key = keyOf(address);
    const now = performance.now();
    const openedAt = (socket as Pooled)[OPENED_AT] ?? now;
    const list = this.#idle.get(key) ?? [];
    const { maxOutboundConnectionsPerEndpoint, leaseTimeoutMs, idleTimeoutMs } = this.#limits;
    const isFull = list.length >= maxOutboundConnectionsPerEndpoint;
    if (socket.destroyed || isFull || now - openedAt > leaseTimeoutMs) {
      closeStream(socket);
      return;
    }
    (socket as Pooled)[OPENED_AT] = openedAt;
    const idle = { socket, key, openedAt, idleSince: now };
    (socket as Pooled)[POOL] = { pool: this, idle };
    list.push(idle);
    this.#idle.set(key, list);
    socket.on('error', ignoreError); // 'close' follows
    socket.on('close', forget).on('data', forget).on('end', forget);
    socket.unref();
    startReading(socket);
    // One timer for all: a connection is kept at most an eighth longer than it should be.
    this.#clock.lookEvery(idleTimeoutMs / 8);
  }

  /** Closes an idle connection. */
  drop({ socket, key }: Idle): void {
    const list = this.#idle.get(key) ?? [];
    const left = list.filter((other) => other.socket !== socket);
    if (left.length > 0) this.#idle.set(key, left);
    else this.#idle.delete(key);
    (socket as Pooled)[POOL] = undefined;
    closeStream(socket);
  }

  /** Closes the idle connections to `address`: one of them turned out to lead nowhere. */
  forget(address: EndpointAddress): void {
    for (const idle of Array.from(this.#idle.get(keyOf(address)) ?? [])) this.drop(idle);
  }

  /** Closes every idle connection. */
  close(): void {
    for (const list of this.#idle.values()) for (const idle of list) this.drop(idle);
    this.#clock.stop();
  }

  #dropOld(now: number): number {
    const { idleTimeoutMs } = this.#limits;
    for (const idle of [...this.#idle.values()].flat()) {
      if (idle.idleSince <= now - idleTimeoutMs) this.drop(idle);
    }
    return this.#idle.size > 0 ? idleTimeoutMs / 8 : Infinity;
  }
}

/** Bytes or an end came unasked: the service has finished with this connection. */
function forget(this: Pooled): void {
  const pooled = this[POOL];
  pooled?.pool.drop(pooled.idle);
}

function keyOf({ host, port }: EndpointAddress): string {
  return `${host.toLowerCase()}:${port}`;
}
