import type { Limits } from '../../limits.ts';
import { ignoreError } from '../../transport/connection.ts';
import type { Incoming } from '../../transport/listener.ts';
import { FULL_RETRY_MS } from './descriptor-channel.ts';
import type { DaemonLink } from './link.ts';

/** The part of a link to the daemon that it needs. */
export type ReturnLink = Pick<DaemonLink, 'transfer' | 'sendBack'>;

interface Given {
  readonly connection: Incoming;
  readonly timer: NodeJS.Timeout;
}

/**
 * Connections on their way back to the daemon: each is kept until the daemon says that it has it. If the daemon is
 * lost meanwhile, they go to the next one; a connection that none takes in time is closed.
 */
export class ReturnQueue {
  readonly #limits: Limits;
  #link: ReturnLink | undefined;
  #waiting: Given[] = [];
  readonly #sent = new Map<number, Given>();
  #retry: NodeJS.Timeout | undefined;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** Connections that the daemon does not have yet. */
  get size(): number {
    return this.#waiting.length + this.#sent.size;
  }

  give(connection: Incoming): void {
    connection.socket.on('error', ignoreError);
    const given: Given = {
      connection,
      timer: setTimeout(() => this.#giveUp(given), this.#limits.drainTimeoutMs),
    };
    this.#waiting.push(given);
    this.#pump();
  }

  /** Uses another daemon from now on: it gets the connections that the last one did not take. */
  use(link: ReturnLink): void {
    this.#link = link;
    this.#waiting.unshift(...this.#sent.values());
    this.#sent.clear();
    this.#pump();
  }

  /** The daemon has the connection that was sent under this id. */
  taken(id: number): void {
    const given = this.#sent.get(id);
    if (given === undefined) return;
    this.#sent.delete(id);
    end(given);
    this.#pump();
  }

  /** Closes the connections that no daemon has taken. */
  close(): void {
    clearTimeout(this.#retry);
    for (const given of [...this.#waiting, ...this.#sent.values()]) end(given);
    this.#waiting = [];
    this.#sent.clear();
  }

  #pump(): void {
    const link = this.#link;
    if (link === undefined) return;
    if (link.transfer === 'relay') return this.close(); // nobody has answered them: their clients try again
    while (this.#waiting.length > 0 && this.#sent.size < this.#limits.maxUnacknowledged) {
      const [given] = this.#waiting;
      if (given === undefined) return;
      const outcome = link.sendBack(given.connection);
      if (outcome === 'gone') return; // until the next link
      if (outcome === 'full') {
        this.#retry ??= setTimeout(() => {
          this.#retry = undefined;
          this.#pump();
        }, FULL_RETRY_MS);
        return;
      }
      this.#waiting.shift();
      if (outcome === 'closed') end(given);
      else this.#sent.set(outcome, given);
    }
  }

  #giveUp(given: Given): void {
    this.#waiting = this.#waiting.filter((other) => other !== given);
    for (const [id, other] of this.#sent) if (other === given) this.#sent.delete(id);
    end(given);
  }
}

/** Closes this process's copy of the socket. */
function end({ connection, timer }: Given): void {
  clearTimeout(timer);
  connection.socket.destroy();
}
