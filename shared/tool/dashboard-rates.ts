import type { DaemonStatus } from '../port-sharing/handshake/status.ts';
import { rawText, type Received } from '../printable.ts';

/** What is shown as a plot: five minutes of it, at a look a second. */
const MAX_POINTS = 300;
/** Services say only from time to time what they have done: over so many looks that evens out. */
const CALL_LOOKS = 4;

/**
 * One look: milliseconds since 1970, then a second: connections handed over, relayed, for unknown endpoints, and
 * refused or dropped; then now: those that wait, and those that are relayed; then a second: calls, and faults.
 */
type Point = readonly [
  at: number,
  handedOver: number,
  relayed: number,
  notFound: number,
  refused: number,
  waiting: number,
  relaying: number,
  calls: number,
  faults: number,
];

/** Of an endpoint, or of the daemon itself. Calls are `undefined` where nobody says. */
interface Totals {
  readonly handedOver: number;
  readonly relayed: number;
  readonly refused: number;
  readonly calls: number | undefined;
  readonly faults: number | undefined;
}

/** What has happened between two looks. */
interface Growth {
  readonly seconds: number;
  readonly calls: number;
  readonly faults: number;
}

/** What happened between two looks at the daemon, in each second. */
export class DashboardRates {
  readonly #points: Point[] = [];
  #seen = new Map<string, Totals>();
  #notFound = 0;
  #dropped = 0;
  #at: number | undefined;
  /** The last looks. */
  #calls: readonly Growth[] = [];

  get points(): readonly Point[] {
    return this.#points;
  }

  /** Another daemon counts anew, or none counts. */
  pause(): void {
    this.#at = undefined;
    this.#seen = new Map();
    this.#calls = [];
  }

  /** @returns `undefined` for the first look, which has nothing before it */
  add(status: Received<DaemonStatus>): Point | undefined {
    const now = performance.now();
    const { registrations, pending, relaying, notFound, dropped } = status;
    const sum = { handedOver: 0, relayed: 0, refused: 0, calls: 0, faults: 0 };
    const seen = new Map<string, Totals>();
    let queued = 0;
    for (const registration of registrations) {
      const { address, pid, since, handedOver, relayed, refused, calls, faults } = registration;
      const key = `${pid} ${rawText(address)} ${rawText(since)}`;
      const before = this.#seen.get(key);
      sum.handedOver += handedOver - (before?.handedOver ?? 0);
      sum.relayed += relayed - (before?.relayed ?? 0);
      sum.refused += refused - (before?.refused ?? 0);
      // A service brings along what it has done before: that did not happen now.
      sum.calls += grown(calls, before?.calls);
      sum.faults += grown(faults, before?.faults);
      seen.set(key, { handedOver, relayed, refused, calls, faults });
      queued += registration.queued;
    }
    const unknown = notFound - this.#notFound;
    const refused = sum.refused + dropped - this.#dropped;
    const seconds = this.#at === undefined ? undefined : (now - this.#at) / 1_000;
    this.#seen = seen;
    this.#notFound = notFound;
    this.#dropped = dropped;
    this.#at = now;
    if (seconds === undefined || seconds <= 0) return undefined;
    this.#calls = [...this.#calls, { seconds, ...sum }].slice(-CALL_LOOKS);
    const rate = (count: number): number => Math.max(0, count) / seconds;
    const point: Point = [
      Date.now(),
      rate(sum.handedOver),
      rate(sum.relayed),
      rate(unknown),
      rate(refused),
      pending + queued,
      relaying,
      this.#lately('calls'),
      this.#lately('faults'),
    ];
    this.#points.push(point);
    if (this.#points.length > MAX_POINTS) this.#points.shift();
    return point;
  }

  /** In a second, over the last looks. */
  #lately(what: 'calls' | 'faults'): number {
    const total = (of: keyof Growth): number =>
      this.#calls.reduce((sum, growth) => sum + growth[of], 0);
    return Math.max(0, total(what)) / total('seconds');
  }
}

function grown(now: number | undefined, before: number | undefined): number {
  return now === undefined || before === undefined ? 0 : now - before;
}
