import type { Socket } from 'node:net';
import type { ServiceLink } from './service-link.ts';

// The daemon hears of many that end together in one message, soon enough to balance by.
const REPORT_AFTER_MS = 10;

/** Counts the connections that were handed over to a replica, and tells the daemon when some have ended. */
export class OpenConnections {
  #size = 0;
  #link: ServiceLink | undefined;
  /** It is about to tell the daemon. */
  #isReporting = false;

  add(socket: Socket): void {
    this.#size += 1;
    socket.on('close', this.#onClose);
  }

  /** Tells this daemon from now on: it does not know yet how many there are. */
  use(link: ServiceLink): void {
    this.#link = link;
    if (this.#size > 0) link.reportOpen(this.#size);
  }

  readonly #onClose = (): void => {
    this.#size -= 1;
    if (this.#isReporting) return;
    this.#isReporting = true;
    const report = (): void => {
      this.#isReporting = false;
      this.#link?.reportOpen(this.#size);
    };
    setTimeout(report, REPORT_AFTER_MS).unref();
  };
}
