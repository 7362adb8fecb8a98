import type { CallCounts } from '../../transport/listener.ts';
import { pagesOf } from '../handshake/codec.ts';
import type { DaemonLink } from '../handshake/link.ts';
import type { CallReport } from '../handshake/messages.ts';

// Often enough for a plot that people look at; 10,000 processes that are busy make 5,000 short messages a second of it.
const REPORT_EVERY_MS = 2_000;
// The bytes that a message takes beside its list.
const MESSAGE_ROOM_BYTES = 64;

/** Tells the daemon from time to time what was done at the addresses of a host, while there is something new. */
export class CallReports {
  readonly #counts: () => readonly Readonly<CallCounts>[];
  readonly #maxBytes: number;
  /** Calls and faults that this daemon knows of, by address. */
  #told: readonly Readonly<CallCounts>[] = [];
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param counts          those of each address, in the order in which they are registered
   * @param maxMessageBytes the limit `maxControlMessageBytes`
   */
  constructor(counts: () => readonly Readonly<CallCounts>[], maxMessageBytes: number) {
    this.#counts = counts;
    this.#maxBytes = maxMessageBytes - MESSAGE_ROOM_BYTES;
  }

  /**
   * Tells this daemon from now on, all of it at once: what comes later is measured by that.
   *
   * @param requests those of the registrations, in the same order
   */
  use(link: DaemonLink, requests: readonly number[]): void {
    this.close();
    if (link.welcome.calls !== true) return;
    this.#told = [];
    this.#report(link, requests);
    this.#timer = setInterval(() => this.#report(link, requests), REPORT_EVERY_MS).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #report({ control }: DaemonLink, requests: readonly number[]): void {
    // A daemon that does not read learns all of it later.
    if (!control.isOpen || control.socket.writableLength > 0) return;
    const now = this.#counts().map(({ calls, faults }) => ({ calls, faults }));
    const news = requests.flatMap((request, place): CallReport[] => {
      const { calls, faults } = now[place] ?? { calls: 0, faults: 0 };
      const before = this.#told[place];
      if (before?.calls === calls && before.faults === faults) return [];
      return [{ request, calls, faults }];
    });
    this.#told = now;
    if (news.length === 0) return;
    for (const { page: endpoints } of pagesOf(news, this.#maxBytes)) {
      control.send({ type: 'calls', endpoints });
    }
  }
}
