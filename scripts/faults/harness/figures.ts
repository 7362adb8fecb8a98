import type { Latency } from './latency.ts';

/** Parts of a trial, each measured by itself. */
export const PHASES = ['before', 'during', 'after'] as const;
export type Phase = (typeof PHASES)[number];

/** What a load is to do. */
export interface LoadOptions {
  /** Endpoints of `ICalculator`; used in turn. */
  readonly addresses: readonly string[];
  /** Channels that stay open, and make calls. */
  readonly channels: number;
  /** Calls a second, over all channels. */
  readonly callsPerSecond: number;
  /** New connections a second, each for one call. */
  readonly opensPerSecond: number;
  readonly seed: number;
}

/** An error that a caller got. */
export interface Failure {
  /** On the clock of `now()`. */
  readonly at: number;
  readonly what: 'call' | 'open';
  readonly address: string;
  /** `NetTcpError.code`, and the framing fault where there was one. */
  readonly code: string;
}

/** How a load fared. */
export interface LoadFigures {
  /** `made` counts all calls, `lost` those that got an error or nothing, `wrong` those with a wrong answer. */
  readonly calls: { readonly made: number; readonly lost: number; readonly wrong: number };
  readonly connections: {
    readonly made: number;
    readonly refused: number;
    /** Connections that ended before the service, or a fault, had said anything. */
    readonly reset: number;
    /** Attempts after the first that channels made by themselves, because nothing had been sent. */
    readonly retried: number;
    /** Longest time without an answer on a new connection, in milliseconds. */
    readonly longestGapMs: number;
  };
  readonly callLatency: Readonly<Record<Phase, Latency>>;
  /** From the first attempt to connect to the answer of the first call. */
  readonly openLatency: Readonly<Record<Phase, Latency>>;
  /** The first thousand. */
  readonly failures: readonly Failure[];
}

/** One new connection: when it began, on the clock of `now()`, and how long its first answer took. */
export type Opening = readonly [begunAt: number, tookMs: number];

const NO_LATENCY: Latency = { count: 0, p50: 0, p99: 0, max: 0 };
const NO_LATENCIES = { before: NO_LATENCY, during: NO_LATENCY, after: NO_LATENCY };

export const NOTHING_YET: LoadFigures = {
  calls: { made: 0, lost: 0, wrong: 0 },
  connections: { made: 0, refused: 0, reset: 0, retried: 0, longestGapMs: 0 },
  callLatency: NO_LATENCIES,
  openLatency: NO_LATENCIES,
  failures: [],
};

/** The failures by kind and code, as `3 x call: ServerTooBusy`; `none` when there are none. */
export function showFailures(failures: readonly Failure[]): string {
  const counts = new Map<string, number>();
  for (const { what, code } of failures) {
    const key = `${what}: ${code}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const shown = [...counts].map(([key, count]) => `${count} x ${key}`);
  return shown.length === 0 ? 'none' : shown.join(', ');
}
