import type { DaemonStatus } from '../port-sharing/handshake/status.ts';
import { rawText, type Received } from '../printable.ts';

/** What is shown as a plot: five minutes of it, at a look a second. */
const MAX_POINTS = 300;

/**
 * One look: milliseconds since 1970, then a second: connections handed over, relayed, for unknown endpoints, and
 * refused or dropped; then now: those that wait, and those that are relayed.
 */
type Point = readonly [number, number, number, number, number, number, number];

type Totals = readonly [handedOver: number, relayed: number, notFound: number, refused: number];

/** What happened between two looks at the daemon, in each second. */
export class DashboardRates {
  readonly #points: Point[] = [];
  #seen = new Map<string, Totals>();
  #of: Totals = [0, 0, 0, 0];
  #at: number | undefined;

  get points(): readonly Point[] {
    return this.#points;
  }

  /** Another daemon counts anew, or none counts. */
  pause(): void {
    this.#at = undefined;
    this.#seen = new Map();
  }

  /** @returns `undefined` for the first look, which has nothing before it */
  add(status: Received<DaemonStatus>): Point | undefined {
    const now = performance.now();
    const { registrations, pending, relaying, notFound, dropped } = status;
    const sum = [0, 0, 0, 0] as [number, number, number, number];
    const seen = new Map<string, Totals>();
    let queued = 0;
    for (const registration of registrations) {
      const { address, pid, since, handedOver, relayed, refused } = registration;
      const key = `${pid} ${rawText(address)} ${rawText(since)}`;
      const totals: Totals = [handedOver, relayed, 0, refused];
      const before = this.#seen.get(key) ?? [0, 0, 0, 0];
      for (const index of [0, 1, 3] as const) sum[index] += totals[index] - before[index];
      seen.set(key, totals);
      queued += registration.queued;
    }
    const own: Totals = [0, 0, notFound, dropped];
    sum[2] += notFound - this.#of[2];
    sum[3] += dropped - this.#of[3];
    const seconds = this.#at === undefined ? undefined : (now - this.#at) / 1_000;
    this.#seen = seen;
    this.#of = own;
    this.#at = now;
    if (seconds === undefined || seconds <= 0) return undefined;
    const [a, b, c, d] = sum.map((count) => Math.max(0, count) / seconds) as [
      number,
      number,
      number,
      number,
    ];
    const point: Point = [Date.now(), a, b, c, d, pending + queued, relaying];
    this.#points.push(point);
    if (this.#points.length > MAX_POINTS) this.#points.shift();
    return point;
  }
}
