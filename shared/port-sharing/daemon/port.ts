import type { Server } from 'node:net';
import { expand } from '../machine/local-addresses.ts';

/** A listening socket. */
export interface Listening {
  readonly host: string;
  readonly port: number;
  readonly server: Server;
  /** Process that it was opened for. */
  readonly pid: number;
}

/** The listening sockets of one port, and who wants them. Opens and closes nothing itself. */
export class Port {
  /** By local IP address. */
  readonly listening = new Map<string, Listening>();
  /** How many registrations want each host, those that are still being made included. */
  readonly #wanted = new Map<string, number>();
  /** Hosts of sockets that were taken over, and whose services have not come yet. */
  readonly #awaited = new Set<string>();

  /** Hosts as registrations name them, wildcards included. */
  get wanted(): readonly string[] {
    return [...this.#wanted.keys()];
  }

  /** Whether nobody wants anything here, and nothing is open. */
  get isOver(): boolean {
    return this.#wanted.size === 0 && this.listening.size === 0;
  }

  want(hosts: readonly string[]): void {
    for (const host of hosts) this.#wanted.set(host, (this.#wanted.get(host) ?? 0) + 1);
  }

  await(host: string): void {
    this.#awaited.add(host);
  }

  /** Those who were to come are there, or come too late. */
  awaitNobody(): void {
    this.#awaited.clear();
  }

  /** The reverse of `want`. @returns the sockets that nobody needs any more, and that are not here any more */
  release(hosts: readonly string[]): readonly Listening[] {
    for (const host of hosts) {
      const left = (this.#wanted.get(host) ?? 0) - 1;
      if (left > 0) this.#wanted.set(host, left);
      else this.#wanted.delete(host);
    }
    const needed = new Set([...expand(this.wanted), ...this.#awaited]);
    const unneeded = [...this.listening.values()].filter(({ host }) => !needed.has(host));
    for (const { host } of unneeded) this.listening.delete(host);
    return unneeded;
  }
}
