import type { ServerResponse } from 'node:http';
import { messageOf } from '../errors.ts';
import { restMs } from '../port-sharing/handshake/ask.ts';
import type { DaemonStatus, RegistrationStatus } from '../port-sharing/handshake/status.ts';
import { printable, rawText, type Received } from '../printable.ts';
import { DashboardRates } from './dashboard-rates.ts';

/** Between two looks at the daemon. */
const LOOK_MS = 1_000;
/** A viewer that has not read so much gets no more until it has: then all of it at once. */
const MAX_UNREAD_BYTES = 1 << 20;
/** One that has not read anything for so long is gone. What is sent comes more often than that. */
const VIEWER_TIMEOUT_MS = 300_000;
/** A line that keeps a connection from looking dead. */
const STILL_THERE = ': still there\n\n';

/** What the daemon says now; `undefined` if none runs. */
export type AskStatus = () => Promise<Received<DaemonStatus> | undefined>;

/** An endpoint as the page has it; all texts are fit to be shown. */
interface Shown {
  /** Of this feed, never used again. */
  readonly id: number;
  readonly address: string;
  readonly pid: number;
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly listensOn: string;
  /** Where a static route leads. */
  readonly target?: string | undefined;
  readonly security?: string | undefined;
  counts: Counts;
}

type Counts = readonly [
  handedOver: number,
  relayed: number,
  refused: number,
  queued: number,
  /** These two are -1 where the service does not say. */
  calls: number,
  faults: number,
];

interface Viewer {
  readonly response: ServerResponse;
  /** It gets all of it next, not only what has changed. */
  isBehind: boolean;
}

/**
 * What those who look on are sent: everything once, then what has changed. The daemon is asked while somebody looks,
 * once for all of them.
 */
export class DashboardFeed {
  readonly #ask: AskStatus;
  readonly #viewers = new Set<Viewer>();
  readonly #rates = new DashboardRates();
  #endpoints = new Map<string, Shown>();
  #daemon: object = { state: 'looking' };
  #pid: number | undefined;
  #nextId = 1;
  #timer: NodeJS.Timeout | undefined;
  #isLooking = false;
  #isClosed = false;

  constructor(ask: AskStatus) {
    this.#ask = ask;
  }

  /** Sends events as long as the response is open. */
  add(response: ServerResponse): void {
    const viewer: Viewer = { response, isBehind: false };
    this.#viewers.add(viewer);
    response.on('close', () => this.#viewers.delete(viewer)).on('error', () => {});
    response.setTimeout(VIEWER_TIMEOUT_MS).flushHeaders();
    this.#sendAll(viewer);
    if (this.#timer === undefined && !this.#isLooking) void this.#look();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  async #look(): Promise<void> {
    this.#isLooking = true;
    this.#timer = undefined;
    const begunAt = performance.now();
    try {
      this.#take(await this.#ask());
    } catch (error) {
      this.#gone({ state: 'unknown', problem: printable(messageOf(error)) });
    }
    this.#isLooking = false;
    const tookMs = performance.now() - begunAt;
    if (this.#viewers.size === 0 || this.#isClosed) return;
    this.#timer = setTimeout(() => void this.#look(), restMs(tookMs, LOOK_MS));
  }

  /** No daemon: what was there is gone. */
  #gone(daemon: object): void {
    this.#daemon = daemon;
    this.#pid = undefined;
    this.#endpoints = new Map();
    this.#rates.pause();
    for (const viewer of this.#viewers) this.#sendAll(viewer);
  }

  #take(status: Received<DaemonStatus> | undefined): void {
    if (status === undefined) return this.#gone({ state: 'none' });
    const isAnother = this.#pid !== status.pid;
    this.#pid = status.pid;
    this.#daemon = summaryOf(status);
    if (isAnother) this.#rates.pause();
    const before = isAnother ? new Map<string, Shown>() : this.#endpoints;
    const came: Shown[] = [];
    const changed: (readonly [number, Counts])[] = [];
    this.#endpoints = new Map();
    for (const registration of status.registrations) {
      const key = `${registration.pid} ${rawText(registration.address)} ${rawText(registration.since)}`;
      const counts = countsOf(registration);
      const known = before.get(key);
      const shown = known ?? { id: this.#nextId++, ...shownOf(registration), counts };
      if (known === undefined) came.push(shown);
      else if (known.counts.some((count, index) => count !== counts[index])) {
        known.counts = counts;
        changed.push([known.id, counts]);
      }
      before.delete(key);
      this.#endpoints.set(key, shown);
    }
    const gone = [...before.values()].map(({ id }) => id);
    const point = this.#rates.add(status);
    const text = isAnother
      ? undefined
      : eventOf('change', { daemon: this.#daemon, came, changed, gone, point });
    for (const viewer of this.#viewers) {
      if (text === undefined || viewer.isBehind) this.#sendAll(viewer);
      else this.#send(viewer, text);
    }
  }

  #sendAll(viewer: Viewer): void {
    const endpoints = [...this.#endpoints.values()];
    const points = this.#rates.points;
    this.#send(viewer, eventOf('all', { daemon: this.#daemon, endpoints, points }));
  }

  #send(viewer: Viewer, text: string): void {
    viewer.isBehind = viewer.response.writableLength > MAX_UNREAD_BYTES;
    if (!viewer.isBehind) viewer.response.write(STILL_THERE + text);
  }
}

function eventOf(name: string, data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

function summaryOf(status: Received<DaemonStatus>): object {
  const { pid, pending, notFound, dropped, relaying } = status;
  return {
    state: 'runs',
    pid,
    version: printable(status.version),
    since: Date.parse(rawText(status.since)),
    transfer: printable(status.transfer),
    log: printable(status.log, Infinity),
    listeners: status.listeners.map((listener) => printable(listener)),
    pending,
    notFound,
    dropped,
    relaying,
    isLeaving: status.leaving === true,
    trusted: status.trusted?.map((text) => printable(text)),
    fronts: status.fronts?.map(({ address, connections, checks, lastCheck }) => ({
      address: printable(address),
      connections,
      checks,
      lastCheck: lastCheck && Date.parse(rawText(lastCheck)),
    })),
  };
}

function shownOf(registration: Received<RegistrationStatus>): Omit<Shown, 'id' | 'counts'> {
  const { address, pid, since, listensOn, target, security } = registration;
  return {
    address: printable(address, Infinity),
    pid,
    since: Date.parse(rawText(since)),
    listensOn: listensOn.map((host) => printable(host)).join(', '),
    target: target && printable(target),
    security: security && printable(security),
  };
}

function countsOf(registration: Received<RegistrationStatus>): Counts {
  const { handedOver, relayed, refused, queued, calls = -1, faults = -1 } = registration;
  return [handedOver, relayed, refused, queued, calls, faults];
}
