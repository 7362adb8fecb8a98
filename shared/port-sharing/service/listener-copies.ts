import { closeSync } from 'node:fs';
import { showEndpoint } from '../../address.ts';

interface Copy {
  readonly host: string;
  readonly port: number;
  readonly descriptor: number;
}

/**
 * Copies of the daemon's listening sockets. A service only keeps them: while one is open, the kernel goes on
 * taking connections, even if the daemon dies.
 */
export class ListenerCopies {
  readonly #copies = new Map<string, Copy>();

  all(): readonly Copy[] {
    return [...this.#copies.values()];
  }

  keep(host: string, port: number, descriptor: number): void {
    this.drop(host, port);
    this.#copies.set(showEndpoint(host, port), { host, port, descriptor });
  }

  drop(host: string, port: number): void {
    const key = showEndpoint(host, port);
    const copy = this.#copies.get(key);
    if (copy === undefined) return;
    this.#copies.delete(key);
    closeSync(copy.descriptor);
  }

  close(): void {
    for (const { host, port } of this.all()) this.drop(host, port);
  }
}
